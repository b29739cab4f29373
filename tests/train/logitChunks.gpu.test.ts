import { expect, it } from 'vitest';
import { stepDispatches } from '../../src/accounting/dispatches.ts';
import { estimateMemory, MEMORY_CLASSES, MEMORY_USES } from '../../src/accounting/memory.ts';
import { whyTooLarge } from '../../src/accounting/needs.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import type { Batch } from '../../src/data/types.ts';
import { headChunks } from '../../src/layout/headChunks.ts';
import type { PassRequest } from '../../src/train/engine/engine.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { TOLERANCES } from '../support/tolerances.ts';

/** Logits that do not fit one binding: chunk by chunk they give what they give as a whole. */

const device = useDevice();
const V = 4093;
const [B, S] = [2, 100];
const T = B * S;
/** The largest binding of a small device: 64 tokens of logits. */
const MOST = 2 ** 20;
const LIMITS = { maxBufferBytes: MOST, maxBindingBytes: MOST };
const DOMAINS = 2;

function configOf(tied: boolean): EngineConfig {
  const small = applyChange(DEFAULTS_V1, {
    'model.D': 16,
    'model.L': 1,
    'model.H': 2,
    'model.Hkv': 2,
    'model.tied': tied,
    'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
    'router.capacity': 1.1,
    'batch.B': B,
    'batch.S': S,
  });
  return engineConfig(small, V);
}

/** The device as if it bound no larger buffers. */
function held(one: GPUDevice): GPUDevice {
  const limits = { maxStorageBufferBindingSize: MOST, maxBufferSize: MOST };
  return new Proxy(one, {
    get(target, name) {
      if (name === 'limits')
        return new Proxy(target.limits, {
          get: (of, key) => Reflect.get(limits, key) ?? Reflect.get(of, key),
        });
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function batchOf(seed: number): Batch {
  const word = (i: number) => (Math.imul(i + 1, 2654435761) >>> 8) % V;
  return {
    tokens: Uint32Array.from({ length: T }, (_, i) => word(seed + i)),
    targets: Uint32Array.from({ length: T }, (_, i) => word(seed + i + 1)),
    domains: Uint8Array.from({ length: T }, (_, i) => i % DOMAINS),
  };
}

const request = (batch: Batch): PassRequest => ({
  batches: [batch],
  S,
  capacity: false,
  interventions: [],
});

/** All that reads logits: what two steps learn, an evaluation, a pass, and what may follow. */
async function outcomes(engine: GpuEngine) {
  engine.submitStep(batchOf(0));
  await engine.settle(0);
  const gradients = await engine.readGradients();
  engine.submitStep(batchOf(1));
  await engine.settle(0);
  const { tokens } = batchOf(7);
  const text = tokens.subarray(0, 90);
  const [first, second] = await Promise.all(
    [7, 8].map((seed) => engine.evaluate(batchOf(seed), { capacity: true })),
  );
  const tensors = await engine.inspect(batchOf(7), (name) => name === 'logits');
  return {
    gradients,
    losses: [...first!.perToken, ...second!.perToken],
    pass: await engine.passLosses(request(batchOf(7))),
    logits: await engine.passLogits(request(batchOf(7))),
    inspected: tensors.get('logits')!.data as Float32Array,
    dropping: await engine.nextLogits(text, { capacity: true }),
    next: await engine.nextLogits(text, { capacity: false }),
  };
}

it.each([false, true])(
  'trains, evaluates and answers in chunks as at once, tied: %s',
  async (tied) => {
    const config = configOf(tied);
    const options = { domains: DOMAINS, initStd: 0.2, seedInit: 1 };
    const whole = await GpuEngine.create(device(), config, options);
    const chunked = await GpuEngine.create(held(device()), config, options);
    try {
      const largest = ({ buffers }: GpuEngine) => Math.max(...buffers.map(({ bytes }) => bytes));
      expect(largest(whole)).toBe(T * 4096 * 4);
      expect(largest(chunked)).toBe(MOST);
      expect(whyTooLarge(config, DOMAINS, LIMITS)).toBeNull();
      const chunks = headChunks(T, V, MOST);
      expect(chunks).toHaveLength(4);
      expect(chunked.dispatchesPerStep).toBe(stepDispatches(config, chunks));
      const { byClass } = estimateMemory(config, LIMITS, DOMAINS);
      for (const name of MEMORY_CLASSES) {
        const uses = Object.entries(MEMORY_USES).filter(([, of]) => of === name);
        const held = uses.reduce((sum, [use]) => sum + (chunked.memory[use] ?? 0), 0);
        expect(Math.abs(byClass[name] / held - 1), name).toBeLessThan(0.1);
      }

      const [want, got] = [await outcomes(whole), await outcomes(chunked)];
      for (const [name, { data }] of want.gradients)
        expectClose(
          got.gradients.get(name)!.data as Float32Array,
          data,
          TOLERANCES.kernelBackward,
          name,
        );
      for (const name of ['losses', 'pass', 'logits', 'inspected', 'dropping', 'next'] as const)
        expectClose(got[name], want[name], TOLERANCES.kernelForward, name);
      expect(want.logits).toHaveLength(T * V);
    } finally {
      whole.destroy();
      chunked.destroy();
    }
  },
);
