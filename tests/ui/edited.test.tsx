/** What views say of runs that were edited, or whose layers and sides are unlike. */
import { act } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { idealWeights } from '../../src/accounting/loadMetrics.ts';
import type { LoadBin } from '../../src/analysis/loadHistory.ts';
import type { RunSource } from '../../src/analysis/source.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import { shownLayers } from '../../src/ui/kit/loads.ts';
import { slotColumns } from '../../src/ui/kit/lookWords.ts';
import { seriesOf } from '../../src/ui/views/overtime/lines.ts';
import { metricById } from '../../src/ui/views/overtime/metrics.ts';
import { type Run, sharedIdeal } from '../../src/ui/views/scores/shown.ts';
import { renderView } from './renderView.tsx';

const KINDS = ['ffn', 'ffn', 'zero'] as const;
const spaceOf = (hidden: readonly number[]) => {
  return { layer: 0, slots: KINDS.length, ranks: 1, kinds: KINDS, hidden };
};
const binOf = (firstStep: number, lastStep: number, hidden: readonly number[]) =>
  ({ firstStep, lastStep, space: spaceOf(hidden), counts: [6, 4, 2] }) as unknown as LoadBin;

it('draws what may vary from an edit on', async () => {
  const { lab, trainer, panel } = await renderView('routing');
  await act(() => lab.commands.start());
  act(() => trainer.advance(4));
  expect(panel.textContent).toContain('Every token computes with the same number of experts');
  await act(() => trainer.change({ 'router.K': 1 }));
  act(() => trainer.advance(4));
  expect(panel.textContent).not.toContain('Every token computes with the same number');
});

it('holds a load against the weights in force when it was counted', () => {
  const before = applyChange(DEFAULTS_V1, {
    ...{ 'losses.switch.alpha': null, 'losses.heterogeneous.beta': 0.01, 'router.tau': 0.75 },
  });
  const experiment = recordEvent(before, 5, { 'router.tau': 0.25 });
  const weightsAt = (bin: LoadBin) => {
    const source = {
      head: { experiment },
      spaces: () => [spaceOf([8, 8, 0])],
      loads: () => bin,
    } as unknown as RunSource;
    return shownLayers(source, null)[0]?.load?.weights;
  };
  expect(weightsAt(binOf(1, 4, [8, 8, 0]))).toEqual(idealWeights([...KINDS], 0.75));
  expect(weightsAt(binOf(5, 9, [8, 8, 0]))).toEqual(idealWeights([...KINDS], 0.25));
});

it('draws no slot over steps at which another one stood in its place', () => {
  const bins = [binOf(1, 4, [8, 8, 0]), binOf(5, 8, [16, 8, 0])];
  const source = {
    head: { experiment: DEFAULTS_V1 },
    spaces: () => [spaceOf([16, 8, 0])],
    history: () => ({ bins, stride: 4 }),
  } as unknown as RunSource;
  const choice = { place: 0, rank: null, on: 'training' } as const;
  const [first] = seriesOf(metricById('load.counts'), source, choice);
  expect(Array.from(first!.values)).toEqual([Number.NaN, 1.5]);
});

describe('columns of slots', () => {
  const name = (label: string) => ({ label, short: label, title: label });
  const [narrow, wide] = [
    [name('E₀ 8'), name('E₁ 8')],
    [name('E₀ 8'), name('E₁ 64')],
  ];

  it('have names where all layers have the same', () => {
    expect(slotColumns([narrow, narrow])).toEqual(narrow);
  });

  it('have numbers where they have not', () => {
    expect(slotColumns([narrow, wide]).map(({ label }) => label)).toEqual(['0', '1']);
    expect(slotColumns([narrow.slice(1), wide]).map(({ label }) => label)).toEqual(['0', '1']);
  });
});

it('draws an ideal only where all runs have the same', () => {
  const run = (R: number, layer = 1) =>
    ({ look: { layers: [{ layer, kinds: Array(R).fill('ffn') }] } }) as unknown as Run;
  expect(sharedIdeal([run(8), run(8)], 'meanEntropy', 1)).toBeCloseTo(Math.log(8), 12);
  expect(sharedIdeal([run(8), run(16)], 'meanEntropy', 1)).toBeNull();
  // A layer that only the second has.
  expect(sharedIdeal([run(8, 0), run(16)], 'meanEntropy', 1)).toBeCloseTo(Math.log(16), 12);
});
