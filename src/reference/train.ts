import {
  hasSelectionBias,
  isRouterParameter,
  isSelectionBias,
  selectionBiasName,
} from '../config/balancing.ts';
import type { EngineConfig, OptimizerConfig } from '../config/experiment.ts';
import { learningRate } from '../config/schedule.ts';
import * as adamw from './adamw.ts';
import type { RealTensor, RealTensors } from './arrays.ts';
import { moveBias } from './biasRule.ts';
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
  /** Counts that the balance loss keeps of the last steps, by MoE layer, oldest first. */
  histories: Map<number, number[][]>;
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
    histories: new Map(),
  };
}

/**
 * Clipping and AdamW on all parameters in place (docs/model.md, "Optimiser"); advances `state.step`.
 * A norm or loss that is not finite changes nothing but is still reported.
 * @param isFixed which of them stay as they are
 */
export function applyGradients(
  state: TrainState,
  grads: RealTensors,
  loss: number,
  optimizer: OptimizerConfig,
  isFixed: (name: string) => boolean = () => false,
): { lr: number; gradNorm: number; isApplied: boolean } {
  const step = state.step + 1;
  const lr = learningRate(step, optimizer);
  const norm = gradNorm(grads);
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
    return { lr, gradNorm: norm, isApplied: false };
  }
  const scale = clipScale(norm, optimizer.clip);
  for (const [name, { shape, data }] of state.params) {
    if (isFixed(name)) continue;
    const m = valuesOf(state.firstMoments, name);
    const v = valuesOf(state.secondMoments, name);
    const decays = shape.length >= 2;
    const grad = valuesOf(grads, name);
    adamw.update({ w: data, grad, m, v }, { step, lr, scale, decays, optimizer });
  }
  state.step = step;
  return { lr, gradNorm: norm, isApplied: true };
}

/** Clipping, AdamW, and what rules move after it; advances `state.step`. */
export function applyStep(
  state: TrainState,
  { grads, trace, loss }: { grads: RealTensors; trace: Trace; loss: number },
  config: EngineConfig,
): ReturnType<typeof applyGradients> {
  const update = applyGradients(state, grads, loss, config.optimizer, fixedBy(config));
  if (update.isApplied) moveStates(state, trace, config);
  return update;
}

/** What AdamW leaves as it is: states, and the parameters of a frozen router. */
function fixedBy({ router }: EngineConfig): (name: string) => boolean {
  return (name) => isSelectionBias(name) || (router.frozen && isRouterParameter(name));
}

/** Moves the selection biases and count histories by what a step saw. */
function moveStates(state: TrainState, trace: Trace, config: EngineConfig): void {
  const { router, losses } = config;
  trace.layers.forEach(({ ffn }, l) => {
    if (ffn.kind !== 'moe') return;
    const { slots, counts_R, history_R, routing } = ffn.saved;
    if (router.biasRule !== null && hasSelectionBias(config, l)) {
      const bias_R = valuesOf(state.params, selectionBiasName(l));
      const dims = { T: trace.ce_T.length, K: router.K, slots };
      moveBias({ bias_R, counts_R, s_TR: routing.s_TR }, router.biasRule, dims);
    }
    if (losses.balance?.scope !== 'global') return;
    const kept = losses.balance.window - 1;
    const history = [...(state.histories.get(l) ?? []), history_R];
    state.histories.set(l, history.slice(Math.max(0, history.length - kept)));
  });
}

/** One training step: forward, loss, gradients of the total loss, clipping, AdamW, states. */
export function trainStep(
  state: TrainState,
  batch: ReferenceBatch,
  config: EngineConfig,
): StepResult {
  const mode = trainingMode(state.step + 1);
  const { params, histories } = state;
  const { losses, trace } = forward({ params, batch, histories }, config, mode);
  const grads = backward(trace, params, config);
  const update = applyStep(state, { grads, trace, loss: losses.total! }, config);
  return { ...update, losses, grads, trace };
}
