import { expect, test } from 'vitest';
import type { Experiment, Slot } from '../../src/config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../../src/config/layers.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { PRESETS, presetById } from '../../src/config/presets.ts';

const widths = (slots: readonly Slot[]): number[] =>
  slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function preset(id: string): Experiment {
  const found = presetById(id);
  if (found === undefined) throw new Error(`no preset ${id}`);
  return found.experiment;
}

/** N of EqualRes: attention and FFN weights, the shared expert counted. */
function papersN({ model, experts }: Experiment): number {
  let N = 0;
  for (let l = 0; l < model.L; l++) {
    const hidden = isMoeLayer(model, l)
      ? sum(widths(slotsOfLayer(experts, l))) + experts.sharedHidden
      : model.denseHidden;
    N += 4 * model.D ** 2 + 3 * model.D * hidden;
  }
  return N;
}

test('ids are unique, every paper is there, every text says something', () => {
  expect(new Set(PRESETS.map(({ id }) => id)).size).toBe(PRESETS.length);
  expect([...new Set(PRESETS.map(({ paper }) => paper))]).toEqual([
    'MoDSE',
    'MoE++',
    'TC-MoE',
    'EqualRes',
    'LaDiMo',
    'Balancing',
  ]);
  for (const { title, remark } of PRESETS) {
    expect(title.length).toBeGreaterThan(3);
    expect(remark).toMatch(/[.]$/);
  }
});

test.each(PRESETS.map(({ id, experiment }) => [id, experiment] as const))(
  '%s is read without a problem',
  (_, experiment) => {
    const parsed = parseExperiment(JSON.parse(JSON.stringify(experiment)));
    expect(parsed).toEqual({ experiment, problems: [] });
  },
);

test('MoDSE: pairs sum to 2·h, in total as the baseline; the wide baseline has 105 %', () => {
  const pairs = widths(preset('modse-pairs').experts.slots);
  for (let i = 0; i < pairs.length; i += 2) expect(sum(pairs.slice(i, i + 2))).toBe(2 * 320);
  const baseline = sum(widths(preset('modse-uniform').experts.slots));
  expect(sum(pairs)).toBe(baseline);
  expect(sum(widths(preset('modse-baseline-105').experts.slots))).toBeCloseTo(1.05 * baseline);
});

test('MoE++: 8+4 has the same FFN experts as the plain model', () => {
  const { slots } = preset('moepp-8+4').experts;
  expect(widths(slots)).toEqual(widths(preset('moepp-plain-8').experts.slots));
  expect(slots.slice(8).map(({ kind }) => kind)).toEqual(['constant', 'constant', 'copy', 'zero']);
});

test('TC-MoE: the space has 2N + K slots, each negated one with its own twin', () => {
  const { experts, router } = preset('tcmoe');
  expect(experts.slots).toHaveLength(2 * 8 + router.K);
  const twins = experts.slots.flatMap((slot) => (slot.kind === 'negated' ? [slot.of] : []));
  expect(twins).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('EqualRes: N is equal within 0.5 %, and ra of the main preset is 20 %', () => {
  const N = papersN(preset('equalres-dense'));
  for (const { paper, experiment } of PRESETS)
    if (paper === 'EqualRes') expect(Math.abs(papersN(experiment) / N - 1)).toBeLessThan(0.005);
  const main = preset('equalres-1dense-shared');
  const idle = (main.experts.slots.length - main.router.K) * 64 * 3 * main.model.D;
  const active = N - idle * (main.model.L - 1);
  expect(active / N).toBeCloseTo(0.2, 2);
});

test('LaDiMo: the experts split the teacher’s FFN', () => {
  const { denseHidden } = preset('ladimo-teacher').model;
  expect(sum(widths(preset('ladimo-student').experts.slots))).toBe(denseHidden);
});
