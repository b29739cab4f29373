import type { EngineConfig, OptimizerConfig } from '../../config/experiment.ts';
import { hashChain } from '../../config/hash.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { VectorBatch } from '../../model/distillNetwork.ts';
import type { EngineState, TensorMap } from '../engine/engine.ts';
import { IN_FLIGHT } from '../engine/stepQueue.ts';
import { switchyardError } from '../session/errors.ts';
import { type Gpu, LayerTrainer } from './layerTrainer.ts';
import type { FfnSample } from './record.ts';

/** Losses of a layer's distillation, one value per step. */
export interface DistillLosses {
  mse: number[];
  balance: number[];
  total: number[];
  gradNorm: number[];
  lr: number[];
}
export const COLUMNS = ['mse', 'balance', 'total', 'gradNorm', 'lr'] as const;

/**
 * Batches of `T` recorded vectors in a shuffled order: none comes again before all have been seen.
 * A batch is valid until the next one is asked for.
 * @param seed of the order, with the number of the pass over the sample
 * @throws RangeError for a sample of less than one batch
 */
export function sampleBatches(
  { n, inputs, targets }: FfnSample,
  { T, seed }: { T: number; seed: number },
): (step: number) => VectorBatch {
  if (n < T) throw new RangeError(`ladimo: a sample of ${n} vectors; a batch needs ${T}`);
  const D = inputs.length / n;
  const order = new Uint32Array(n);
  let epoch = -1;
  const shuffle = (next: number) => {
    epoch = next;
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((hashChain(seed, epoch, i) / 2 ** 32) * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
  };
  const batch = { inputs: new Float32Array(T * D), targets: new Float32Array(T * D) };
  return (step) => {
    for (let t = 0; t < T; t++) {
      const place = (step - 1) * T + t;
      if (Math.floor(place / n) !== epoch) shuffle(Math.floor(place / n));
      const row = order[place % n]! * D;
      batch.inputs.set(inputs.subarray(row, row + D), t * D);
      batch.targets.set(targets.subarray(row, row + D), t * D);
    }
    return batch;
  };
}

/** A layer that is trained in part, or whole: all that its training needs to go on. */
export interface LayerProgress {
  state: EngineState;
  /** Of the steps so far. */
  losses: DistillLosses;
}

/** A layer before its first step. */
export function layerBegin(parameters: TensorMap): LayerProgress {
  const zeros = (): TensorMap =>
    new Map(
      [...parameters].map(([name, { shape, data }]) => [
        name,
        { shape, data: new Float32Array(data.length) },
      ]),
    );
  const state = { step: 0, parameters, firstMoments: zeros(), secondMoments: zeros() };
  return { state, losses: { mse: [], balance: [], total: [], gradNorm: [], lr: [] } };
}

/** Who follows the training of a layer. */
export interface Following {
  /** Ends it after the step that is under way. */
  signal?: AbortSignal | undefined;
  /** Hears of losses from step `firstStep` on, some ten times a second. */
  onSteps?: ((losses: DistillLosses, firstStep: number) => void) | undefined;
  /** Stores how far it is, every few seconds and at its end. */
  store?: ((progress: LayerProgress) => Promise<void>) | undefined;
  /** Least time between two stored states; a few seconds unless set. */
  storeMs?: number | undefined;
}

/** Least time between two reports, and between two stored states. */
const TELL_MS = 100;
const STORE_MS = 3000;

interface Distillation {
  sample: FfnSample;
  from: LayerProgress;
  alpha: number;
  /** Of the order of the vectors. */
  seed: number;
}

/**
 * Trains one layer of the student on its recorded sample until `config.optimizer.totalSteps` steps of
 * B·S vectors each are taken, or the signal. Depends on nothing but these: where it goes on from a
 * state, every bit is that of a training without a break.
 * @throws NonFinite naming layer and step
 */
export async function distillLayer(
  gpu: Gpu,
  config: EngineConfig,
  { sample, from, alpha, seed }: Distillation,
  { signal, onSteps, store, storeMs = STORE_MS }: Following = {},
): Promise<LayerProgress> {
  const { layer } = sample;
  const batchOf = sampleBatches(sample, { T: config.batch.B * config.batch.S, seed });
  const { totalSteps, lr } = config.optimizer;
  const losses = structuredClone(from.losses);
  const trainer = await LayerTrainer.create(gpu, config, { layer, alpha });
  let [toldAt, storedAt] = [performance.now(), performance.now()];
  const read = async () => {
    const records = await trainer.readTelemetry();
    toldAt = performance.now();
    for (const name of COLUMNS) losses[name].push(...(records?.[name] ?? []));
    if (trainer.refusedStep !== null)
      throw switchyardError(
        'NonFinite',
        `Layer ${layer}, step ${trainer.refusedStep} of its distillation: the loss or the gradient norm is not finite; the peak learning rate is ${lr}.`,
      );
    if (records !== null) onSteps?.(losses, records.firstStep);
  };
  const progress = async (): Promise<LayerProgress> => {
    await read();
    return { state: await trainer.readState(), losses: structuredClone(losses) };
  };
  try {
    trainer.loadState(from.state);
    while (trainer.step < totalSteps && signal?.aborted !== true) {
      trainer.submitStep(batchOf(trainer.step + 1));
      await trainer.settle(IN_FLIGHT);
      const { step, ringSteps } = trainer;
      const now = performance.now();
      if (step % (ringSteps / 2) === 0 || now - toldAt >= TELL_MS) await read();
      if (store === undefined || now - storedAt < storeMs) continue;
      await trainer.settle(0);
      await store(await progress());
      storedAt = performance.now();
    }
    await trainer.settle(0);
    const last = await progress();
    await store?.(last);
    return last;
  } finally {
    trainer.destroy();
  }
}

/**
 * The optimiser of the distillation: the teacher's with its own length, and what was set. Of what was not, warm-up
 * is at most its steps, and the last learning rate at most its peak.
 */
export function distillOptimizer(
  teacher: OptimizerConfig,
  { optimizer: own, steps }: LadimoSettings,
): OptimizerConfig {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const minLr = Math.min(teacher.minLr, own.lr ?? teacher.lr);
  const warmup = Math.min(teacher.warmup, steps);
  return { ...teacher, minLr, warmup, ...set, totalSteps: steps };
}
