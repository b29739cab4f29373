import { expect, it } from 'vitest';
import { selectionBiasName } from '../../src/config/balancing.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { FreshElements } from '../../src/model/surgeryMoves.ts';
import { broughtBack } from '../../src/train/engine/broughtBack.ts';
import { TINY } from './support.ts';

/** Four slots in each of three MoE layers, of which the surgery had removed slot 1. */
const AFTER = engineConfig(applyChange(TINY, { 'model.L': 3, 'model.arrangement': 'full' }), 8);
const cols = [0, 2, 3];
/** It removed two elements of a parameter, and a bias in layers 0 and 2. */
const RECORD = {
  origins: [0, 2].map(
    (l) => [selectionBiasName(l), { source: selectionBiasName(l), cols }] as const,
  ),
  removed: {
    values: Float32Array.of(1, 2, 30, 32),
    firstMoments: Float32Array.of(5, 6, 0, 0),
    secondMoments: Float32Array.of(7, 8, 0, 0),
  },
};

function fresh(name: string, count: number, kind: 'normal' | 'state'): FreshElements {
  const entry = { name, shape: [4], decays: false, start: { kind } } as FreshElements['entry'];
  return { entry, origin: { source: name }, stretches: [{ element: 1, stored: 1, count }] };
}

it.each([
  [
    [0, 2],
    [30, 32],
  ],
  [[2], [32]],
  [
    [0, 1, 2],
    [30, 0, 32],
  ],
  [
    [1, 2],
    [0, 32],
  ],
  [[], []],
])('brings back the biases of layers %j that a surgery had removed', (layers, biases) => {
  const states = layers.map((l) => fresh(selectionBiasName(l), 1, 'state'));
  const { values, firstMoments } = broughtBack(RECORD, [fresh('w', 2, 'normal'), ...states], AFTER);
  expect([...values]).toEqual([1, 2, ...biases]);
  expect([...firstMoments]).toEqual([5, 6, ...biases.map(() => 0)]);
});
