/** What views say of runs whose slots became others in the same places. */
import { act, render, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change, JsonValue, Slot } from '../../src/config/experiment.ts';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { biasLines, loadLines } from '../../src/ui/views/balance/lines.ts';
import { type Choice, seriesOf } from '../../src/ui/views/overtime/lines.ts';
import { metricById } from '../../src/ui/views/overtime/metrics.ts';
import { TokenDetails } from '../../src/ui/views/samples/TokenDetails.tsx';
import type { GeneratedToken } from '../../src/worker/api.ts';
import { renderPage } from './render.tsx';
import { renderView } from './renderView.tsx';

const FFN = { kind: 'ffn', hidden: 32 } as const;
const setUpOf = (slots: readonly Slot[]) =>
  applyChange(DEFAULTS_V1, {
    'experts.slots': slots as unknown as JsonValue,
    'evaluation.every': 25,
  });
const surgeryTo = (slots: readonly Slot[], from: readonly (number | null)[]): Change => ({
  'experts.slots': slots as unknown as JsonValue,
  surgery: { from: { default: [...from] } },
});

const EQUAL: readonly Slot[] = [FFN, FFN, FFN, FFN];
const REORDERED = surgeryTo(EQUAL, [1, 2, 3, 0]);
const CHANGED = surgeryTo([FFN, FFN, FFN, { kind: 'zero' }], [0, 1, 2, null]);

/** A view over a run that is operated on after 30 steps, and rests then. */
async function operated(id: string, slots: readonly Slot[], surgery: Change) {
  const test = await renderView(id, { experiment: setUpOf(slots) });
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(30));
  await act(() => test.trainer.change(surgery));
  return test;
}

describe.each([
  ['the places of slots', REORDERED],
  ['a slot’s kind', CHANGED],
])('a line of a slot behind a surgery of %s', (_, surgery) => {
  const defined = (values: ArrayLike<number>) =>
    Array.from(values, (value) => !Number.isNaN(value));

  it.each([null, 1])('has nothing of the validations before it, rank %s', async (rank) => {
    const { lab, trainer } = await operated('overtime', EQUAL, surgery);
    const choice: Choice = { place: 0, rank, on: 'validation' };
    const lines = () => seriesOf(metricById('load.counts'), lab.source, choice);
    for (const { values } of lines()) expect(defined(values)).toEqual([false]);
    act(() => trainer.advance(30));
    expect(lines()[0]?.steps).toEqual([25, 50]);
    for (const { values } of lines()) expect(defined(values)).toEqual([false, true]);
  });

  it('has nothing of the training steps before it', async () => {
    const { lab, trainer } = await operated('overtime', EQUAL, surgery);
    act(() => trainer.advance(2));
    const choice: Choice = { place: 0, rank: null, on: 'training' };
    const wanted = [...Array(30).fill(false), true, true];
    const lines = seriesOf(metricById('load.counts'), lab.source, choice);
    const [space] = lab.source.spaces(null);
    const all = [lines, loadLines(lab.source, space!, 4), biasLines(lab.source, space!)];
    for (const { values } of all.flat()) expect(defined(values)).toEqual(wanted);
  });
});

describe('a negated slot', () => {
  const twin = (of: number): Slot => ({ kind: 'negated', of });
  const TWINS: readonly Slot[] = [FFN, FFN, twin(0), twin(1)];
  /** The two experts change places, and their twins stay. */
  const SWAPPED = surgeryTo([FFN, FFN, twin(1), twin(0)], [1, 0, 2, 3]);
  const BEFORE = ['E₀', 'E₁', '−E₀', '−E₁'];
  const AFTER = ['E₀', 'E₁', '−E₁', '−E₀'];

  it('has the name of its expert of today in lines', async () => {
    const { lab, trainer } = await operated('overtime', TWINS, SWAPPED);
    const choice: Choice = { place: 0, rank: null, on: 'validation' };
    const signs = () => {
      const [space] = lab.source.spaces(null);
      const lines = seriesOf(metricById('load.counts'), lab.source, choice);
      return [lines, loadLines(lab.source, space!, 4)].map((some) =>
        some.map(({ label }) => label.split(' ')[1]),
      );
    };
    expect(signs()).toEqual([AFTER, AFTER]);
    act(() => trainer.advance(1));
    expect(signs()).toEqual([AFTER, AFTER]);
  });

  it('has it beside a token that is written', async () => {
    const { lab } = await operated('samples', TWINS, SWAPPED);
    const [space] = lab.source.spaces(null);
    const routing = [{ layer: space!.layer, selected: [2], gates: [1] }];
    const token = { index: 0, id: 1, label: 'a', candidates: [], routing };
    render(
      <LabProvider lab={lab}>
        <TokenDetails id="token" token={token as unknown as GeneratedToken} />
      </LabProvider>,
    );
    expect(screen.getByText('−E₁ 1.00')).toBeTruthy();
  });

  it('has the name of its expert at the step that is shown, in tables', async () => {
    const { lab, trainer } = await renderPage({ room: 'routing', experiment: setUpOf(TWINS) });
    await act(() => lab.commands.start());
    act(() => trainer.advance(30));
    await act(() => trainer.change(SWAPPED));
    act(() => trainer.advance(5));
    const signs = () =>
      ['.domains-sign', '.table-slots .glyph'].map((where) =>
        [...document.querySelectorAll(where)].map(({ textContent }) => textContent),
      );
    await waitFor(() => expect(signs()).toEqual([AFTER, AFTER]));
    act(() => lab.view.getState().set({ scrub: 30 }));
    await waitFor(() => expect(signs()).toEqual([BEFORE, BEFORE]));
  });
});

it('shows the selection bias of a rule that came by an edit', async () => {
  const { panel, trainer, lab } = await renderView('table');
  await act(() => lab.commands.start());
  act(() => trainer.advance(4));
  expect(panel.querySelector('[data-metric="bias"]')).toBeNull();
  const biasRule = { kind: 'sign', rate: 0.001, centre: false };
  await act(() => trainer.change({ 'router.biasRule': biasRule }));
  act(() => trainer.advance(4));
  await waitFor(() => expect(panel.querySelector('[data-metric="bias"]')).not.toBeNull());
});
