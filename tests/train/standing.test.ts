import { expect, it } from 'vitest';
import { countHistoryName } from '../../src/config/countHistory.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Change, Experiment, ExperimentEvent } from '../../src/config/experiment.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { forked } from '../../src/train/session/fork.ts';
import { initialState, standing } from '../../src/train/session/modelState.ts';
import { TINY } from './support.ts';

const STEP = 8;
const balance = (window: number, part: object = {}): Change => ({
  'losses.balance': { coefficient: 0.3, scope: 'global', window, ...part },
});
const EXPERIMENT = applyChange(
  { ...TINY, model: { ...TINY.model, V: 8 }, data: { ...TINY.data, hash: 'a'.repeat(64) } },
  balance(4),
);

/** A state with full histories: row n of layer l is 10·l + n in every slot. */
function stateOf(experiment: Experiment): EngineState {
  const R = experiment.experts.slots.length;
  const rows = (l: number) =>
    Float32Array.from({ length: 3 * R }, (_, i) => 10 * l + Math.floor(i / R));
  const countHistories = new Map(
    [0, 1].map((l) => [countHistoryName(l), { shape: [3, R], data: rows(l) }]),
  );
  return { ...initialState(engineConfig(experiment, 8), 0.02, 1), step: STEP, countHistories };
}

/** First counts of the steps that each layer's history holds. */
const rowsOf = ({ countHistories = new Map() }: EngineState) =>
  [0, 1].map((l) => {
    const { shape = [0, 1], data = [] } = countHistories.get(countHistoryName(l)) ?? {};
    return Array.from({ length: shape[0]! }, (_, n) => data[n * shape[1]!]);
  });

const whole = [
  [0, 1, 2],
  [10, 11, 12],
];

it.each<[what: string, change: Change, rows: number[][]]>([
  [
    'keeps the newest steps of a shorter window',
    balance(3),
    [
      [1, 2],
      [11, 12],
    ],
  ],
  ['keeps all of a longer one', balance(9), whole],
  ['begins anew where choices are counted otherwise', balance(4, { counts: 'unbiased' }), [[], []]],
  [
    'has none without a window',
    { 'losses.balance': { coefficient: 0.3, scope: 'batch' } },
    [[], []],
  ],
  ['keeps all where something else changes', { 'optimizer.lr': 0.5 }, whole],
])('a state %s, whatever is younger than it', (_, change, rows) => {
  const state = stateOf(EXPERIMENT);
  const at = (step: number): Experiment => {
    const event: ExperimentEvent = [step, change];
    return { ...EXPERIMENT, events: [event] };
  };
  expect(rowsOf(standing(at(STEP + 1), state))).toEqual(rows);
  // An event after the next step changes nothing of what that one begins with.
  expect(rowsOf(standing(at(STEP + 2), state))).toEqual(whole);
  const bytes = encodeCheckpoint({ experiment: at(STEP + 1), state });
  expect(rowsOf(decodeCheckpoint(bytes).state)).toEqual(rows);
  const fork = forked(EXPERIMENT, change, state);
  expect(rowsOf(fork.state)).toEqual(rows);
  expect(rowsOf(decodeCheckpoint(encodeCheckpoint(fork)).state)).toEqual(rows);
});
