import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { uniform } from '../../src/config/hash.ts';
import type { LayerStart } from '../../src/config/ladimoSettings.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import type { Batch } from '../../src/data/types.ts';
import { unigramEntropy } from '../../src/data/unigram.ts';
import type { TensorMap } from '../../src/train/engine/engine.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { distillLayer, layerBegin } from '../../src/train/ladimo/distill.ts';
import { type FfnSample, recordFfn } from '../../src/train/ladimo/record.ts';
import { layerStart } from '../../src/train/ladimo/start.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();

const V = 16;
const TEACHER: EngineConfig = {
  model: {
    V,
    D: 16,
    L: 2,
    H: 2,
    Hkv: 2,
    positions: 'rope',
    ropeBase: 10000,
    keyNorm: false,
    normEps: 1e-5,
    tied: false,
    denseHidden: 32,
    arrangement: 'dense',
  },
  router: plainRouter({ gate: 'softmax' }),
  experts: { slots: [{ kind: 'ffn', hidden: 8 }], sharedHidden: 0 },
  losses: {},
  optimizer: {
    lr: 0.01,
    minLr: 0.001,
    warmup: 10,
    totalSteps: 150,
    beta1: 0.9,
    beta2: 0.95,
    eps: 1e-8,
    weightDecay: 0.1,
    clip: 1,
  },
  batch: { B: 8, S: 16 },
  seed: 1,
};
const LAYERS = [0, 1];
const LAYER = 1;
const STEPS = 500;
const STUDENT: EngineConfig = {
  ...TEACHER,
  model: { ...TEACHER.model, arrangement: [LAYER] },
  experts: {
    slots: Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
    sharedHidden: 0,
  },
  optimizer: { ...TEACHER.optimizer, lr: 1e-3, minLr: 1e-4, totalSteps: STEPS },
  batch: { B: 1, S: 32 },
};

/** A text in which the two tokens before fix the next one, up to noise in one place of eight. */
function textOf(tokens: number): Uint32Array {
  const text = new Uint32Array(tokens);
  for (let i = 2; i < tokens; i++) {
    const isNoise = uniform(5, i, 0) < 1 / 8;
    const next = isNoise ? Math.floor(uniform(5, i, 1) * V) : (3 * text[i - 1]! + text[i - 2]!) % V;
    text[i] = next;
  }
  return text;
}

const TEXT = textOf(64 * 8 * 16 + 1);

function batchOf(i: number): Batch {
  const T = 8 * 16;
  const start = (i % 64) * T;
  return {
    tokens: TEXT.slice(start, start + T),
    targets: TEXT.slice(start + 1, start + T + 1),
    domains: new Uint8Array(T),
  };
}

let ce: number;
let teacher: TensorMap;
let samples: FfnSample[];

beforeAll(async () => {
  const options = { domains: 1, initStd: 0.1, seedInit: 1 };
  const engine = await GpuEngine.create(device(), TEACHER, options);
  for (let step = 0; step < TEACHER.optimizer.totalSteps; step++) {
    engine.submitStep(batchOf(step));
    await engine.settle(2);
  }
  ce = (await engine.evaluate(batchOf(63), { capacity: false })).ce;
  teacher = (await engine.readState()).parameters;
  samples = await recordFfn(engine, batchOf, { layers: LAYERS, n: 2048 });
  engine.destroy();
});

function distil(start: LayerStart, layer: number, { seed = 1, steps = STEPS } = {}) {
  const sample = samples.find((one) => one.layer === layer)!;
  const config = { ...STUDENT, optimizer: { ...STUDENT.optimizer, totalSteps: steps } };
  return distillLayer({ device: device() }, config, {
    sample,
    from: layerBegin(layerStart(STUDENT, layer, teacher, { start, initStd: 0.02, seed })),
    alpha: 0.1,
    seed,
  });
}

describe('distillation of a converted layer', () => {
  it('has a teacher that knows more than how often tokens occur', () => {
    const all = { tokens: TEXT, targets: TEXT.length - 1, share: 1 };
    expect(ce).toBeLessThan(unigramEntropy([all], V) - 0.2);
  });

  it(`starts lower from split weights than from random ones, and stays lower for ${STEPS} steps`, async () => {
    const { losses: split } = await distil('split', LAYER);
    const { losses: random } = await distil('random', LAYER);
    expect(split.mse).toHaveLength(STEPS);
    const higher = split.mse.flatMap((mse, i) => (mse < random.mse[i]! ? [] : [i + 1]));
    expect(higher).toEqual([]);
  });

  it('starts lower from split weights at step 1, in every layer and from every seed', async () => {
    const first = async (start: LayerStart, layer: number, seed: number) =>
      (await distil(start, layer, { seed, steps: 1 })).losses.mse[0]!;
    for (const layer of LAYERS)
      for (const seed of [1, 2, 3])
        expect(await first('split', layer, seed)).toBeLessThan(await first('random', layer, seed));
  });
});
