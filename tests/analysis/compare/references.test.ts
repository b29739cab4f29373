import { expect, it } from 'vitest';
import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import type { ComparedRun } from '../../../src/analysis/compare/places.ts';
import { referenceValues } from '../../../src/analysis/compare/references.ts';
import { DEFAULTS_V1 } from '../../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../../src/config/edit.ts';
import type { Change } from '../../../src/config/experiment.ts';
import type { RunRow } from '../../../src/runs/record.ts';

function run(i: number, ce: number, change: Change = {}, text?: RunRow['text']): ComparedRun {
  const { row } = syntheticRun(i, 100, 1_800_000_000_000);
  const experiment = applyChange(DEFAULTS_V1, change);
  const last = { ...row.last, ce: { step: 100, value: ce } };
  const changed = { ...row, experiment, last, ...(text !== undefined && { text }) };
  return { row: changed, curves: null, accounting: null, routing: null };
}

const text = (vocabulary: number, unigramEntropy: number): RunRow['text'] => ({
  ...syntheticRun(0, 10, 0).row.text!,
  vocabulary,
  unigramEntropy,
});
const hash = { 'router.selection': 'hash', 'losses.switch.alpha': null };
const idsOf = (runs: ComparedRun[], metric: 'ce' | 'gradNorm' = 'ce') =>
  referenceValues(metric, runs).map(({ id, value }) => [id, value]);

it('has the losses of the text where all runs have the same', () => {
  const same = [run(0, 2, {}, text(256, 3.5)), run(1, 3, {}, text(256, 3.5))];
  expect(idsOf(same)).toEqual([
    ['uniform', Math.log(256)],
    ['unigram', 3.5],
  ]);
  expect(idsOf(same, 'gradNorm')).toEqual([]);
  const [first] = same;
  expect(idsOf([first!, run(2, 3, {}, text(256, 3.25))])).toEqual([['uniform', Math.log(256)]]);
  expect(idsOf([first!, run(2, 3, {}, null)])).toEqual([]);
});

it('has the mean end of the controls, where there is something to hold against them', () => {
  const own = text(256, 3.5);
  const controls = [run(0, 2.5, hash, own), run(1, 3.5, hash, own)];
  const frozen = run(2, 2.25, { 'router.frozen': true }, own);
  const learnt = run(3, 2, {}, own);
  const partly = run(4, 2, { ...hash, 'router.hashLayers': 1 }, own);
  expect(idsOf([...controls, frozen, learnt, partly]).slice(2)).toEqual([
    ['hash', 3],
    ['frozen', 2.25],
  ]);
  expect(idsOf(controls).slice(2)).toEqual([]);
  expect(idsOf([learnt, partly]).slice(2)).toEqual([]);
});

it('takes as a control only a run that was one at each of its steps', () => {
  const own = text(256, 3.5);
  const edited = (i: number, ce: number, start: Change, step: number, change: Change) => {
    const one = run(i, ce, start, own);
    return {
      ...one,
      row: { ...one.row, experiment: recordEvent(one.row.experiment!, step, change) },
    };
  };
  const frozen = { 'router.frozen': true };
  const thawed = edited(0, 2.5, frozen, 11, { 'router.frozen': false });
  // A change that the run never came to.
  const planned = edited(1, 3, frozen, 101, { 'router.frozen': false });
  const faster = edited(2, 3.5, frozen, 50, { 'optimizer.lr': 1e-3 });
  const relearnt = edited(3, 4, hash, 11, { 'router.selection': 'topk' });
  const learnt = run(4, 2, {}, own);
  expect(idsOf([thawed, relearnt, learnt]).slice(2)).toEqual([]);
  expect(idsOf([thawed, planned, faster, relearnt, learnt]).slice(2)).toEqual([['frozen', 3.25]]);
});
