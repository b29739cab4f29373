import { expect, it } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import * as combine from '../../src/reference/combine.ts';
import * as dispatch from '../../src/reference/dispatch.ts';
import { checkGradients, random, weightedSum } from './finiteDifferences.ts';

const slots: Slot[] = [
  { kind: 'ffn', hidden: 3 },
  { kind: 'constant' },
  { kind: 'negated', of: 0 },
  { kind: 'copy' },
  { kind: 'zero' },
  { kind: 'constant' },
];
const [T, D, R, W] = [4, 3, 6, 3];
const dims = { T, D, R, W, slots };
const selected_TW = Int32Array.of(0, 2, 3, 5, 1, 4, 2, 3, -1, 3, 0, 5);

function draw(dropped: readonly number[]) {
  const order = dispatch.forward({ selected_TW }, { T, W, slots, capacity: null });
  const dropped_TW = Uint8Array.from(selected_TW, (_, i) => (dropped.includes(i) ? 1 : 0));
  return {
    m_TD: random('m', T * D),
    y_JD: random('y', order.token_J.length * D),
    gates_TR: random('g', T * R),
    selected_TW,
    dropped_TW,
    row_TW: order.row_TW,
    constants: [0, 1].map((c) => ({
      vector_D: random(`v${c}`, D),
      mix_2D: random(`mix${c}`, 2 * D),
    })),
  };
}

it.each([[[]], [[0, 3, 7]]])('combine: gradients of every kind of slot, dropped %j', (dropped) => {
  const inputs = draw(dropped);
  const dout = random('dout', T * D);
  const { saved } = combine.forward(inputs, dims);
  const grads = combine.backward(dout, saved, dims);
  checkGradients(() => weightedSum(dout, combine.forward(inputs, dims).out), {
    m: [inputs.m_TD, grads.dm_TD],
    y: [inputs.y_JD, grads.dy_JD],
    gates: [inputs.gates_TR, grads.dgates_TR],
    vector0: [inputs.constants[0]!.vector_D, grads.constants[0]!.dvector_D],
    mix0: [inputs.constants[0]!.mix_2D, grads.constants[0]!.dmix_2D],
    vector1: [inputs.constants[1]!.vector_D, grads.constants[1]!.dvector_D],
    mix1: [inputs.constants[1]!.mix_2D, grads.constants[1]!.dmix_2D],
  });
  for (const i of dropped) {
    expect(grads.dgates_TR[Math.floor(i / W) * R + selected_TW[i]!]).toBe(0);
  }
});

it('combine: an expert and its negated twin with equal gates cancel', () => {
  const inputs = { ...draw([]), m_TD: random('m', D) };
  const own = { ...dims, T: 1, W: 2 };
  const y = random('same', D);
  const { out } = combine.forward(
    {
      ...inputs,
      y_JD: Float64Array.of(...y, ...y),
      gates_TR: Float64Array.of(0.4, 0, 0.4, 0, 0, 0),
      selected_TW: Int32Array.of(0, 2),
      dropped_TW: new Uint8Array(2),
      row_TW: Int32Array.of(0, 1),
    },
    own,
  );
  expect([...out]).toEqual([0, 0, 0]);
});
