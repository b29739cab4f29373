/** Gradients that GPUs sum in slices of tokens are those that other adapters sum at once. */
import { expect, it, onTestFinished } from 'vitest';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { useDevice } from '../support/gpu.ts';
import { batchOf, DOMAINS, ffn, tiny } from './support.ts';

const device = useDevice();
const config = tiny({
  router: { noise: true, gatingResidual: true, bias: true },
  experts: { slots: [ffn(6), ffn(9), { kind: 'constant' }, { kind: 'constant' }], sharedHidden: 0 },
  batch: { B: 32, S: 33 },
  optimizer: { clip: null },
});

/** First moments after a step, (1 − β₁) times the gradients, and the kernels that summed slices. */
async function gradients(adapterClass: AdapterClass) {
  const options = { domains: DOMAINS, initStd: 0.2, seedInit: 5, adapterClass };
  const engine = await GpuEngine.create(device(), config, options);
  onTestFinished(() => engine.destroy());
  engine.submitStep(batchOf(config, 1));
  const { firstMoments } = await engine.readState();
  const dispatches = engine.stepPlans.flatMap(({ plan }) => plan.dispatches);
  return { firstMoments, sums: dispatches.filter(({ name }) => name === 'linear.bwdWSum').length };
}

it('sums those of noise, gating residual and constants in slices too', async () => {
  const [sliced, whole] = [await gradients('gpu'), await gradients('software')];
  expect(whole.sums).toBe(0);
  // Per layer those of attention, router, noise, mixing weights and vectors; once the residual's; the head's.
  expect(sliced.sums).toBe(2 * (2 + 4) + 1 + 1);
  for (const [name, { data }] of whole.firstMoments) {
    const own = sliced.firstMoments.get(name)?.data ?? [];
    const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(largest, name).toBeGreaterThan(0);
    data.forEach((x, i) => {
      expect(Math.abs((own[i] ?? Number.NaN) - x), `${name} ${i}`).toBeLessThan(1e-4 * largest);
    });
  }
});
