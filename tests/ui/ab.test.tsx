import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { pairInterval } from '../../src/analysis/compare/pairs.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { NO_REPORTS } from '../../src/runs/record.ts';
import { makeRow } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { BESIDE_ABOVE } from './fakeBeside.ts';
import { renderPage } from './render.tsx';

async function page(options: Parameters<typeof renderPage>[0] = {}) {
  const test = await renderPage({ room: 'runs', ...options });
  const panel = screen.getByRole('region', { name: 'A/B' });
  const press = (name: string) => fireEvent.click(within(panel).getByRole('button', { name }));
  const choose = (value: string) =>
    fireEvent.change(within(panel).getByLabelText('Side B'), { target: { value } });
  const opened = () => within(panel).findByRole('button', { name: /both$/ });
  const figure = (name: RegExp) =>
    within(panel).getByText(name).closest('div')?.querySelector('dd')?.textContent;
  return { ...test, panel, press, choose, opened, figure };
}

const openedWith = ({ trainer }: Awaited<ReturnType<typeof page>>) =>
  trainer.calls
    .filter(([name]) => name === 'openBeside')
    .map(([, given]) => given as { experiment: Experiment });

const OTHER: Experiment = {
  ...DEFAULTS_V1,
  optimizer: { ...DEFAULTS_V1.optimizer, lr: 0.0123 },
};

describe('A/B', () => {
  it('opens the form’s edits beside the open run, and gives the form back to side A', async () => {
    const test = await page();
    await act(() => test.lab.commands.start());
    await act(() => test.lab.commands.pause());
    act(() => test.lab.config.getState().edit({ 'model.D': 96 }));
    test.press('Open side B');
    await test.opened();
    expect(openedWith(test)[0]?.experiment.model.D).toBe(96);
    const { experiment, running } = test.lab.config.getState();
    expect(experiment.model.D).toBe(running?.model.D);
  });

  it('opens side A where none is open', async () => {
    const test = await page();
    test.press('Open side B');
    await test.opened();
    expect(test.called().filter((name) => /^open/.test(name))).toEqual(['open', 'openBeside']);
  });

  it('shows both losses, their difference and its interval while they train', async () => {
    const test = await page();
    test.press('Open side B');
    await test.opened();
    expect(test.figure(/^95 % interval/)).toBe('–');
    test.press('Start both');
    await waitFor(() => expect(test.called()).toContain('start'));
    act(() => {
      test.trainer.advance(12);
      test.trainer.advanceBeside(10);
    });
    const differences = Array.from({ length: 10 }, (_, i) => BESIDE_ABOVE[i % 2]!);
    const { mean, half } = pairInterval(differences)!;
    await waitFor(() => expect(test.figure(/mean of 10 pairs/)).toBe(`+${mean.toFixed(4)}`));
    expect(test.figure(/^95 % interval/)).toBe(
      `+${(mean - half).toFixed(4)} to +${(mean + half).toFixed(4)}`,
    );
    const loss = (log: typeof test.lab.beside) => log.getState().metrics.at('ce', 10).toFixed(3);
    expect(test.figure(/^B, step 10/)).toBe(loss(test.lab.beside));
    act(() => {
      test.trainer.advance(198);
      test.trainer.advanceBeside(200);
    });
    await waitFor(() => expect(test.figure(/mean of 100 pairs/)).toBeTruthy());
    test.press('Pause both');
    await waitFor(() => expect(test.called().at(-1)).toBe('pause'));
  });

  it('says which settings keep a link’s experiment out, and opens one that fits', async () => {
    const test = await page();
    test.choose('link');
    const field = within(test.panel).getByLabelText('Link of side B');
    const button = within(test.panel).getByRole('button', { name: 'Open side B' });
    expect(button).toHaveProperty('disabled', true);
    const other = { ...OTHER, batch: { ...OTHER.batch, B: 3 } };
    fireEvent.change(field, { target: { value: `https://host/#${encodeLink(other)}` } });
    const { B } = DEFAULTS_V1.batch;
    expect(within(test.panel).getByRole('status').textContent).toContain(
      `(batch.B) is ${B} in A and 3 in B.`,
    );
    expect(button).toHaveProperty('disabled', true);
    fireEvent.change(field, { target: { value: encodeLink(OTHER) } });
    expect(within(test.panel).getByRole('status').textContent).toBe('');
    fireEvent.click(button);
    await test.opened();
    expect(openedWith(test)[0]?.experiment.optimizer.lr).toBe(0.0123);
  });

  it('opens the experiment of a run of the library', async () => {
    const row = makeRow('one', { name: 'Hot', experiment: OTHER });
    const parts = { curves: {}, records: [], ...NO_REPORTS };
    const test = await page({ library: fakeLibrary([{ row, parts }]) });
    await within(test.panel).findByRole('option', { name: 'Hot' });
    test.choose('one');
    test.press('Open side B');
    await test.opened();
    expect(within(test.panel).getByRole('status').textContent).toContain('B, Hot,');
    expect(openedWith(test)[0]?.experiment).toEqual(OTHER);
  });

  it('says what the worker refused, and keeps the choice', async () => {
    const test = await page();
    test.choose('link');
    const field = within(test.panel).getByLabelText('Link of side B');
    fireEvent.change(field, { target: { value: encodeLink(OTHER) } });
    test.trainer.failNext('openBeside', 'ModelTooLarge', 'Beside A, which holds 3 GiB: no memory.');
    test.press('Open side B');
    await within(test.panel).findByText(/Beside A, which holds 3 GiB/);
    expect(within(test.panel).getByLabelText('Side B')).toHaveProperty('value', 'link');
    expect(within(test.panel).getByLabelText('Link of side B')).toHaveProperty(
      'value',
      encodeLink(OTHER),
    );
  });

  it('ends with side B, with a run that takes the place of side A, and begins anew with a reset', async () => {
    const test = await page();
    test.press('Open side B');
    await test.opened();
    act(() => test.trainer.advanceBeside(3));
    expect(test.lab.beside.getState().metrics.length).toBe(3);
    act(() => test.trainer.stateBeside('ready'));
    expect(test.lab.beside.getState().metrics.length).toBe(0);
    test.press('Close side B');
    await within(test.panel).findByLabelText('Side B');
    expect(test.called()).toContain('closeBeside');
    test.press('Open side B');
    await test.opened();
    await act(() => test.lab.commands.cancel());
    await within(test.panel).findByLabelText('Side B');
  });
});
