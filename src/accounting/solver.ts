/**
 * The resource solver: an expert space and a token budget that equal another configuration in what
 * is held, within 1 %, or the reason why there is none. The search is exhaustive over the whole
 * numbers within bounds: every held size grows with the mean width, so that for each number of
 * experts and K the widths that match form an interval, found by bisection and walked through.
 */
import { counted } from '../config/plural.ts';
import type { CostConfig } from './layerGroups.ts';
import {
  buildConfig,
  type Candidate,
  measure,
  referenceSizes,
  type SizeResource,
  sizeOf,
  worstMismatch,
} from './solver/candidate.ts';
import {
  DEFAULT_BOUNDS,
  poolSize,
  type Resource,
  requestError,
  type SolveBounds,
  type SolveRequest,
  slotCount,
} from './solver/request.ts';

export type { Candidate } from './solver/candidate.ts';
export {
  DEFAULT_BOUNDS,
  RESOURCES,
  type Resource,
  type SolveBounds,
  type SolveRequest,
  type SolveTarget,
} from './solver/request.ts';

/** Largest relative difference of a match. */
export const TOLERANCE = 0.01;

export interface Solution extends Candidate {
  ok: true;
}

export interface Refusal {
  ok: false;
  /** A sentence with the numbers. */
  reason: string;
  /** The closest configuration that was found, null where the request itself is wrong. */
  nearest: Candidate | null;
}

/** Solves a request; the best match wins, ties go to the smaller K, then to fewer experts. */
export function solve(request: SolveRequest): Solution | Refusal {
  const bounds = { ...DEFAULT_BOUNDS, ...request.bounds };
  const error = requestError(request, bounds);
  if (error !== null) return { ok: false, reason: error, nearest: null };
  const sizes = referenceSizes(request);
  let best: Candidate | null = null;
  let bestWorst = Number.POSITIVE_INFINITY;
  for (const K of choicesOfK(request, bounds)) {
    for (const experts of choicesOfExperts(request, bounds)) {
      const R = slotCount(request.target, experts);
      if (K > R || R > bounds.maxSlots) continue;
      for (const width of choicesOfWidth(request, bounds, sizes, experts, K)) {
        const config = buildConfig(request, experts, K, width, bounds.widthStep);
        if (widestOf(config) > bounds.maxHidden) continue;
        const candidate = measure(config, request, sizes);
        const worst = worstMismatch(candidate, request);
        if (worst < bestWorst) [best, bestWorst] = [candidate, worst];
      }
    }
  }
  if (best !== null && bestWorst <= TOLERANCE) return { ok: true, ...best };
  return { ok: false, reason: refusal(request, sizes, best, bounds), nearest: best };
}

function choicesOfExperts({ template, target }: SolveRequest, bounds: SolveBounds): number[] {
  const given = target.experts ?? target.widths?.length ?? target.ratios?.length;
  if (given !== undefined) return [given];
  const isFree = target.ra !== undefined || target.granularity !== undefined;
  if (isFree) return range(1, bounds.maxExperts);
  const current = template.experts.slots.filter((slot) => slot.kind === 'ffn').length;
  return [Math.max(1, current)];
}

function choicesOfK(request: SolveRequest, bounds: SolveBounds): number[] {
  const { ra, K, experts, granularity, ratios, widths } = request.target;
  if (K !== undefined) return [K];
  const isSized = [experts, granularity, ratios, widths].some((given) => given !== undefined);
  if (ra === undefined || !isSized) return [request.template.router.K];
  const most = Math.max(...choicesOfExperts(request, bounds));
  return range(1, Math.min(slotCount(request.target, most), poolSize(request.template.router)));
}

/** Largest width of an expert, or of the shared one. */
function widestOf({ experts: { slots, sharedHidden } }: CostConfig): number {
  const widths = slots.map((slot) => (slot.kind === 'ffn' ? slot.hidden : 0));
  return Math.max(sharedHidden, ...widths);
}

/** Mean widths to try: the given one, or all that match the held sizes, or the two closest. */
function choicesOfWidth(
  request: SolveRequest,
  bounds: SolveBounds,
  sizes: Record<Resource, number>,
  experts: number,
  K: number,
): number[] {
  const { widths, granularity } = request.target;
  const step = bounds.widthStep;
  if (widths !== undefined) return [widths.reduce((sum, width) => sum + width, 0) / widths.length];
  if (granularity !== undefined) {
    const exact = request.template.model.denseHidden / granularity;
    return [Math.max(1, Math.round(exact / step)) * step];
  }
  const most = Math.max(1, Math.floor(bounds.maxWidth / step));
  let [low, high] = [1, most];
  for (const resource of request.hold) {
    if (resource === 'trainingCompute') continue;
    const size = (n: number) => widthSize(request, resource, experts, K, n * step, step);
    low = Math.max(
      low,
      firstWhere(most, (n) => size(n) >= sizes[resource] * (1 - TOLERANCE)),
    );
    high = Math.min(high, firstWhere(most, (n) => size(n) > sizes[resource] * (1 + TOLERANCE)) - 1);
  }
  const inRange = low <= high ? range(low, high) : [Math.min(low, most), Math.max(high, 1)];
  return inRange.map((n) => n * step);
}

function widthSize(
  request: SolveRequest,
  resource: SizeResource,
  experts: number,
  K: number,
  width: number,
  step: number,
): number {
  return sizeOf(buildConfig(request, experts, K, width, step), resource);
}

/** Smallest n of 1 … most for which a condition, once true, stays true; most + 1 if it never is. */
function firstWhere(most: number, condition: (n: number) => boolean): number {
  let [low, high] = [1, most + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (condition(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const RESOURCE_NAMES: Record<Resource, string> = {
  totalParameters: 'total parameters',
  activeParameters: 'active parameters',
  flopsPerToken: 'FLOPs per token',
  trainingCompute: 'training compute',
  memory: 'memory',
};

function refusal(
  request: SolveRequest,
  sizes: Record<Resource, number>,
  nearest: Candidate | null,
  bounds: SolveBounds,
): string {
  if (nearest === null) {
    const K = request.target.K ?? request.template.router.K;
    return `No expert space of at most ${bounds.maxSlots} slots, with widths of at most ${bounds.maxHidden}, has K = ${K}.`;
  }
  const slots = nearest.config.experts.slots;
  const experts = slots.filter((slot) => slot.kind === 'ffn').length;
  const misses = request.hold
    .filter((resource) => Math.abs(nearest.mismatch[resource]) > TOLERANCE)
    .map((resource) => {
      const own = sizes[resource] * (1 + nearest.mismatch[resource]);
      const difference = percent(nearest.mismatch[resource]);
      return `${RESOURCE_NAMES[resource]} ${own.toPrecision(4)} for ${sizes[resource].toPrecision(4)} (${difference})`;
    });
  if (nearest.raMismatch !== null && Math.abs(nearest.raMismatch) > TOLERANCE) {
    const { ra } = nearest.counts;
    misses.push(
      `activation rate ${(100 * ra).toFixed(2)} % for ${(100 * (request.target.ra ?? 0)).toFixed(2)} %`,
    );
  }
  return `No match within 1 %. The closest, ${nearest.config.router.K} of ${counted(slots.length, 'slot')} with ${counted(experts, 'FFN expert')}, has ${misses.join(' and ')}.`;
}

function percent(fraction: number): string {
  return `${fraction > 0 ? '+' : ''}${(100 * fraction).toFixed(1)} %`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
