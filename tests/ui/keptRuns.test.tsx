import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { renderPage } from './render.tsx';

vi.mock(import('../../src/ui/files.ts'), async (original) => ({
  ...(await original()),
  askForFiles: async () => [
    new File(['step,loss\n1,4\n2,3\n'], 'torch.csv'),
    new File(['step,accuracy\n1,4\n'], 'wrong.csv'),
  ],
}));

async function trainedPage() {
  const test = await renderPage();
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(20));
  const panel = screen.getByLabelText('Kept runs');
  const press = (name: string | RegExp) =>
    act(async () => {
      fireEvent.click(within(panel).getByRole('button', { name }));
    });
  return { ...test, panel, press, runs: () => test.lab.kept.getState().runs };
}

it('keeps the run as it stands with the link that makes it again', async () => {
  const { press, runs, trainer, panel, lab } = await trainedPage();
  await press('Keep run');
  act(() => trainer.advance(5));
  const [run] = runs();
  expect(run?.columns.ce).toHaveLength(20);
  const { B, S } = lab.config.getState().experiment.batch;
  expect(run?.tokensPerStep).toBe(B * S);
  const link = within(panel).getByRole('link', { name: 'settings' });
  expect(link.getAttribute('href')).toBe(`#${run?.link}`);
});

it('renames, hides and deletes a kept run', async () => {
  const { press, runs, panel } = await trainedPage();
  await press('Keep run');
  const name = within(panel).getByRole('textbox');
  fireEvent.change(name, { target: { value: 'baseline' } });
  fireEvent.blur(name);
  expect(runs()[0]?.name).toBe('baseline');
  await press('Show baseline');
  expect(runs()[0]?.isVisible).toBe(false);
  await press('Delete baseline');
  expect(runs()).toEqual([]);
});

it('adds curves of other programs, and names the file that holds none', async () => {
  const { press, runs, lab } = await trainedPage();
  await press('Add CSV…');
  await vi.waitFor(() =>
    expect(lab.view.getState().toasts.at(-1)?.text).toMatch(/wrong\.csv: .*accuracy/),
  );
  expect(runs().map(({ name }) => name)).toEqual(['torch']);
});
