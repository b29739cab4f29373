import { describe, expect, it } from 'vitest';
import type { Pool } from '../../src/config/experiment.ts';
import { poolForward } from '../../src/kernels/pools.ts';
import { pools } from '../../src/reference/pools.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  padRows,
  randomFloats,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const LOWEST = Math.fround(-3e38);
const SEED = 9;
const STEP = 4;

interface Case {
  B: number;
  S: number;
  R: number;
  layer: number;
  pool: Pool;
}

const CASES: [string, Case][] = [
  ['one token', { B: 1, S: 1, R: 1, layer: 0, pool: { size: 1, evaluation: null } }],
  ['one size', { B: 3, S: 37, R: 6, layer: 2, pool: { size: 2, evaluation: 4 } }],
  ['drawn sizes', { B: 70, S: 5, R: 7, layer: 1, pool: { min: 2, max: 9, evaluation: null } }],
  ['many slots', { B: 2, S: 80, R: 70, layer: 0, pool: { min: 1, max: 60, evaluation: 90 } }],
];

describe.each(ADAPTER_CLASSES)('pools on a %s adapter', (adapterClass) => {
  it.each(CASES)('equals the reference: %s', async (_, { B, S, R, layer, pool }) => {
    const T = B * S;
    const z = randomFloats(T * R, 8, 3);
    for (const isTraining of [true, false]) {
      const step = isTraining ? STEP : null;
      const want = pools(toReal(z), { T, R, S, pool, seed: SEED, step, l: layer });
      await withBench(
        device(),
        async (bench) => {
          const io = {
            z_TR: bench.input('z_TR', padRows(z, R)),
            lse_T: bench.output('lse_T', T),
            pi_BR: bench.output('pi_BR', B * R),
            pool_BR: bench.output('pool_BR', B * R),
            left_TR: bench.output('left_TR', padRows(z, R).length),
          };
          const drop_step = isTraining ? STEP : 0;
          bench.setStep({ is_training: isTraining ? 1 : 0, seed: SEED, drop_step });
          await bench.run((plan) => poolForward(plan, io, { B, S, R, layer, pool }));
          expect([...(await bench.readWords(io.pool_BR))]).toEqual([...want]);
          const left = unpadRows(await bench.read(io.left_TR), R, 'left');
          const isIn = (i: number) => want[Math.floor(i / (S * R)) * R + (i % R)] === 1;
          expect(left).toEqual(z.map((value, i) => (isIn(i) ? value : LOWEST)));
        },
        { adapterClass, maxGrid: 2 },
      );
    }
  });
});
