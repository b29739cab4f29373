import { beforeAll, describe, expect, it } from 'vitest';
import { expertChoicePlaces } from '../../src/config/balancing.ts';
import type { GateMode, ScoreFunction } from '../../src/config/experiment.ts';
import { loadLabBodies } from '../../src/kernels/bodies.ts';
import { expertChoiceForward } from '../../src/kernels/expertChoice.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/routerTopk.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  OUTPUT,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';
import { ffn, ranksFirst } from '../support/routing.ts';

const device = useDevice();
beforeAll(loadLabBodies);

interface Case {
  T: number;
  R: number;
  K: number;
  capacity: number | null;
  gate: GateMode;
  /** Whole logits of a score that each has by itself, so that many are equal. */
  isTied?: boolean;
}

const CASES: [string, Case][] = [
  ['one token, one slot', { T: 1, R: 1, K: 1, capacity: null, gate: 'renormalized' }],
  ['a prime of tokens', { T: 131, R: 5, K: 2, capacity: null, gate: 'softmax' }],
  ['ties', { T: 200, R: 4, K: 1, capacity: 0.7, gate: 'softmax', isTied: true }],
  ['places for all', { T: 65, R: 3, K: 2, capacity: 9, gate: 'renormalized' }],
  ['more tokens than invocations', { T: 1000, R: 3, K: 1, capacity: 1.3, gate: 'renormalized' }],
  ['ties of more', { T: 777, R: 3, K: 1, capacity: 1, gate: 'softmax', isTied: true }],
  ['many slots', { T: 300, R: 70, K: 4, capacity: 1.5, gate: 'renormalized' }],
];

describe.each(ADAPTER_CLASSES)('expertChoice on a %s adapter', (adapterClass) => {
  it.each(CASES)('equals the reference: %s', async (_, given) => {
    const { T, R, gate } = given;
    const slots = Array.from({ length: R }, () => ffn(4));
    const most = expertChoicePlaces(given, T, R);
    const z = randomFloats(T * R, 3, 4).map((x) => (given.isTied ? Math.round(x) : x));
    const score: ScoreFunction = given.isTied ? 'sigmoid' : 'softmax';
    const { out } = reference.forward(
      { z_TR: toReal(z) },
      {
        T,
        R,
        kinds: slots.map(({ kind }) => kind),
        gate,
        score,
        selection: { kind: 'expertChoice', places: most },
      },
    );
    await withBench(
      device(),
      async (bench) => {
        const io = {
          z_TR: bench.input('z_TR', padRows(z, R)),
          order_TR: bench.input('order_TR', padRows(z, R)),
          slots_R: bench.input('slots_R', slotRecords(slots)),
          key_RT: bench.output('key_RT', R * T),
          threshold_R: bench.output('threshold_R', 2 * R),
          p_TR: bench.input('p_TR', padRows(Float32Array.from(out.p_TR), R)),
          g_TR: bench.input('g_TR', padRows(new Float32Array(T * R).fill(0.5), R)),
          selected_WT: bench.output('selected_WT', R * T),
        };
        const dims = { T, R, most, gate, isSoftmax: score === 'softmax' };
        await bench.run((plan) => expertChoiceForward(plan, io, dims));
        const selected = new Int32Array((await bench.readWords(io.selected_WT)).buffer);
        const wide = new Int32Array(T * R).fill(-1);
        for (let t = 0; t < T; t++)
          wide.set(out.selected_TW.subarray(t * out.W, (t + 1) * out.W), t * R);
        expect([...selected]).toEqual([...ranksFirst(wide, R)]);
        expect(selected.filter((slot) => slot === 0)).toHaveLength(most);
        if (given.isTied) return;
        const g = unpadRows(await bench.read(io.g_TR), R, 'g');
        expectClose(g, out.gates_TR, OUTPUT, 'g', [T, R]);
      },
      { adapterClass, maxGrid: 2 },
    );
  });
});
