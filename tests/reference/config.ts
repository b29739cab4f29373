import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';

/** A small model of three MoE layers with bias, noise and gating residual. */
export function trainingConfig(slots: readonly Slot[]): EngineConfig {
  return {
    model: {
      V: 7,
      D: 48,
      L: 3,
      H: 2,
      Hkv: 1,
      positions: 'rope',
      ropeBase: 10000,
      keyNorm: true,
      normEps: 1e-5,
      tied: false,
      denseHidden: 5,
      arrangement: 'full',
    },
    router: plainRouter({
      gate: 'softmax',
      bias: true,
      noise: true,
      gatingResidual: true,
      capacity: 0.9,
      tau: 0.6,
    }),
    experts: { slots, sharedHidden: 0 },
    losses: {},
    optimizer: {
      lr: 0.01,
      minLr: 0.001,
      warmup: 2,
      totalSteps: 5,
      beta1: 0.9,
      beta2: 0.95,
      eps: 1e-5,
      weightDecay: 0.1,
      clip: 1,
    },
    batch: { B: 2, S: 4 },
    seed: 3,
  };
}
