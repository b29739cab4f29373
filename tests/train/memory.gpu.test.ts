import { expect, it, vi } from 'vitest';
import { stepDispatches } from '../../src/accounting/dispatches.ts';
import { estimateMemory, MEMORY_CLASSES, MEMORY_USES } from '../../src/accounting/memory.ts';
import { memoryNeeds } from '../../src/accounting/needs.ts';
import { storedElements } from '../../src/accounting/storedElements.ts';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { presetById } from '../../src/config/presets.ts';
import { Plan } from '../../src/gpu/plan.ts';
import type { Slice } from '../../src/gpu/slice.ts';
import { alignBind } from '../../src/layout/sizes.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();
const DOMAINS = 5;
const V = 256;

function preset(id: string): Experiment {
  const found = presetById(id);
  if (found === undefined) throw new Error(`no preset ${id}`);
  return found.experiment;
}

const odd = applyChange(DEFAULTS_V1, {
  'model.D': 36,
  'model.H': 4,
  'model.Hkv': 2,
  'model.tied': true,
  'model.keyNorm': true,
  'model.positions': 'alibi',
  'model.arrangement': '1dense',
  'router.selection': 'topp',
  'router.P': 0.5,
  'router.noise': true,
  'experts.sharedHidden': 50,
  'experts.slots': [9, 30, 41].map((hidden) => ({ kind: 'ffn', hidden })),
});

const hashed = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'router.selection': 'hash',
  'router.hashLayers': 1,
  'router.bias': true,
  'router.noise': true,
  'router.gatingResidual': true,
  'router.frozen': true,
  'losses.switch.alpha': null,
  'losses.balance': { coefficient: 0.01, scope: 'global', window: 9 },
});
const chosen = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'router.selection': 'expertChoice',
  'losses.switch.alpha': null,
  'losses.zloss.coefficient': 0.001,
});
const pooled = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'router.pool': { min: 2, max: 5, evaluation: null },
  'losses.balance': { coefficient: 0.01, scope: 'sequence' },
});

const EXPERIMENTS: readonly (readonly [name: string, experiment: Experiment])[] = [
  ['default', DEFAULTS_V1],
  ['tiny', applyChange(DEFAULTS_V1, TINY_SIZE)],
  ['dense', applyChange(DEFAULTS_V1, { 'model.arrangement': 'dense' })],
  ['odd', odd],
  ['MoE++', preset('moepp-8+4')],
  ['TC-MoE', preset('tcmoe')],
  ['MoDSE', preset('modse-pairs')],
  ['hash and frozen routers', hashed],
  ['expert choice', chosen],
  ['pools', pooled],
  ['torchtitan', preset('bal-torchtitan')],
  ['Kimi K3', preset('bal-kimi-k3')],
];

it.each(EXPERIMENTS)('estimates the memory and the dispatches of %s', async (_, experiment) => {
  const config = engineConfig(experiment, V);
  const options = { domains: DOMAINS, initStd: 0.02, seedInit: 1 };
  const engine = await GpuEngine.create(device(), config, options);
  try {
    const { byClass, total, items } = estimateMemory(config, null, DOMAINS);
    expect(4 * storedElements(config)).toBe(engine.memory.parameters);
    for (const name of MEMORY_CLASSES) {
      const uses = Object.entries(MEMORY_USES).filter(([, of]) => of === name);
      const measured = uses.reduce((sum, [use]) => sum + (engine.memory[use] ?? 0), 0);
      const ratio = byClass[name] / measured;
      expect(Math.abs(ratio - 1), `${name}: ${ratio}`).toBeLessThan(0.1);
    }
    // The profiler shows both by use.
    for (const [use, bytes] of Object.entries(engine.memory)) {
      expect(Object.keys(MEMORY_USES)).toContain(use);
      const estimated = items.filter((item) => item.use === use);
      const ratio = estimated.reduce((sum, item) => sum + item.bytes * item.buffers, 0) / bytes;
      expect(Math.abs(ratio - 1), `${use}: ${ratio}`).toBeLessThan(0.1);
    }
    expect(Math.abs(total / engine.gpuBytes - 1)).toBeLessThan(0.02);
    // What a run says it needs in one buffer and one binding is what its plans then take.
    const { buffer, binding, ...needs } = memoryNeeds(experiment, V, DOMAINS, null);
    expect(needs.total).toBe(total);
    expect(alignBind(buffer.bytes)).toBe(Math.max(...engine.buffers.map(({ bytes }) => bytes)));
    const sizes = engine.stepPlans.flatMap(({ plan }) =>
      plan.dispatches.flatMap(({ slices }) =>
        Object.values(slices).flatMap((slice: Slice | null) => slice?.size ?? []),
      ),
    );
    expect(alignBind(binding.bytes)).toBe(Math.max(...sizes));

    const encode = vi.spyOn(Plan.prototype, 'encode');
    const { B, S } = config.batch;
    const words = () => new Uint32Array(B * S);
    engine.submitStep({ tokens: words(), targets: words(), domains: new Uint8Array(B * S) });
    await engine.settle(0);
    const plans = encode.mock.contexts.filter((context) => context instanceof Plan);
    const dispatches = plans.reduce((sum, { dispatches: { length } }) => sum + length, 0);
    encode.mockRestore();
    expect(stepDispatches(config)).toBe(dispatches);
  } finally {
    engine.destroy();
  }
});
