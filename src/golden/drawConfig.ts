import type { LossesConfig } from '../config/auxTerms.ts';
import type {
  Arrangement,
  EngineConfig,
  ExpertsConfig,
  LayerPolicy,
  ModelConfig,
  OptimizerConfig,
  RouterConfig,
  Slot,
} from '../config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../config/layers.ts';
import { plainRouter } from '../config/plainRouter.ts';
import { drawBalancing } from './drawBalancing.ts';
import type { Draws } from './draws.ts';

/**
 * `lab`: top-k over FFN experts of any widths, softmax and renormalized gates, shared expert, Switch
 * loss, router bias. `all`: every selection, gate, slot kind and loss, noise, gating residual,
 * capacity and layers with an expert space of their own. `balance`: these, and the balancing lab's. Every
 * one: all networks and optimiser settings.
 */
export const FEATURES = ['lab', 'all', 'balance'] as const;
export type Features = (typeof FEATURES)[number];

/** Weights of one expert space, to keep a case within a second. */
const MAX_EXPERT_WEIGHTS = 60_000;
/** Comparisons of logits in a case: more of them make a margin of 1e-4 unlikely. */
const MAX_COMPARISONS = 900;

function drawArrangement(draws: Draws, L: number): Arrangement {
  if (draws.chance(0.08)) return 'dense';
  const kinds =
    L > 1 ? (['full', 'full', '1dense', 'interleave', 'list'] as const) : ['full' as const];
  const kind = draws.pick(kinds);
  if (kind !== 'list') return kind;
  const layers = Array.from({ length: L }, (_, l) => l).filter(() => draws.chance(0.5));
  return layers.length > 0 ? layers : [L - 1];
}

function drawModel(draws: Draws): ModelConfig {
  const positions = draws.pick(['rope', 'alibi'] as const);
  const H = draws.pick([1, 2, 3, 4, 6]);
  const Hkv = draws.pick([1, 2, 3, 4, 6].filter((heads) => H % heads === 0));
  const Dh = positions === 'rope' ? 2 * draws.logInt(1, 8) : draws.logInt(1, 16);
  const L = draws.int(1, 3);
  return {
    V: draws.logInt(2, 300),
    D: H * Dh,
    L,
    H,
    Hkv,
    positions,
    ropeBase: draws.pick([10000, 10000, 500]),
    keyNorm: draws.chance(0.4),
    normEps: draws.pick([1e-5, 1e-5, 1e-6, 1e-3]),
    tied: draws.chance(0.3),
    denseHidden: draws.logInt(1, 300),
    arrangement: drawArrangement(draws, L),
  };
}

function drawFfn(draws: Draws, widest: number): Slot {
  return { kind: 'ffn', hidden: draws.logInt(1, widest) };
}

function drawR(draws: Draws): number {
  if (draws.chance(0.06)) return 1;
  return draws.chance(0.15) ? draws.int(17, 64) : draws.logInt(2, 16);
}

/** R slots of any kind in any order; a negated slot needs an FFN expert of its layer. */
function drawSlots(draws: Draws, D: number, features: Features): Slot[] {
  const R = drawR(draws);
  const widest = Math.max(1, Math.min(300, Math.floor(MAX_EXPERT_WEIGHTS / (3 * D * R))));
  const ffn = () => drawFfn(draws, widest);
  if (features === 'lab') return Array.from({ length: R }, ffn);
  const mixed = ['ffn', 'ffn', 'ffn', 'negated', 'zero', 'copy', 'constant'] as const;
  const kinds = Array.from({ length: R }, () => draws.pick(mixed));
  const E = kinds.filter((kind) => kind === 'ffn').length;
  return kinds.map((kind): Slot => {
    if (kind === 'ffn') return ffn();
    if (kind !== 'negated') return { kind };
    return E > 0 ? { kind, of: draws.int(0, E - 1) } : { kind: 'copy' };
  });
}

function drawExperts(draws: Draws, model: ModelConfig, features: Features): ExpertsConfig {
  const experts: ExpertsConfig = {
    slots: drawSlots(draws, model.D, features),
    sharedHidden: draws.chance(0.3) ? draws.logInt(1, 60) : 0,
  };
  if (features === 'lab' || !draws.chance(0.35)) return experts;
  const perLayer: Record<string, readonly Slot[]> = {};
  for (let l = 0; l < model.L; l++) {
    if (isMoeLayer(model, l) && draws.chance(0.5)) {
      perLayer[String(l)] = drawSlots(draws, model.D, features);
    }
  }
  return { ...experts, perLayer };
}

function drawPolicy(draws: Draws): LayerPolicy {
  const kind = draws.pick(['top-1', 'top-2', 'top-3', 'dynamic', 'dynamic'] as const);
  if (kind !== 'dynamic') return { kind };
  const beta = 0.1 + 0.4 * draws.uniform();
  return { kind, alpha: beta + 0.3 * draws.uniform(), beta };
}

/** Largest R of the model's MoE layers, 1 without any. */
function largestSpace(model: ModelConfig, experts: ExpertsConfig): number {
  const sizes = Array.from({ length: model.L }, (_, l) => l)
    .filter((l) => isMoeLayer(model, l))
    .map((l) => slotsOfLayer(experts, l).length);
  return Math.max(1, ...sizes);
}

function drawRouter(
  draws: Draws,
  model: ModelConfig,
  experts: ExpertsConfig,
  features: Features,
): RouterConfig {
  const R = largestSpace(model, experts);
  const few = draws.int(1, Math.min(R, 4));
  const K = R <= 8 && draws.chance(0.15) ? R + draws.int(0, 1) : few;
  const lab = plainRouter({
    K,
    gate: draws.pick(['softmax', 'renormalized'] as const),
    bias: draws.chance(0.4),
  });
  if (features === 'lab') return lab;
  const selections = ['topk', 'topk', 'randomDrop', 'adaptive', R <= 8 ? 'topp' : 'topk'] as const;
  const selection = draws.pick(selections);
  const policies = Array.from({ length: model.L }, (_, l) =>
    isMoeLayer(model, l) ? drawPolicy(draws) : null,
  );
  return {
    ...lab,
    selection,
    K: selection === 'randomDrop' ? 2 : K,
    P: selection === 'topp' ? 0.3 + 0.65 * draws.uniform() : null,
    q: selection === 'randomDrop' ? draws.pick([0.2, 0.5, 0.9]) : null,
    policy: selection === 'adaptive' ? policies : null,
    gate: draws.pick([
      'softmax',
      'renormalized',
      'renormalizedWithNull',
      'renormalizedWithoutZero',
    ] as const),
    noise: draws.chance(0.4),
    gatingResidual: draws.chance(0.5),
    capacity: draws.chance(0.5) ? draws.pick([0.3, 0.7, 1, 1.25]) : null,
    tau: draws.pick([0.25, 0.75, 1, 2]),
  };
}

function drawLosses(draws: Draws, features: Features): LossesConfig {
  const weight = () => draws.pick([0.01, 0.1, 0.5]);
  const losses: LossesConfig = draws.chance(0.6) ? { switch: { alpha: weight() } } : {};
  if (features === 'lab') return losses;
  if (draws.chance(0.4)) losses.heterogeneous = { beta: weight() };
  if (draws.chance(0.4)) losses.ternary = { alpha1: weight() };
  if (draws.chance(0.4)) losses.reward = { alpha2: weight() };
  if (draws.chance(0.4)) losses.dynamic = { w: weight() };
  return losses;
}

function drawOptimizer(draws: Draws, steps: number): OptimizerConfig {
  const lr = draws.pick([0.003, 0.01]);
  const totalSteps = draws.int(1, steps + 3);
  return {
    lr,
    minLr: draws.pick([0, lr / 10]),
    warmup: draws.int(0, Math.min(3, totalSteps)),
    totalSteps,
    beta1: 0.9,
    beta2: draws.pick([0.95, 0.999]),
    eps: draws.pick([1e-5, 1e-5, 1e-4]),
    weightDecay: draws.pick([0.1, 0.1, 0]),
    clip: draws.pick([1, 1, 0.1, 100, null]),
  };
}

/** Positions per sequence, fewer where tokens compare many slots. */
function drawPositions(draws: Draws, comparisonsPerPosition: number): number {
  const most = Math.max(1, Math.floor(MAX_COMPARISONS / comparisonsPerPosition));
  return draws.logInt(1, Math.min(17, most));
}

/** A random legal configuration and the number of its training steps. */
export function drawConfig(
  draws: Draws,
  features: Features,
): { config: EngineConfig; steps: number } {
  const model = drawModel(draws);
  const experts = drawExperts(draws, model, features);
  const router = drawRouter(draws, model, experts, features);
  const steps = draws.int(1, 3);
  const B = draws.int(1, 3);
  const ranks = selectionWidth(router, largestSpace(model, experts));
  const S = drawPositions(draws, B * model.L * ranks * steps);
  const losses = drawLosses(draws, features);
  const optimizer = drawOptimizer(draws, steps);
  const seed = draws.int(0, 2 ** 31);
  const config = { model, router, experts, losses, optimizer, batch: { B, S }, seed };
  return { config: features === 'balance' ? drawBalancing(draws, config) : config, steps };
}
