import { DEFAULTS_V1 } from '../config/defaults.ts';
import { applyChange, engineConfig } from '../config/edit.ts';
import type { Change, EngineConfig } from '../config/experiment.ts';
import { hashChain } from '../config/hash.ts';
import type { Batch } from '../data/types.ts';
import type { AdapterClass } from '../gpu/plan.ts';
import { GpuEngine } from '../train/gpuEngine.ts';

/** The two shapes that whole steps are measured at. */
export const SHAPES = {
  S: { V: 64, D: 64, L: 2, H: 4, S: 64, B: 8, hidden: 128 },
  M: { V: 256, D: 128, L: 4, H: 4, S: 128, B: 8, hidden: 256 },
} as const;
export type ShapeName = keyof typeof SHAPES;
const EXPERTS = 8;
const K = 2;

/** 8 experts, top-2, Switch loss, AdamW; or the dense twin of the same active width. */
export function shapeConfig(name: ShapeName, isDense: boolean): EngineConfig {
  const { V, D, L, H, S, B, hidden } = SHAPES[name];
  const size: Change = {
    'model.D': D,
    'model.L': L,
    'model.H': H,
    'model.Hkv': H,
    'model.denseHidden': K * hidden,
    'model.arrangement': isDense ? 'dense' : 'full',
    'experts.slots': Array.from({ length: EXPERTS }, () => ({ kind: 'ffn', hidden })),
    'batch.B': B,
    'batch.S': S,
  };
  return engineConfig(applyChange(DEFAULTS_V1, size), V);
}

function randomBatch({ model, batch }: EngineConfig): Batch {
  const T = batch.B * batch.S;
  const draw = (stream: number) =>
    Uint32Array.from({ length: T }, (_, t) => hashChain(1, stream, t) % model.V);
  return { tokens: draw(0), targets: draw(1), domains: new Uint8Array(T) };
}

/** Counts what a device is asked for, from now on. */
function countCalls(device: GPUDevice) {
  const counts = { objects: 0, submits: 0 };
  const makers = [
    'createBuffer',
    'createBindGroup',
    'createComputePipeline',
    'createComputePipelineAsync',
    'createShaderModule',
    'createTexture',
  ] as const;
  const originals = makers.map((name) => [name, device[name]] as const);
  for (const [name, make] of originals) {
    Object.defineProperty(device, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        counts.objects += 1;
        return Reflect.apply(make, device, args);
      },
    });
  }
  const { queue } = device;
  const submit = queue.submit;
  Object.defineProperty(queue, 'submit', {
    configurable: true,
    value: (buffers: Iterable<GPUCommandBuffer>) => {
      counts.submits += 1;
      submit.call(queue, buffers);
    },
  });
  return {
    counts,
    stop() {
      for (const [name] of originals) Reflect.deleteProperty(device, name);
      Reflect.deleteProperty(queue, 'submit');
    },
  };
}

export interface StepFigures {
  msPerStep: number;
  /** (slowest − fastest round) / median */
  spread: number;
  /** From the engine's making to the end of its first step. */
  firstStepMs: number;
  dispatches: number;
  /** Per step. */
  submits: number;
  /** GPU objects made in all measured steps. */
  objectsCreated: number;
  measuredBytes: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Whole training steps of one model: the median over rounds of `steps` steps each. */
export async function measureSteps(
  device: GPUDevice,
  adapterClass: AdapterClass,
  config: EngineConfig,
  { rounds, steps }: { rounds: number; steps: number },
): Promise<StepFigures> {
  const start = performance.now();
  const options = { domains: 1, initStd: 0.02, seedInit: 1, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  try {
    const batch = randomBatch(config);
    engine.submitStep(batch);
    await engine.settle(0);
    const firstStepMs = performance.now() - start;
    const watch = countCalls(device);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const begin = performance.now();
      for (let i = 0; i < steps; i++) {
        engine.submitStep(batch);
        await engine.settle(2);
      }
      await engine.settle(0);
      times.push((performance.now() - begin) / steps);
    }
    watch.stop();
    const msPerStep = median(times);
    return {
      msPerStep,
      spread: (Math.max(...times) - Math.min(...times)) / msPerStep,
      firstStepMs,
      dispatches: engine.dispatchesPerStep,
      submits: watch.counts.submits / (rounds * steps),
      objectsCreated: watch.counts.objects,
      measuredBytes: engine.gpuBytes,
    };
  } finally {
    engine.destroy();
  }
}
