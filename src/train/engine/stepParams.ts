import { lossWeights } from '../../config/auxTerms.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { learningRate } from '../../config/schedule.ts';
import { momentWeights } from '../../kernels/adamw.ts';
import type { StepParams } from '../../kernels/step.ts';
import { RING_STEPS, SPARE_SLOT } from '../../layout/telemetry.ts';

/** Training; evaluation (drops as at step 0); sampling (no random drop). */
export type PassMode = 'train' | 'evaluate' | 'sample';

export interface PassOptions {
  /** Step being computed, from 1. */
  step: number;
  mode: PassMode;
  /** Record of the telemetry ring that a training pass writes. */
  ringSlot: number;
  useCapacity: boolean;
}

/** The pass of a training step. */
export function trainingStep(step: number): PassOptions {
  return { step, mode: 'train', ringSlot: (step - 1) % RING_STEPS, useCapacity: true };
}

/** A pass that is no training step, after `done` of them; in training mode it is as the next one's. */
export function beside(done: number, mode: PassMode, useCapacity: boolean): PassOptions {
  return { step: mode === 'train' ? done + 1 : done, mode, ringSlot: SPARE_SLOT, useCapacity };
}

const UINT32 = 2 ** 32;

/** The numbers of one pass (docs/model.md, "Selection", "Losses", "Optimiser"). */
export function stepParams(config: EngineConfig, pass: PassOptions): StepParams {
  const { router, losses, optimizer, seed } = config;
  const { step, mode } = pass;
  const q = router.q ?? 0;
  return {
    step,
    ring_slot: pass.ringSlot,
    is_training: mode === 'train' ? 1 : 0,
    use_capacity: pass.useCapacity ? 1 : 0,
    drop_enabled: mode === 'sample' ? 0 : 1,
    drop_step: mode === 'train' ? step : 0,
    drop_threshold: Math.min(Math.ceil(q * UINT32), UINT32 - 1),
    drop_all: q >= 1 ? 1 : 0,
    seed: seed >>> 0,
    top_p: router.P ?? 1,
    learning_rate: learningRate(step, optimizer),
    weight_decay: optimizer.weightDecay,
    clip: optimizer.clip ?? 0,
    ...momentWeights(optimizer),
    epsilon: optimizer.eps,
    correction1: 1 - optimizer.beta1 ** step,
    correction2: 1 - optimizer.beta2 ** step,
    ...lossWeights(losses),
    tau: router.tau,
  };
}
