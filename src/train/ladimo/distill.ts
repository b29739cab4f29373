import type { EngineConfig, OptimizerConfig } from '../../config/experiment.ts';
import { hashChain } from '../../config/hash.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { VectorBatch } from '../../model/distillNetwork.ts';
import type { TensorMap } from '../engine/engine.ts';
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
const COLUMNS = ['mse', 'balance', 'total', 'gradNorm', 'lr'] as const;

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

/**
 * Trains one layer of the student on its recorded sample for `config.optimizer.totalSteps` steps of
 * B·S vectors each.
 * @throws NonFinite naming layer and step
 */
export async function distillLayer(
  gpu: Gpu,
  config: EngineConfig,
  options: {
    sample: FfnSample;
    start: TensorMap;
    alpha: number;
    seed: number;
    onStep?: (step: number, mse: number) => void;
  },
): Promise<{ losses: DistillLosses; parameters: TensorMap }> {
  const { sample, start, alpha, seed, onStep } = options;
  const { layer } = sample;
  const batchOf = sampleBatches(sample, { T: config.batch.B * config.batch.S, seed });
  const { totalSteps } = config.optimizer;
  const losses: DistillLosses = { mse: [], balance: [], total: [], gradNorm: [], lr: [] };
  const trainer = await LayerTrainer.create(gpu, config, { layer, alpha });
  try {
    trainer.load(start);
    for (let step = 1; step <= totalSteps; step++) {
      trainer.submitStep(batchOf(step));
      await trainer.settle(IN_FLIGHT);
      if (step % (trainer.ringSteps / 2) !== 0 && step < totalSteps) continue;
      const records = await trainer.readTelemetry();
      for (const name of COLUMNS) losses[name].push(...(records?.[name] ?? []));
      if (trainer.refusedStep !== null) {
        throw switchyardError(
          'NonFinite',
          `Layer ${layer}, step ${trainer.refusedStep} of its distillation: the loss or the gradient norm is not finite; the peak learning rate is ${config.optimizer.lr}.`,
        );
      }
      onStep?.(step, losses.mse.at(-1) ?? Number.NaN);
    }
    return { losses, parameters: await trainer.readParameters() };
  } finally {
    trainer.destroy();
  }
}

/** The optimiser of the distillation: the teacher's with its own length, and what was set. */
export function distillOptimizer(
  teacher: OptimizerConfig,
  { optimizer: own, steps }: LadimoSettings,
): OptimizerConfig {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...teacher, warmup: Math.min(teacher.warmup, steps), ...set, totalSteps: steps };
}
