import type { Slot } from '../../config/experiment.ts';
import { isMoeLayer } from '../../config/layers.ts';
import { counted } from '../../config/plural.ts';
import type { CostConfig } from '../layerGroups.ts';

/** What can be held equal. Parameters and FLOPs are the papers' N, Na and M; compute is C = 3·M·tokens. */
export const RESOURCES = [
  'totalParameters',
  'activeParameters',
  'flopsPerToken',
  'trainingCompute',
  'memory',
] as const;
export type Resource = (typeof RESOURCES)[number];

/** What the expert space shall be. What is left out is solved for, or stays as in the template. */
export interface SolveTarget {
  /** Activation rate Na/N, matched within 1 %. */
  ra?: number;
  /** Number of FFN experts; solved for when absent and `ra` or `granularity` is given. */
  experts?: number;
  /** Slots per token; solved for when absent, `ra` is given and number or width of experts too. */
  K?: number;
  /** Dense hidden width over mean expert width: fixes the mean width. */
  granularity?: number;
  /** Relative widths [N], for instance MoDSE's 4.5, 0.5, …; equal widths when absent. */
  ratios?: readonly number[];
  /** Hidden widths of all experts [N]: fixes number and widths. */
  widths?: readonly number[];
  /** Shared expert: none, K times the mean width (EqualRes), or of this width. */
  shared: 'none' | 'matched' | number;
  /** Whether every FFN expert gets a negated twin (TC-MoE). */
  negated?: boolean;
  /** Slots without matmul that follow. */
  extra?: readonly Exclude<Slot, { kind: 'ffn' } | { kind: 'negated' }>[];
}

export interface SolveBounds {
  maxExperts: number;
  /** Most slots of a layer, R. */
  maxSlots: number;
  /** Largest mean width. */
  maxWidth: number;
  /** Largest width of any expert, and of the shared one. */
  maxHidden: number;
  /** Widths are multiples of this. */
  widthStep: number;
}

export const DEFAULT_BOUNDS: SolveBounds = {
  maxExperts: 128,
  maxSlots: 512,
  maxWidth: 32_768,
  maxHidden: 131_072,
  widthStep: 1,
};

export interface SolveRequest {
  /** Everything but the expert space: backbone, arrangement, router, batch. */
  template: CostConfig;
  /** The configuration to be equal to, and the tokens that it is trained on. */
  reference: { config: CostConfig; tokens: number };
  hold: readonly Resource[];
  target: SolveTarget;
  /** Those that are not given are the default ones. */
  bounds?: Partial<SolveBounds>;
}

/** Number of slots R of a layer with `experts` FFN experts. */
export function slotCount(target: SolveTarget, experts: number): number {
  return experts * (target.negated ? 2 : 1) + (target.extra?.length ?? 0);
}

/** Slots that K is chosen of at most: a document's pool, or all. */
export function poolSize({ pool }: CostConfig['router']): number {
  if (pool === null) return Number.POSITIVE_INFINITY;
  const least = 'size' in pool ? pool.size : pool.min;
  return Math.min(least, pool.evaluation ?? least);
}

/** What is given and exceeds a bound, or null. */
function boundError({ template, target }: SolveRequest, R: number, bounds: SolveBounds) {
  const { granularity, widths, shared, K } = target;
  const pool = poolSize(template.router);
  if (R > bounds.maxSlots) return `${counted(R, 'slot')}: allowed are ${bounds.maxSlots}.`;
  if (K !== undefined && K > pool) return `K = ${K} of pools of ${counted(pool, 'slot')}.`;
  const widest = Math.max(0, ...(widths ?? []), typeof shared === 'number' ? shared : 0);
  if (widest > bounds.maxHidden) return `Width ${widest}: allowed are ${bounds.maxHidden}.`;
  if (granularity === undefined) return null;
  const width = Math.round(template.model.denseHidden / granularity);
  const of = `Granularity ${granularity} of a dense width of ${template.model.denseHidden}`;
  return width > bounds.maxWidth
    ? `${of} means experts of width ${width}: allowed are ${bounds.maxWidth}.`
    : null;
}

/** Why a request makes no sense whatever the numbers, or null. */
export function requestError(request: SolveRequest, bounds: SolveBounds): string | null {
  const { template, reference, hold, target } = request;
  const { ra, experts, K, granularity, ratios, widths, shared } = target;
  const isCount = (n: number | undefined) => n === undefined || (Number.isInteger(n) && n >= 1);
  const layers = Array.from({ length: template.model.L }, (_, l) => l);
  if (!layers.some((l) => isMoeLayer(template.model, l))) {
    return 'The template has no MoE layer to size: choose an arrangement with one.';
  }
  if (template.router.selection !== 'topk') {
    return `The template selects by ${template.router.selection}: K is sized for topk only.`;
  }
  if (hold.length === 0) return 'Nothing is held equal: choose at least one resource.';
  if (!(reference.tokens >= 1))
    return `Reference tokens ${reference.tokens}: needed is at least 1.`;
  if (ra !== undefined && !(ra > 0 && ra <= 1)) return `Activation rate ${ra}: allowed is 0 to 1.`;
  if (!isCount(experts)) return `${experts} experts: needed is a whole number from 1.`;
  if (!isCount(K)) return `K = ${K}: needed is a whole number from 1.`;
  if (granularity !== undefined && !(granularity > 0)) {
    return `Granularity ${granularity}: needed is a positive number.`;
  }
  if (typeof shared === 'number' && !(Number.isInteger(shared) && shared >= 0)) {
    return `Shared width ${shared}: needed is a whole number from 0.`;
  }
  const lists = [widths, ratios].filter((list) => list !== undefined);
  if (lists.some((list) => list.length === 0 || list.some((value) => !(value > 0)))) {
    return 'Widths and ratios must be positive, one per expert.';
  }
  if (widths?.some((width) => !Number.isInteger(width))) return 'Widths must be whole numbers.';
  if (widths !== undefined && (granularity ?? ratios) !== undefined) {
    return 'Widths are given twice: leave out granularity and ratios, or the widths.';
  }
  const counts = [experts, ...lists.map((list) => list.length)].filter((n) => n !== undefined);
  if (new Set(counts).size > 1) return `Number of experts given twice: ${counts.join(' and ')}.`;
  const most = Math.max(...counts, 1);
  if (most > bounds.maxExperts) return `${most} experts: allowed are ${bounds.maxExperts}.`;
  const R = slotCount(target, counts[0] ?? bounds.maxExperts);
  if (K !== undefined && K > R) return `K = ${K} of ${counted(R, 'slot')}: K can be at most ${R}.`;
  const exceeded = boundError(request, slotCount(target, counts[0] ?? 1), bounds);
  if (exceeded !== null) return exceeded;
  const isSized = hold.some((resource) => resource !== 'trainingCompute');
  if (!isSized && widths === undefined && granularity === undefined) {
    return 'Training compute is met by the token budget, so nothing fixes the widths: hold parameters, FLOPs per token or memory too, or give granularity or widths.';
  }
  return null;
}
