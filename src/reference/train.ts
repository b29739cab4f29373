import type { EngineConfig, OptimizerConfig } from '../config/experiment.ts';
import { learningRate } from '../config/schedule.ts';
import * as adamw from './adamw.ts';
import type { RealTensor, RealTensors } from './arrays.ts';
import { clipScale, gradNorm } from './clip.ts';
import { backward, forward, type Losses, type ReferenceBatch, type Trace } from './model.ts';
import { trainingMode } from './moeLayer.ts';
import { copyTensors, valuesOf, zeroTensors } from './tensors.ts';

/** Parameters and moments of a run; `step` steps are done. */
export interface TrainState {
  step: number;
  params: RealTensors;
  firstMoments: RealTensors;
  secondMoments: RealTensors;
}

export interface StepResult {
  lr: number;
  /** Of the batch before the update. */
  losses: Losses;
  /** Before clipping. */
  gradNorm: number;
  grads: RealTensors;
  trace: Trace;
  /** False when the loss or the norm was not finite: nothing was changed. */
  isApplied: boolean;
}

/** A state at step 0 with copies of `params` in the given precision. */
export function startState(
  params: ReadonlyMap<string, RealTensor>,
  precision: 'float32' | 'float64' = 'float64',
): TrainState {
  const copies = copyTensors(params, precision);
  return {
    step: 0,
    params: copies,
    firstMoments: zeroTensors(copies),
    secondMoments: zeroTensors(copies),
  };
}

/**
 * Clipping and AdamW on all parameters in place (docs/model.md, "Optimiser"); advances `state.step`.
 * A norm or loss that is not finite changes nothing but is still reported.
 */
export function applyGradients(
  state: TrainState,
  grads: RealTensors,
  loss: number,
  optimizer: OptimizerConfig,
): { lr: number; gradNorm: number; isApplied: boolean } {
  const step = state.step + 1;
  const lr = learningRate(step, optimizer);
  const norm = gradNorm(grads);
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
    return { lr, gradNorm: norm, isApplied: false };
  }
  const scale = clipScale(norm, optimizer.clip);
  for (const [name, { shape, data }] of state.params) {
    const m = valuesOf(state.firstMoments, name);
    const v = valuesOf(state.secondMoments, name);
    const decays = shape.length >= 2;
    const grad = valuesOf(grads, name);
    adamw.update({ w: data, grad, m, v }, { step, lr, scale, decays, optimizer });
  }
  state.step = step;
  return { lr, gradNorm: norm, isApplied: true };
}

/** One training step: forward, loss, gradients of the total loss, clipping, AdamW. */
export function trainStep(
  state: TrainState,
  batch: ReferenceBatch,
  config: EngineConfig,
): StepResult {
  const mode = trainingMode(state.step + 1);
  const { losses, trace } = forward({ params: state.params, batch }, config, mode);
  const grads = backward(trace, state.params, config);
  const update = applyGradients(state, grads, losses.total!, config.optimizer);
  return { ...update, losses, grads, trace };
}
