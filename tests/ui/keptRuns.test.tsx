import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { sealOf } from '../../src/config/permalink.ts';
import * as files from '../../src/ui/kit/files.ts';
import { renderPage } from './render.tsx';

/** The reader of files is loaded with the first of them. */
const PATIENCE = { timeout: 15_000 };

const chosen = { files: [] as File[] };
vi.spyOn(files, 'askForFiles').mockImplementation(async () => chosen.files);

/** The page after 20 steps, with the runs of some files. */
async function pageWith(files: Readonly<Record<string, string>>) {
  const test = await trainedPage();
  chosen.files = Object.entries(files).map(([name, text]) => new File([text], `${name}.csv`));
  await test.press('Add CSV…');
  await vi.waitFor(() => expect(test.runs()).toHaveLength(chosen.files.length), PATIENCE);
  await act(async () => {});
  const chart = screen.getByRole('slider', { name: 'Step cursor of Loss' });
  const key = (name: string, more = {}) => fireEvent.keyDown(chart, { key: name, ...more });
  const tip = () =>
    within(chart)
      .getByText(/^(step|[\d.]+[KM]? tokens)/)
      .closest('.tip');
  return { ...test, chart, key, tip };
}

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
  expect(run?.columns.ce?.values).toHaveLength(20);
  const { B, S } = lab.config.getState().experiment.batch;
  expect(run?.tokensPerStep).toBe(B * S);
  const link = within(panel).getByRole('link', { name: 'settings' });
  expect(link.getAttribute('href')).toBe(`#${run?.link}`);
  expect(sealOf(run?.link ?? '')).toBe('whole');
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

it('shows the name that a kept run was given elsewhere, and leaves it alone', async () => {
  const { press, runs, panel, lab } = await trainedPage();
  await press('Keep run');
  // As the library does it.
  act(() => lab.kept.getState().change(runs()[0]?.id ?? '', { name: 'baseline' }));
  const name = within(panel).getByRole<HTMLInputElement>('textbox');
  fireEvent.blur(name);
  expect([name.value, runs()[0]?.name]).toEqual(['baseline', 'baseline']);
});

it('adds curves of other programs, and names the file that holds none', async () => {
  const { press, runs, lab } = await trainedPage();
  chosen.files = [
    new File(['step,loss\n1,4\n2,3\n'], 'torch.csv'),
    new File(['step,accuracy\n1,4\n'], 'wrong.csv'),
  ];
  await press('Add CSV…');
  await vi.waitFor(
    () => expect(lab.view.getState().toasts.at(-1)?.text).toMatch(/wrong\.csv: .*accuracy/),
    PATIENCE,
  );
  expect(runs().map(({ name }) => name)).toEqual(['torch']);
});

it('shows by keyboard what a pointer shows: sparse runs with their last value and its step', async () => {
  const { lab, key, tip, chart } = await pageWith({
    dense: `step,loss\n${Array.from({ length: 100 }, (_, i) => `${i + 1},2\n`).join('')}`,
    sparse: 'step,loss\n0,4\n50,3.1\n100,3\n',
  });
  act(() => lab.view.getState().set({ smoothing: 0.6, hover: 74 }));
  expect(chart.querySelector('.tip')).toBeNull();
  key('ArrowRight');
  const text = tip()?.textContent ?? '';
  expect(text).toMatch(/^step 75/);
  expect(text).toMatch(/dense, raw2.000/);
  expect(text).toMatch(/sparse, raw3.100 at step 50/);
  expect(text).toMatch(/sparse, smoothed3.100 at step 50/);
  expect(chart.getAttribute('aria-valuetext')).toContain('sparse, raw 3.100 at step 50');
  key('Escape');
  expect(chart.querySelector('.tip')).toBeNull();
});

it('moves the cursor by every key that a slider has', async () => {
  const { lab, key, chart } = await pageWith({ far: 'step,loss\n0,4\n1000,3\n' });
  const at = () => lab.view.getState().hover;
  act(() => lab.view.getState().set({ hover: 500 }));
  const places = ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'End', 'Home'].map((name) => {
    key(name);
    return at();
  });
  expect(places.slice(0, 2)).toEqual([501, 500]);
  expect(places[2]).toBeGreaterThan(510);
  expect(places.slice(3)).toEqual([500, 1000, 0]);
  expect([chart.getAttribute('aria-valuemin'), chart.getAttribute('aria-valuemax')]).toEqual([
    '0',
    '1000',
  ]);
});

it('shows the whole run again at a double click, and pins no step by it', async () => {
  const { lab, chart } = await pageWith({});
  const { view } = lab;
  act(() => view.getState().set({ zoom: [5, 10], scrub: 7 }));
  fireEvent.click(chart, { detail: 1 });
  expect(view.getState().scrub).not.toBe(7);
  fireEvent.click(chart, { detail: 2 });
  fireEvent.doubleClick(chart);
  expect(view.getState()).toMatchObject({ zoom: null, scrub: 7 });
  act(() => view.getState().set({ scrub: null }));
  for (const detail of [1, 2]) fireEvent.click(chart, { detail });
  fireEvent.doubleClick(chart);
  expect(view.getState().scrub).toBeNull();
});

it('draws, lists and tells the validation of a file, and says that a run was resumed', async () => {
  const { panel, key, tip, press } = await pageWith({
    again: 'step,loss,val_loss\n1,4,5\n9,3,4\n5,2,4.5\n',
  });
  within(panel).getByText('resumed at 5');
  within(panel).getByRole('img', { name: 'with validation, dashed' });
  const legend = () => screen.queryByText('other runs’ validation', { selector: '.legend span' });
  expect(legend()).not.toBeNull();
  key('End');
  expect(tip()?.textContent).toMatch(/again, validation4.500 at step 5/);
  await press('Show again');
  expect(legend()).toBeNull();
});

it('places runs on an axis of tokens by what they know, leaves out the others and says so', async () => {
  const { lab, panel, key, tip } = await pageWith({
    placed: 'step,loss,tokens\n1,4,1000\n2,3,20480\n',
    unknown: 'step,loss\n1,4\n2,3\n',
  });
  expect(within(panel).queryByText('no tokens')).toBeNull();
  act(() => lab.view.getState().set({ xUnit: 'tokens' }));
  const mark = within(panel).getByText('no tokens');
  expect(within(mark.closest('li') ?? panel).getByDisplayValue('unknown')).toBeTruthy();
  key('End');
  expect(tip()?.textContent).toMatch(/^20.5K tokens/);
  expect(tip()?.textContent).toContain('placed, raw3.000');
  expect(tip()?.textContent).not.toContain('unknown');
});

it('draws the run before this one where its kept copy stands, also on an axis of tokens', async () => {
  const { lab, press, key, tip } = await pageWith({});
  await press('Keep run');
  const { B } = lab.config.getState().experiment.batch;
  await act(() => lab.commands.edit({ 'batch.B': 2 * B }));
  await act(() => lab.commands.applyPending());
  act(() => lab.view.getState().set({ xUnit: 'tokens', zoom: [0, 40] }));
  act(() => lab.view.getState().set({ hover: 5 }));
  key('ArrowRight');
  const rows = Object.fromEntries(
    [...(tip()?.querySelectorAll('dt') ?? [])].map((row) => [
      row.textContent,
      row.nextElementSibling?.textContent,
    ]),
  );
  const [kept] = lab.kept.getState().runs;
  expect(rows['previous run, raw']).toBeTruthy();
  expect(rows[`${kept?.name}, raw`]).toBe(rows['previous run, raw']);
  // Six of the new batches are twelve of the old.
  const twelfth = kept?.columns.ce?.values[11] ?? Number.NaN;
  expect(rows['previous run, raw']).toBe(twelfth.toFixed(3));
});

it('says why a button cannot be used', async () => {
  await renderPage();
  const keep = screen.getByRole('button', { name: 'Keep run' });
  expect(keep).toHaveProperty('disabled', true);
  expect(keep.title).toMatch(/no curve to keep yet/);
});

it('names all runs of a file that have no room', async () => {
  const titles = Array.from({ length: 14 }, (_, i) => `run ${i} - loss`);
  const cells = titles.map(() => '1');
  chosen.files = [new File([`step,${titles.join(',')}\n1,${cells.join(',')}\n`], 'sweep.csv')];
  const { press, runs, lab } = await trainedPage();
  await press('Add CSV…');
  await vi.waitFor(() => expect(runs()).toHaveLength(12), PATIENCE);
  expect(lab.view.getState().toasts.at(-1)?.text).toMatch(
    /sweep.csv: it holds 14 runs; 12 of them fit/,
  );
});
