/**
 * FLOPs and bytes of one training step, by what they are spent on. FLOPs are those that the kernels
 * do: two per multiply-add, causal attention counts only the keys it visits and its backward pass
 * computes the scores again (seven products where a stored matrix would need five). Bytes are
 * float32 and count every operand of a kernel once: a lower bound, reached when caches hold tiles.
 */
import { expertOfSlots, expertWidths } from '../config/slots.ts';
import { type CostConfig, type LayerGroup, layerGroups } from './layerGroups.ts';
import { countParameters } from './parameters.ts';
import { meanSetSize, nominalSetSizes } from './slotUse.ts';

/** `other`: embedding, norms, selection, sorting, combining. */
export const COST_CLASSES = [
  'attention',
  'router',
  'experts',
  'shared',
  'dense',
  'head',
  'other',
] as const;
export type CostClass = (typeof COST_CLASSES)[number];

export interface Cost {
  flops: number;
  bytes: number;
}

export interface StepCosts {
  /** Tokens of the step, T. */
  tokens: number;
  forward: Record<CostClass, Cost>;
  backward: Record<CostClass, Cost>;
  optimizer: Cost;
  /** Sum of all, per step. */
  total: Cost;
  /** Forward FLOPs per token, exact for this configuration (M is the papers' figure). */
  forwardFlopsPerToken: number;
}

/** Measured kept assignments per token and slot [R], by layer index. */
export type SlotRows = ReadonlyMap<number, ArrayLike<number>>;

/**
 * Costs of one step. Rows per slot are nominal (the mean set size spread evenly over the R slots)
 * except in layers for which `measured` has them.
 */
export function stepCosts(config: CostConfig, measured?: SlotRows): StepCosts {
  const T = config.batch.B * config.batch.S;
  const forward = noCosts();
  const backward = noCosts();
  const spend = (name: CostClass, [fwd, bwd]: Phases, times = 1) => {
    add(forward[name], fwd, times);
    add(backward[name], bwd, times);
  };
  const { D, V, L, denseHidden } = config.model;
  spend('attention', attentionCost(config, T), L);
  spend('other', normCost(T, D), 2 * L + 1);
  spend('other', [cost(0, 8 * T * D), cost(T * D, 8 * T * D)]);
  spend('head', headCost(T, D, V));
  for (const group of layerGroups(config)) {
    if (!group.isMoe) {
      spend('dense', swigluCost(T, D, denseHidden), group.layers.length);
      continue;
    }
    spend('router', routerCost(config, group, T), group.layers.length);
    spend('shared', swigluCost(T, D, config.experts.sharedHidden), group.layers.length);
    for (const layer of group.layers) {
      const rows = measured?.get(layer) ?? nominalRows(config, group);
      spend('experts', expertsCost(group, rows, T, D));
      spend('other', combineCost(sum(rows), T, D));
    }
  }
  const parameters = countParameters(config).total;
  const optimizer = cost(20 * parameters, 32 * parameters);
  const total = cost(optimizer.flops, optimizer.bytes);
  for (const name of COST_CLASSES) {
    add(total, forward[name], 1);
    add(total, backward[name], 1);
  }
  const forwardFlops = sum(COST_CLASSES.map((name) => forward[name].flops));
  return { tokens: T, forward, backward, optimizer, total, forwardFlopsPerToken: forwardFlops / T };
}

/** What a short probe of the adapter measured. */
export interface ProbeResult {
  /** Achieved 10⁹ FLOP/s of a matmul of the playground's size. */
  gflopsPerSec: number;
  /** Achieved 10⁹ bytes/s of a copy. */
  gbytesPerSec: number;
}

/**
 * Estimated seconds of one step: each class and phase takes the longer of computing and moving
 * (roofline), and they follow one another. What starting kernels costs is not in it
 * (`stepDispatches`).
 */
export function estimateStepSeconds(costs: StepCosts, probe: ProbeResult): number {
  const parts = COST_CLASSES.flatMap((name) => [costs.forward[name], costs.backward[name]]);
  return sum(
    [...parts, costs.optimizer].map(({ flops, bytes }) =>
      Math.max(flops / (probe.gflopsPerSec * 1e9), bytes / (probe.gbytesPerSec * 1e9)),
    ),
  );
}

/** Forward and backward of one operation. */
type Phases = readonly [Cost, Cost];

function cost(flops: number, bytes: number): Cost {
  return { flops, bytes };
}

/** y = x·Wᵀ of n rows, `inner` inputs, `outer` outputs; backward is dx and dW. */
function linearCost(n: number, inner: number, outer: number): Phases {
  const flops = 2 * n * inner * outer;
  const bytes = 4 * (n * inner + inner * outer + n * outer);
  return [cost(flops, bytes), cost(2 * flops, 2 * bytes)];
}

/**
 * SwiGLU of n rows: 6·n·D·h forward, 12·n·D·h backward. Pre-activations are stored, the product is
 * scratch; backward is dh, dx and three weight gradients.
 */
function swigluCost(n: number, D: number, hidden: number): Phases {
  if (hidden === 0) return [cost(0, 0), cost(0, 0)];
  const flops = 6 * n * D * hidden;
  const [x, w, h] = [n * D, D * hidden, n * hidden];
  return [cost(flops, 4 * (2 * x + 3 * w + 4 * h)), cost(2 * flops, 4 * (4 * x + 6 * w + 10 * h))];
}

function attentionCost({ model, batch }: CostConfig, T: number): Phases {
  const { D, H, Hkv } = model;
  const kv = Hkv * (D / H);
  const projections = [
    linearCost(T, D, D),
    linearCost(T, D, kv),
    linearCost(T, D, kv),
    linearCost(T, D, D),
  ];
  const product = T * (batch.S + 1) * D;
  const forward = cost(2 * product, 4 * T * (2 * D + 2 * kv));
  const backward = cost(7 * product, 4 * T * (4 * D + 4 * kv));
  for (const [fwd, bwd] of projections) {
    add(forward, fwd, 1);
    add(backward, bwd, 1);
  }
  return [forward, backward];
}

/** Scores, noise branch, residual, mixing weights of constant experts; softmax and selection. */
function routerCost(config: CostConfig, group: LayerGroup, T: number): Phases {
  const R = group.slots.length;
  const constants = group.slots.filter((slot) => slot.kind === 'constant').length;
  const scores = linearCost(T, config.model.D, R * (config.router.noise ? 2 : 1) + 2 * constants);
  const size = meanSetSize(nominalSetSizes(config.router, R, group.policy));
  const forward = cost(T * R * (size + 4), 4 * T * R * 2);
  const backward = cost(T * R * 4, 4 * T * R * 2);
  const maps = group.previousR === null ? [scores] : [scores, linearCost(T, group.previousR, R)];
  for (const [fwd, bwd] of maps) {
    add(forward, fwd, 1);
    add(backward, bwd, 1);
  }
  return [forward, backward];
}

/** Grouped SwiGLU: rows of a slot and of its negated twin share one pass over the weights. */
function expertsCost(group: LayerGroup, rows: ArrayLike<number>, T: number, D: number): Phases {
  const widths = expertWidths(group.slots);
  const rowsOfExpert = widths.map(() => 0);
  expertOfSlots(group.slots).forEach((expert, slot) => {
    if (expert >= 0) rowsOfExpert[expert]! += T * rows[slot]!;
  });
  const forward = cost(0, 0);
  const backward = cost(0, 0);
  widths.forEach((hidden, expert) => {
    const [fwd, bwd] = swigluCost(rowsOfExpert[expert]!, D, hidden);
    add(forward, fwd, 1);
    add(backward, bwd, 1);
  });
  return [forward, backward];
}

/** Sum over the chosen slots, and the gather of their gradients. */
function combineCost(assignmentsPerToken: number, T: number, D: number): Phases {
  const flops = 2 * T * assignmentsPerToken * D;
  const bytes = 4 * T * D * (assignmentsPerToken + 2);
  return [cost(flops, bytes), cost(flops, bytes)];
}

function normCost(T: number, D: number): Phases {
  return [cost(4 * T * D, 8 * T * D), cost(8 * T * D, 16 * T * D)];
}

/** Logits and cross-entropy; their gradient overwrites them in place. */
function headCost(T: number, D: number, V: number): Phases {
  const [forward, backward] = linearCost(T, D, V);
  add(forward, cost(4 * T * V, 4 * T * V * 2), 1);
  return [forward, backward];
}

function nominalRows(config: CostConfig, { slots, policy }: LayerGroup): number[] {
  const size = meanSetSize(nominalSetSizes(config.router, slots.length, policy));
  return slots.map(() => size / slots.length);
}

function noCosts(): Record<CostClass, Cost> {
  return {
    attention: cost(0, 0),
    router: cost(0, 0),
    experts: cost(0, 0),
    shared: cost(0, 0),
    dense: cost(0, 0),
    head: cost(0, 0),
    other: cost(0, 0),
  };
}

function add(target: Cost, { flops, bytes }: Cost, times: number): void {
  target.flops += times * flops;
  target.bytes += times * bytes;
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}
