import { afterEach } from 'vitest';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import {
  SCALAR_COUNT,
  type ScalarName,
  type StepRecords,
  scalarColumn,
} from '../../src/config/telemetry.ts';
import type { Batch } from '../../src/data/types.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';

export const DOMAINS = 3;

/** Blocks of a configuration in part; whole values win over those of `tiny`. */
export type Overrides = {
  [B in keyof EngineConfig]?: EngineConfig[B] extends object
    ? Partial<EngineConfig[B]>
    : EngineConfig[B];
};

export const ffn = (hidden: number): Slot => ({ kind: 'ffn', hidden });

/** A model of two MoE layers with four experts, top-2, Switch loss and no capacity. */
export function tiny(overrides: Overrides = {}): EngineConfig {
  return {
    model: {
      V: 11,
      D: 12,
      L: 2,
      H: 2,
      Hkv: 1,
      positions: 'rope',
      ropeBase: 10000,
      keyNorm: false,
      normEps: 1e-5,
      tied: false,
      denseHidden: 10,
      arrangement: 'full',
      ...overrides.model,
    },
    router: plainRouter(overrides.router),
    experts: { slots: [ffn(6), ffn(9), ffn(6), ffn(3)], sharedHidden: 0, ...overrides.experts },
    losses: { switch: { alpha: 0.01 }, ...overrides.losses },
    optimizer: {
      lr: 0.01,
      minLr: 0.001,
      warmup: 2,
      totalSteps: 1000,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-8,
      weightDecay: 0.1,
      clip: 1,
      ...overrides.optimizer,
    },
    batch: { B: 3, S: 7, ...overrides.batch },
    seed: overrides.seed ?? 1,
  };
}

export function batchOf({ model, batch }: EngineConfig, seed: number): Batch {
  const T = batch.B * batch.S;
  const draws = (part: number, below: number) =>
    Uint32Array.from({ length: T }, (_, t) => hashChain(seed, part, t) % below);
  return {
    tokens: draws(0, model.V),
    targets: draws(1, model.V),
    domains: Uint8Array.from(draws(2, DOMAINS)),
  };
}

/** Makes engines that are destroyed after the test. */
export function useEngines(device: () => GPUDevice) {
  const engines: GpuEngine[] = [];
  afterEach(() => {
    for (const engine of engines.splice(0)) engine.destroy();
  });
  return async (config: EngineConfig, state: EngineState | null = null): Promise<GpuEngine> => {
    const options = { domains: DOMAINS, initStd: 0.2, seedInit: 5 };
    const engine = await GpuEngine.create(device(), config, {
      ...options,
      adapterClass: 'software',
    });
    engines.push(engine);
    if (state) engine.loadState(state);
    return engine;
  };
}

/** Takes the steps up to `last`, each with the batch of its number. */
export function runTo(engine: GpuEngine, last: number): void {
  while (engine.step < last) engine.submitStep(batchOf(engine.config, engine.step + 1));
}

/** One scalar of every recorded step. */
export function column({ scalars, n }: StepRecords, name: ScalarName): number[] {
  return Array.from({ length: n }, (_, i) => scalars[i * SCALAR_COUNT + scalarColumn(name)]!);
}

/** Records of the steps since the last reading. */
export async function records(engine: GpuEngine): Promise<StepRecords> {
  const read = await engine.readTelemetry();
  if (!read) throw new Error('no records');
  return read;
}
