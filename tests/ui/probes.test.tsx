import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Trials } from '../../src/analysis/probes/results.ts';
import { PROBE_ROWS } from '../../src/analysis/probes/table.ts';
import type { Library } from '../../src/runs/library.ts';
import { createInstruments } from '../../src/state/looks/instruments.ts';
import { formatFixed, formatPercent } from '../../src/ui/kit/format.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { PROBE_SEED, RAW_EVERY } from '../support/rawRuns.ts';
import { trainedProbes } from '../support/rawTrained.ts';
import { madeProbes } from '../support/reports.ts';
import { renderPage } from './render.tsx';

async function openProbes(options: { library?: Library } = {}) {
  const test = await renderPage({ room: 'data', ...options });
  const panel = await screen.findByLabelText('Probe tasks');
  const cells = (id: string) =>
    [...panel.querySelectorAll(`[data-task="${id}"] td`)].map((cell) => cell.textContent);
  const type = (label: string, value: string) => {
    const field = within(panel).getByLabelText(label);
    fireEvent.change(field, { target: { value } });
    fireEvent.blur(field);
  };
  const button = (name: string) => within(panel).getByRole('button', { name });
  const { library } = test.lab;
  const show = (run: string) => act(() => library.getState().show(run));
  return { ...test, panel, cells, type, button, show };
}

it('asks the open run, and shows what it answered with interval, chance and items', async () => {
  const { lab, trainer, panel, cells, type, button } = await openProbes();
  expect(button('Ask now').getAttribute('aria-disabled')).toBe('true');
  await act(() => lab.commands.start());
  act(() => trainer.advance(12));
  expect(panel.textContent).toContain('No probe tasks were answered yet');
  type('Seed of the items', '7');
  type('Items of each task and domain, at most', '16');
  fireEvent.click(button('Ask now'));
  await waitFor(() => expect(panel.querySelectorAll('tbody tr')).toHaveLength(PROBE_ROWS.length));
  expect(trainer.calls).toContainEqual(['probeTasks', { seed: 7, items: 16 }]);
  // Two of four, as the made answers have it.
  expect(cells('cloze4')).toEqual(['50.0%', '15.0% … 85.0%', '25.0%', '2 of 4']);
  expect(cells('induction')[2]).toContain('12.5');
  expect(panel.textContent).toContain('steps 11 to 12, seed 7');
  expect(panel.textContent).toContain('0.250 nats');
  fireEvent.change(within(panel).getByLabelText('Domain'), { target: { value: 'prose' } });
  expect(cells('induction')).toEqual(['–', '–', '–', '–']);
  expect(cells('lastWord')[3]).toBe('2 of 4');
});

it('shows what the command answered for a small run, task by task and domain by domain', async () => {
  const { lab, trainer, panel, cells } = await openProbes();
  await act(() => lab.commands.start());
  const results = trainedProbes();
  const step = 2 * RAW_EVERY;
  const at = { from: step, step, seed: PROBE_SEED, items: 64 };
  act(() => trainer.emit({ type: 'probes', probes: { ...at, results } }));
  const { lastWord, arithmetic, induction, cloze4, domainChoice } = results;
  const percent = (value: number | null) => (value === null ? '–' : formatPercent(value));
  const wanted = ({ accuracy, low, high, chance, correct, of }: Trials) => [
    percent(accuracy),
    low === null ? '–' : `${percent(low)} … ${percent(high)}`,
    percent(chance),
    `${correct} of ${of}`,
  ];
  const shown = {
    ...{ lastWord, arithmetic, induction },
    ...{ cloze4: cloze4.perToken, 'cloze4.perCharacter': cloze4.perCharacter },
    ...{
      domainChoice: domainChoice.perToken,
      'domainChoice.perCharacter': domainChoice.perCharacter,
    },
  };
  expect(PROBE_ROWS.map(({ id }) => id).sort()).toEqual(Object.keys(shown).sort());
  for (const [id, of] of Object.entries(shown)) expect(cells(id), id).toEqual(wanted(of));
  expect(cloze4.perToken.correct).toBeGreaterThan(0);
  expect(panel.textContent).toContain(`falls by ${formatFixed(induction.gain!, 3)} nats`);
  fireEvent.change(within(panel).getByLabelText('Domain'), { target: { value: 'code' } });
  for (const [id, of] of Object.entries<Trials & { byDomain?: Record<string, Trials> }>(shown))
    expect(cells(id), id).toEqual(of.byDomain ? wanted(of.byDomain.code!) : ['–', '–', '–', '–']);
});

it('shows how far it is, and cancels', async () => {
  const { lab, trainer, panel, button } = await openProbes();
  await act(() => lab.commands.start());
  act(() => trainer.emit({ type: 'probing', probing: { done: 0, total: 0 } }));
  expect(panel.textContent).toContain('The items are made');
  act(() => trainer.emit({ type: 'probing', probing: { done: 3, total: 40 } }));
  expect(within(panel).getByLabelText('Items of the probe tasks').getAttribute('value')).toBe('3');
  expect(panel.textContent).toContain('3 of 40 items');
  fireEvent.click(button('Cancel'));
  await waitFor(() => expect(trainer.calls).toContainEqual(['cancelProbes', undefined]));
  act(() => trainer.emit({ type: 'probing', probing: null }));
  expect(button('Ask now').getAttribute('aria-disabled')).not.toBe('true');
});

it('tells the trainer how often, and no more than once', async () => {
  const { trainer, type } = await openProbes();
  const told = () => trainer.calls.filter(([name]) => name === 'probeEvery');
  expect(told()).toEqual([]);
  const label = 'Steps between two times that probe tasks are asked, 0 for never';
  type(label, '200');
  await waitFor(() =>
    expect(told()).toEqual([['probeEvery', { steps: 200, ask: { items: 64, seed: 1 } }]]),
  );
  type('Seed of the items', '2');
  type(label, '0');
  await waitFor(() => expect(told()).toHaveLength(3));
  expect(told().at(-1)).toEqual(['probeEvery', { steps: 0, ask: { items: 64, seed: 2 } }]);
  type('Seed of the items', '3');
  expect(told()).toHaveLength(3);
});

it('shows beside a second run what only one of the two got right', async () => {
  const { lab, trainer, panel, cells } = await openProbes();
  await act(() => lab.commands.start());
  act(() => trainer.emit({ type: 'probes', probes: madeProbes(4, 1, 1) }));
  expect(within(panel).queryByText('Only A')).toBeNull();
  act(() => lab.beside.setState({ probes: [madeProbes(4, 2, 4), madeProbes(4, 1, 3)] }));
  within(panel).getByText('Only A');
  expect(cells('cloze4').slice(-2)).toEqual(['0', '2']);
});

/** Three stored runs, of which the second has no checkpoint. */
function stored() {
  const checkpoints = [4, 8].map((step) => ({ step, bytes: 1, isPinned: false, at: 1 }));
  const all = [
    { row: makeRow('r1', { name: 'Wide', steps: 8, checkpoints }), parts: NO_PARTS },
    { row: makeRow('r2', { name: 'Bare', steps: 8 }), parts: NO_PARTS },
    { row: makeRow('r3', { name: 'Deep', steps: 8, checkpoints }), parts: NO_PARTS },
  ];
  return fakeLibrary(all);
}

it('asks a stored run at the checkpoint that is looked at, and stores what it answered', async () => {
  const library = stored();
  const { lab, trainer, panel, cells, button, show } = await openProbes({ library });
  await show('r1');
  await waitFor(() => expect(panel.textContent).toContain('This run answered no probe tasks yet'));
  expect(within(panel).queryByLabelText(/^Steps between/)).toBeNull();
  fireEvent.click(button('Ask now'));
  await waitFor(() => expect(cells('cloze4')[3]).toBe('2 of 4'));
  expect(panel.textContent).toContain('steps 7 to 8, seed 1');
  expect((await library.parts('r1')).probes).toHaveLength(1);
  const { sides } = lab.instruments(createInstruments);
  act(() => sides.getState().setStep(4));
  // Nothing was answered by then.
  await waitFor(() => expect(panel.textContent).toContain('This run answered no probe tasks yet'));
  fireEvent.click(button('Ask now'));
  await waitFor(() => expect(panel.textContent).toContain('steps 3 to 4, seed 1'));
  const ask = { items: 64, seed: 1 };
  const asked = trainer.calls.filter(([name]) => name === 'probeStored');
  expect(asked).toEqual([
    ['probeStored', { run: { run: 'r1', step: null }, ask }],
    ['probeStored', { run: { run: 'r1', step: 4 }, ask }],
  ]);
  // The checkpoint that is looked at stays when its answers come.
  expect(sides.getState().step).toBe(4);
  expect((await library.parts('r1')).probes.map(({ step }) => step)).toEqual([8, 4]);
});

it('asks both of two runs, and shows beside each other what they answered', async () => {
  const library = stored();
  const { lab, panel, button, show } = await openProbes({ library });
  await show('r1');
  const { sides } = lab.instruments(createInstruments);
  await act(() => sides.getState().compareWith({ run: 'r3', step: 4 }));
  fireEvent.click(button('Ask now'));
  const of = (name: string) => within(panel).getByRole('region', { name });
  await waitFor(() => expect(of('Deep, step 4').textContent).toContain('steps 3 to 4'));
  expect(of('Wide').textContent).toContain('steps 7 to 8');
  within(of('Wide')).getByText('Only A');
  expect(within(of('Deep, step 4')).queryByText('Only A')).toBeNull();
  for (const id of ['r1', 'r3']) expect((await library.parts(id)).probes).toHaveLength(1);
});

it('pairs no items of runs on other texts', async () => {
  const library = stored();
  const row = (await library.row('r3'))!;
  const { data } = row.experiment!;
  const other = { ...row.experiment!, data: { ...data, mix: { ...data.mix, code: 2 } } };
  await library.put({ ...row, experiment: other }, NO_PARTS, null);
  const { lab, panel, button, show } = await openProbes({ library });
  await show('r1');
  const { sides } = lab.instruments(createInstruments);
  await act(() => sides.getState().compareWith({ run: 'r3', step: 4 }));
  fireEvent.click(button('Ask now'));
  await waitFor(() =>
    expect(within(panel).getByRole('region', { name: 'Deep, step 4' }).textContent).toContain(
      'steps 3 to 4',
    ),
  );
  expect(within(panel).queryByText('Only A')).toBeNull();
});

it('says of a stored run what keeps it from being asked, and what was not stored', async () => {
  const library = stored();
  const { trainer, panel, cells, button, show } = await openProbes({ library });
  await show('r2');
  await waitFor(() => expect(panel.textContent).toContain('no checkpoint of it is stored'));
  expect(button('Ask now').getAttribute('aria-disabled')).toBe('true');
  await show('r1');
  trainer.failNext('probeStored', 'ConfigInvalid', 'Its text is gone.');
  fireEvent.click(button('Ask now'));
  await waitFor(() =>
    expect(within(panel).getByRole('alert').textContent).toBe('Its text is gone.'),
  );
  library.failNext('putProbes', 'the storage is full');
  fireEvent.click(button('Ask now'));
  await screen.findByText('The answers were not stored: the storage is full');
  expect(within(panel).queryByRole('alert')).toBeNull();
  expect(cells('cloze4')[3]).toBe('2 of 4');
});

it('shows how far a stored run is, and cancels', async () => {
  const library = stored();
  const { trainer, panel, button, show } = await openProbes({ library });
  await show('r1');
  let end: (error: Error) => void = () => {};
  trainer.probeStored = (_run, _ask, onItems) => {
    onItems({ done: 3, total: 40 });
    return new Promise((_, reject) => {
      end = reject;
    });
  };
  await waitFor(() => button('Ask now'));
  fireEvent.click(button('Ask now'));
  await waitFor(() => expect(panel.textContent).toContain('Wide: 3 of 40 items'));
  expect(button('Cancel').getAttribute('aria-disabled')).not.toBe('true');
  fireEvent.click(button('Cancel'));
  expect(trainer.calls).toContainEqual(['cancelStored', undefined]);
  end(new Error('The probe tasks were cancelled.'));
  await waitFor(() => button('Ask now'));
  expect(within(panel).queryByRole('alert')).toBeNull();
});
