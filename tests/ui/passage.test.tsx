import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { FIGURES } from '../../src/analysis/figures.ts';
import type { Inspection, Intervention } from '../../src/analysis/inspection.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { lookOf } from '../../src/state/looks/looked.ts';
import { cellText, type FigureCell, tableCsv } from '../../src/ui/kit/figure/table.ts';
import { lineMove, linesOf, tokenAt } from '../../src/ui/views/passage/lines.ts';
import { passageTable } from '../../src/ui/views/passage/passageTable.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import type { TestLab } from '../state/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { rawRun, sequencesOf } from '../support/rawPass.ts';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { tableOf } from './figureFiles.ts';
import { renderPage } from './render.tsx';

const TITLE = 'Token by token';

const MIXED: Experiment = applyChange(DEFAULTS_V1, {
  'experts.slots': [
    { kind: 'ffn', hidden: 96 },
    { kind: 'ffn', hidden: 32 },
    { kind: 'zero' },
    { kind: 'copy' },
  ],
  'batch.B': 2,
  'batch.S': 16,
});
const CHECKPOINT = { step: 7, bytes: 1, isPinned: false, at: 1 };

const panel = () => within(screen.getByRole('region', { name: TITLE }));
const grid = () => panel().getByRole('grid', { name: /by token/ });

/** The room with a run that is open and paused, and its passage. */
async function open(options: Parameters<typeof renderPage>[0] = {}): Promise<TestLab> {
  const test = await renderPage({ room: 'text', experiment: MIXED, ...options });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  await waitFor(() => grid());
  return test;
}

async function passOf({ lab, trainer }: TestLab, whatIf?: readonly Intervention[]) {
  const of = { sequence: 0, text: null };
  const ask = whatIf === undefined ? { of } : { of, whatIf };
  const { step, inspection, whatIf: changed } = await trainer.inspect('pass', ask);
  const { texts } = await trainer.inspect('vocabulary', null);
  return { inspection, changed, look: lookOf(lab, step, inspection, texts), step };
}

const pathsOf = (inspection: Inspection) => ({
  tokens: FIGURES.tokens.compute({ inspection }, {}),
  workload: FIGURES.workload.compute({ inspection }, {}),
});

/** Passes that were asked, the latest last. */
function asked({ trainer }: TestLab) {
  return trainer.calls.flatMap(([name, of]) => {
    const { kind, ask, subject } = (of ?? {}) as {
      kind: string;
      ask: { whatIf?: unknown };
      subject: unknown;
    };
    return name === 'inspect' && kind === 'pass' ? [{ ask, subject }] : [];
  });
}

async function pin(token: number): Promise<void> {
  const cells = grid();
  fireEvent.focus(cells);
  fireEvent.keyDown(cells, { key: 'Home' });
  for (let i = 0; i < token; i++) fireEvent.keyDown(cells, { key: 'ArrowRight' });
  fireEvent.keyDown(cells, { key: 'Enter' });
  await waitFor(() =>
    panel().getByRole('table', { name: `Path of token ${token} by layer and rank` }),
  );
}

const press = (name: string | RegExp) => fireEvent.click(panel().getByRole('button', { name }));
/** The number beside a name. */
const numberOf = (name: string) =>
  panel()
    .getByRole('button', { name: `${name}: explain` })
    .closest('div')
    ?.querySelector('dd')?.textContent;

it('shows the numbers of the figures of a raw export, in the table and as CSV', async () => {
  const test = await open({ experiment: RAW_RUNS['moepp-8+4'] });
  const { look, step } = await passOf(test);
  const inspection = sequencesOf(rawRun('moepp-8+4').inspection, [0]);
  expect(look.tokens).toHaveLength(inspection.S);
  const table = passageTable({ look, step, paths: pathsOf(inspection), what: null });
  const [, ...rows] = await tableOf(screen.getByRole('region', { name: TITLE }), 'Loss, by token');
  // The last row stands for those that the box does not show.
  const seen = rows.filter((row) => row.length > 1);
  expect(seen.length).toBeGreaterThan(10);
  const wanted = table.rows.slice(0, seen.length);
  const text = (value: FigureCell, c: number) => cellText(value, table.columns[c]?.format);
  expect(seen).toEqual(wanted.map((row) => row.map(text)));
  // Against the raw export itself, counted by hand and at full precision.
  const records: Record<string, string>[] = parse(tableCsv(table), { columns: true });
  expect(records).toHaveLength(inspection.S);
  const near = (text: string | undefined, value: number) =>
    expect(Math.abs(Number(text) - value)).toBeLessThan(1e-12);
  for (const [u, record] of records.entries()) {
    near(record.Loss, inspection.ce[u]!);
    let sum = 0;
    for (const { layer, W, kinds, hidden, ...of } of inspection.layers) {
      const at = (name: string) => record[`Layer ${layer}: ${name}`];
      const slots = [...of.selected.subarray(u * W, u * W + W)];
      for (const [w, slot] of slots.entries()) {
        expect(Number(at(`Slots by rank, rank ${w}`))).toBe(slot);
        expect(Number(at(`Dropped, rank ${w}`))).toBe(of.dropped[u * W + w]);
        near(at(`Routing weights, rank ${w}`), of.gates[u * W + w]!);
        near(at(`Norms, rank ${w}`), of.norms[u * W + w]!);
      }
      const computing = slots.filter((slot) => kinds[slot] === 'ffn').length;
      expect(Number(at('Computing experts'))).toBe(computing);
      expect(Number(at('Width'))).toBe(slots.reduce((n, slot) => n + hidden[slot]!, 0));
      sum += computing;
    }
    near(record['Computing experts of a token'], sum / inspection.layers.length);
  }
});

it('is one stop of the tab key, whose arrow keys go from token to token', async () => {
  const test = await open();
  const { look, inspection } = await passOf(test);
  const cells = grid();
  expect(cells.tabIndex).toBe(0);
  expect(within(cells).getAllByRole('gridcell')).toHaveLength(1);
  fireEvent.focus(cells);
  for (let i = 0; i < 3; i++) fireEvent.keyDown(cells, { key: 'ArrowRight' });
  const read = within(cells).getByRole('gridcell').textContent!;
  expect(read).toContain('token 3 ');
  expect(read).toContain(`loss ${inspection.ce[3]!.toFixed(3)}`);
  for (const { layer } of look.layers) expect(read).toContain(`layer ${layer}, slots`);
  fireEvent.keyDown(cells, { key: 'End' });
  expect(within(cells).getByRole('gridcell').textContent).toContain('token 15 ');
  await waitFor(() => panel().getByText(/^Token 15, then/));
  fireEvent.keyDown(cells, { key: 'Enter' });
  await waitFor(() => panel().getByText(/^Pinned: token 15/));
  press('Unpin');
  expect(panel().queryByText(/^Pinned/)).toBeNull();
});

it('moves between lines to the token that stands nearest', () => {
  const lines = linesOf(['aa', 'bb', 'cc\u21b5', 'd', 'eeeeee', 'f'], [], {
    width: 200,
    height: 20,
  });
  expect(lines.line).toEqual([0, 0, 0, 1, 1, 1]);
  expect(lineMove(lines, 'ArrowDown', 0)).toEqual({ row: 0, column: 3 });
  expect(lineMove(lines, 'ArrowUp', 4)?.column).toBe(1);
  expect(lineMove(lines, 'ArrowDown', 5)?.column).toBe(5);
  expect(lineMove(lines, 'ArrowLeft', 5)).toBeNull();
  const { x, y } = lines.boxes[4]!;
  expect(tokenAt(lines, x + 1, y + 1)).toEqual({ row: 0, column: 4 });
  expect(tokenAt(lines, 199, 1)).toBeNull();
});

it('asks what would be, in one turn of the live run, and shows the path with beside without', async () => {
  const test = await open();
  await pin(5);
  press('Mask');
  press('Flip sign');
  const { inspection } = await passOf(test);
  const slot = inspection.layers[0]!.selected[5 * 2]!;
  const items: Intervention[] = [0, -1].map((factor) => ({
    ...{ type: 'scale', layer: 0, token: 5, slot, factor },
  }));
  const list = panel().getByRole('list', { name: /What is asked/ });
  expect(within(list).getAllByRole('listitem')).toHaveLength(2);
  const { changed } = await passOf(test, items);
  const expected = FIGURES.interventions.compute(
    { inspection, losses: [changed!.ce] },
    { items, of: 5 },
  ).values;
  expect(expected.own).toBeCloseTo(0.22, 5);
  await waitFor(() => expect(numberOf('Change of this token')).toBe(`+${expected.own.toFixed(3)}`));
  expect(Number(numberOf('Change of later tokens'))).toBeCloseTo(expected.later, 4);
  expect(Number(numberOf('Change of the passage'))).toBeCloseTo(expected.passage, 4);
  const [first] = panel()
    .getByRole('table', { name: 'Path of token 5 by layer and rank' })
    .querySelectorAll('tbody tr');
  const cells = [...first!.querySelectorAll('td')].map((cell) => cell.textContent);
  expect(cells.slice(4, 6)).toEqual([inspection.layers[0]!.norms[10]!.toFixed(3), 'kept']);
  expect(cells.slice(8, 10)).toEqual(['0.000', 'kept']);
  // One pass answers with both, and no copy is taken.
  const questions = asked(test).filter(({ ask }) => ask.whatIf !== undefined);
  expect(questions[0]).toMatchObject({ subject: 'live', ask: { whatIf: items } });
  expect(test.called()).not.toContain('takeCopy');
  fireEvent.change(panel().getByLabelText('Shade by'), { target: { value: 'delta' } });
  await waitFor(() => panel().getByRole('grid', { name: /Change of the loss, by token/ }));
  fireEvent.click(within(list).getAllByRole('button', { name: /^Remove/ })[0]!);
  await waitFor(() => expect(numberOf('Change of this token')).toBe('+0.110'));
});

it('asks again when the run goes on, and drops what is asked of a token with its passage', async () => {
  const test = await open();
  await pin(2);
  press('Mask');
  await waitFor(() => panel().getByText(/^Nats, at step/));
  act(() => test.trainer.advance(3));
  const step = test.lab.run.getState().step;
  await waitFor(() => panel().getByText(new RegExp(`^Nats, at step ${step}`)));
  fireEvent.click(panel().getByRole('button', { name: 'Remove the kind' }));
  press('Another one');
  await waitFor(() => expect(panel().queryByText(/^Pinned/)).toBeNull());
  const list = panel().getByRole('list', { name: /What is asked/ });
  expect(within(list).getAllByRole('listitem')).toHaveLength(1);
  await waitFor(() => expect(numberOf('Change over all')).toBe('+0.01'));
});

it('says by the item what the model refuses, with its numbers', async () => {
  await open();
  await pin(4);
  fireEvent.change(panel().getByLabelText('Slot for rank 0'), { target: { value: '1' } });
  press('Force');
  press('Remove the kind');
  const list = panel().getByRole('list', { name: /What is asked/ });
  await waitFor(() =>
    expect(within(list).getAllByRole('listitem')[0]?.textContent).toContain(
      'Intervention 0 (force): slot 1 of layer 0 is not left; left: 2, 3',
    ),
  );
  expect(panel().getByText('Refused: see the list.')).toBeTruthy();
  fireEvent.click(within(list).getAllByRole('button', { name: /^Remove/ })[0]!);
  await waitFor(() => expect(numberOf('Change of this token')).toBe('+0.01'));
});

it('keeps only some slots of a layer, and takes any factor', async () => {
  const test = await open();
  fireEvent.change(panel().getByLabelText('Layers that are changed'), { target: { value: '1' } });
  fireEvent.click(panel().getByLabelText('0: E₀, 96 wide'));
  press('Keep only these');
  await pin(7);
  const factor = panel().getByLabelText('Factor');
  fireEvent.change(factor, { target: { value: '2.5' } });
  fireEvent.keyDown(factor, { key: 'Enter' });
  press('× 2.5');
  await waitFor(() => panel().getByText(/^Nats, at step/));
  const { inspection } = await passOf(test);
  const slot = inspection.layers[0]!.selected[14];
  const items = [
    { type: 'keepOnly', layer: 1, slots: [1, 2, 3] },
    { type: 'scale', layer: 0, token: 7, slot, factor: 2.5 },
  ];
  await waitFor(() => expect(asked(test).map(({ ask }) => ask.whatIf)).toContainEqual(items));
  panel().getByText(/^Layer 1: only E₁ \(slot 1\), ∅ \(slot 2\), = \(slot 3\) left/);
});

it('says of a factor that it has no effect where the token does not hold the slot', async () => {
  const test = await open();
  await pin(6);
  const { inspection } = await passOf(test);
  const held = [...inspection.layers[0]!.selected.subarray(12, 14)];
  press('Mask');
  await waitFor(() => panel().getByText(/^Nats, at step/));
  expect(panel().queryByText(/^No effect/)).toBeNull();
  const other = [0, 1, 2, 3].find((slot) => !held.includes(slot))!;
  const choice = panel().getByLabelText('Slot for rank 0');
  fireEvent.change(choice, { target: { value: String(other) } });
  press('Force');
  const list = panel().getByRole('list', { name: /What is asked/ });
  await waitFor(() => within(list).getByText(/^No effect at step/));
  expect(within(list).getAllByRole('listitem')[0]?.textContent).toContain('No effect');
});

it('tells what every other slot would have been worth, on a copy that it lets go', async () => {
  const test = await open();
  await pin(3);
  press('Every other slot');
  await waitFor(() =>
    panel().getByRole('heading', { name: /^Every other slot at rank 0 of layer 0/ }),
  );
  const { inspection } = await passOf(test);
  const held = inspection.layers[0]!.selected[3 * 2]!;
  const bars = panel().getByRole('grid', { name: /^Values of Every other slot/ });
  expect(bars.getAttribute('aria-rowcount')).toBe('3');
  const slots = [0, 1, 2, 3].filter((slot) => slot !== held);
  for (const slot of slots) {
    const items: Intervention[] = [{ type: 'force', layer: 0, token: 3, rank: 0, slot }];
    const { changed } = await passOf(test, items);
    const { own } = FIGURES.interventions.compute(
      { inspection, losses: [changed!.ce] },
      { items, of: 3 },
    ).values;
    expect(within(bars).getByRole('gridcell').textContent).toContain(own.toFixed(3));
    fireEvent.keyDown(bars, { key: 'ArrowDown' });
  }
  expect(test.called().filter((name) => /Copy/.test(name))).toEqual(['takeCopy', 'letCopyGo']);
  press('Close');
  expect(panel().queryByRole('heading', { name: /^Every other slot/ })).toBeNull();
  // Cancelled at once, it shows nothing later.
  press('Every other slot');
  press('Cancel');
  await waitFor(() => expect(test.called().filter((name) => name === 'letCopyGo')).toHaveLength(2));
  expect(panel().queryByRole('heading', { name: /^Every other slot/ })).toBeNull();
});

it('reads a typed passage, and says how many tokens are possible', async () => {
  await open();
  fireEvent.change(panel().getByLabelText('Passage', { selector: 'select' }), {
    target: { value: 'typed' },
  });
  const box = panel().getByRole('textbox', { name: 'Passage' });
  expect(panel().getByText(/2\s… 17 tokens/)).toBeTruthy();
  fireEvent.change(box, { target: { value: 'Hello' } });
  await waitFor(() => panel().getByText(/5 tokens; 2/));
  fireEvent.change(box, { target: { value: 'H' } });
  await waitFor(() => panel().getByText('The passage has 1 tokens; 2 … 17 are possible.'));
  fireEvent.change(box, { target: { value: 'twenty characters ok' } });
  await waitFor(() => panel().getByText('The passage has 20 tokens; 2 … 17 are possible.'));
});

it('shades by every quantity, with its numbers or its names', async () => {
  const test = await open();
  const shade = panel().getByLabelText('Shade by');
  const { inspection } = await passOf(test);
  const { byToken } = pathsOf(inspection).workload.values;
  fireEvent.change(shade, { target: { value: 'computing' } });
  await waitFor(() =>
    panel().getByRole('grid', { name: /^Values of Computing experts, by token/ }),
  );
  expect(panel().getAllByText('Computing experts', { selector: '.figure-tick' })).toHaveLength(1);
  const cell = () => within(grid()).getByRole('gridcell').textContent;
  expect(cell()).toMatch(
    new RegExp(`computing experts ${String(byToken!.data[0]).replace(/^0/, '').slice(0, 3)}`),
  );
  fireEvent.change(panel().getByLabelText('Layers'), { target: { value: 'one' } });
  await waitFor(() => panel().getByRole('grid', { name: /^Values of Computing experts, layer 0/ }));
  fireEvent.change(panel().getByLabelText('Layer'), { target: { value: '2' } });
  await waitFor(() => panel().getByRole('grid', { name: /layer 2, by token/ }));
  fireEvent.change(shade, { target: { value: 'expert' } });
  await waitFor(() => panel().getByText('0: E₀'));
  fireEvent.change(shade, { target: { value: 'kind' } });
  await waitFor(() => panel().getByText('∅ zero', { selector: '.figure-label' }));
  fireEvent.change(shade, { target: { value: 'width' } });
  await waitFor(() => panel().getByRole('grid', { name: /^Values of Width, layer 2/ }));
  fireEvent.change(shade, { target: { value: 'delta' } });
  await waitFor(() => panel().getByText(/^Ask something below/));
});

it('puts the passage under two runs beside each other, asked alike on the same tokens', async () => {
  const row = makeRow('r1', { name: 'Wide', experiment: MIXED, checkpoints: [CHECKPOINT] });
  const { lab } = await open({ library: fakeLibrary([{ row, parts: NO_PARTS }]) });
  const beside = screen.getByRole('region', { name: 'What is looked at' });
  await waitFor(() => within(beside).getAllByText('Wide'));
  fireEvent.change(within(beside).getByLabelText('Beside'), { target: { value: 'r1' } });
  await waitFor(() => expect(panel().getAllByRole('grid', { name: /by token/ })).toHaveLength(2));
  const cells = panel().getAllByRole('grid', { name: /by token/ })[1]!;
  fireEvent.focus(cells);
  fireEvent.keyDown(cells, { key: 'Enter' });
  await waitFor(() => expect(panel().getAllByText(/^Pinned: token 0/)).toHaveLength(2));
  const chosen = panel().getAllByRole<HTMLInputElement>('radio', { name: /layer 0, rank 1/ });
  fireEvent.click(chosen[0]!);
  expect(chosen.map(({ checked }) => checked)).toEqual([true, true]);
  fireEvent.click(panel().getAllByRole('button', { name: 'Mask' })[0]!);
  await waitFor(() => expect(panel().getAllByText(/^Nats, at step/)).toHaveLength(2));
  expect(lab.view.getState().toasts).toEqual([]);
});

it('says that two runs read other tokens, and asks each alone', async () => {
  const experiment = applyChange(MIXED, { 'tokenizer.kind': 'chars' });
  const row = makeRow('r1', { name: 'Letters', experiment, checkpoints: [CHECKPOINT] });
  await open({ library: fakeLibrary([{ row, parts: NO_PARTS }]) });
  const beside = screen.getByRole('region', { name: 'What is looked at' });
  await waitFor(() => within(beside).getAllByText('Letters'));
  fireEvent.change(within(beside).getByLabelText('Beside'), { target: { value: 'r1' } });
  await waitFor(() => panel().getByText(/Each run reads its own tokens.*tokenizer is chars/));
  await pin0();
  expect(panel().getAllByText(/^Pinned: token 0/)).toHaveLength(1);
});

async function pin0(): Promise<void> {
  const [cells] = await waitFor(() => panel().getAllByRole('grid', { name: /by token/ }));
  fireEvent.focus(cells!);
  fireEvent.keyDown(cells!, { key: 'Enter' });
  await waitFor(() => panel().getAllByText(/^Pinned: token 0/));
}

it('has the losses of a dense model, and says that nothing is routed', async () => {
  await open({ experiment: applyChange(MIXED, { 'model.arrangement': 'dense' }) });
  await pin0();
  panel().getByText(/^This model has no MoE layer: every token/);
  expect(panel().queryByRole('button', { name: 'Remove the kind' })).toBeNull();
  fireEvent.change(panel().getByLabelText('Shade by'), { target: { value: 'kind' } });
  await waitFor(() => panel().getByText('This model has no MoE layer: choose the loss.'));
});

it('says that no run is open', async () => {
  await renderPage({ room: 'text' });
  await waitFor(() => panel().getByText('No run is open: press Start.'));
});
