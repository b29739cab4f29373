import { describe, expect, it } from 'vitest';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { crossEntropy } from '../../src/kernels/crossEntropy.ts';
import * as reference from '../../src/reference/crossEntropy.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  GRADIENT,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();

interface Case {
  T: number;
  V: number;
  backward: boolean;
  adapterClass: AdapterClass;
}

function run(
  logits: Float32Array,
  targets: Uint32Array,
  { T, V, backward, ...options }: Case,
): Promise<{ loss: Float32Array; logits: Float32Array }> {
  return new Promise((resolve, reject) => {
    withBench(
      device(),
      async (bench) => {
        const io = {
          targets_T: bench.input('targets_T', targets),
          logits_TV: bench.input('logits_TV', padRows(logits, V)),
          loss_T: bench.output('loss_T', T),
        };
        await bench.run((plan) => crossEntropy(plan, io, { T, V, backward }));
        const after = unpadRows(await bench.read(io.logits_TV), V, 'logits');
        resolve({ loss: await bench.read(io.loss_T), logits: after });
      },
      options,
    ).catch(reject);
  });
}

describe.each(ADAPTER_CLASSES)('crossEntropy on a %s adapter', (adapterClass) => {
  it.each([
    { T: 1, V: 2, scale: 1 },
    { T: 5, V: 65, scale: 3 },
    { T: 67, V: 257, scale: 3 },
    { T: 9, V: 255, scale: 1e4 },
    { T: 2, V: 50257, scale: 5 },
  ])('equals the reference: T=$T V=$V logits to $scale', async ({ T, V, scale }) => {
    const logits = randomFloats(T * V, 1, scale);
    const targets = randomIndices(T, V, 2);
    targets[0] = 0;
    targets[T - 1] = V - 1;
    const { out, saved } = reference.forward(
      { logits_TV: toReal(logits), targets_T: targets },
      { T, V },
    );
    const trained = await run(logits, targets, { T, V, backward: true, adapterClass });
    expectClose(trained.loss, out.perToken_T, OUTPUT, 'loss');
    const { dlogits_TV } = reference.backward(saved, { T, V });
    expectClose(trained.logits, dlogits_TV, GRADIENT, 'dlogits', [T, V]);
    const evaluated = await run(logits, targets, { T, V, backward: false, adapterClass });
    expect(evaluated.loss).toEqual(trained.loss);
    expect(evaluated.logits).toEqual(logits);
  });

  it('is ln V for equal logits', async () => {
    const { loss } = await run(new Float32Array(130), Uint32Array.of(0, 64), {
      T: 2,
      V: 65,
      backward: true,
      adapterClass,
    });
    expectClose(loss, [Math.log(65), Math.log(65)], OUTPUT, 'loss');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not finite in the row of a logit %d, and only there',
    async (logit) => {
      const [T, V] = [3, 70];
      const logits = randomFloats(T * V, 3);
      logits[V + 68] = logit;
      const { loss } = await run(logits, Uint32Array.of(1, 2, 3), {
        T,
        V,
        backward: true,
        adapterClass,
      });
      expect([...loss].map(Number.isFinite)).toEqual([true, false, true]);
    },
  );
});
