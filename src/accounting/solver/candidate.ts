import type { Slot } from '../../config/experiment.ts';
import type { CostConfig } from '../layerGroups.ts';
import { estimateMemory } from '../memory.ts';
import { type PaperCounts, paperCounts, trainingCompute } from '../parameters.ts';
import { RESOURCES, type Resource, type SolveRequest, type SolveTarget } from './request.ts';

/** Resources whose size follows from the configuration alone. */
export type SizeResource = Exclude<Resource, 'trainingCompute'>;

/** A configuration with the tokens that it is to be trained on, measured against the reference. */
export interface Candidate {
  config: CostConfig;
  /** Training steps and their tokens, steps·B·S. */
  steps: number;
  tokens: number;
  counts: PaperCounts;
  /** Relative difference to the reference of every resource, held or not: 0.01 is 1 % more. */
  mismatch: Record<Resource, number>;
  /** Relative difference to the target's activation rate, null without one. */
  raMismatch: number | null;
}

/** Value of one resource of a configuration; memory in bytes. */
export function sizeOf(config: CostConfig, resource: SizeResource): number {
  switch (resource) {
    case 'totalParameters':
      return paperCounts(config).N;
    case 'activeParameters':
      return paperCounts(config).Na;
    case 'flopsPerToken':
      return paperCounts(config).M;
    case 'memory':
      return estimateMemory(config).total;
  }
}

/** The template with `experts` FFN experts of the given mean width and K slots per token. */
export function buildConfig(
  { template, target }: SolveRequest,
  experts: number,
  K: number,
  width: number,
  widthStep: number,
): CostConfig {
  const widths = target.widths ?? spreadWidths(experts, width, target.ratios, widthStep);
  const plain = widths.map((hidden): Slot => ({ kind: 'ffn', hidden }));
  const negated = target.negated ? widths.map((_, of): Slot => ({ kind: 'negated', of })) : [];
  const slots = [...plain, ...negated, ...(target.extra ?? [])];
  return {
    model: template.model,
    router: { ...template.router, K },
    experts: { slots, sharedHidden: sharedWidth(target, K, widths) },
    batch: template.batch,
    ...(template.losses && { losses: template.losses }),
  };
}

/** Widths of mean `width` in the given ratios, each a multiple of `step` and at least one step. */
function spreadWidths(
  experts: number,
  width: number,
  ratios: readonly number[] | undefined,
  step: number,
): number[] {
  if (ratios === undefined) return new Array<number>(experts).fill(width);
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  return ratios.map((ratio) => {
    const exact = (width * experts * ratio) / total;
    return Math.max(step, Math.round(exact / step) * step);
  });
}

function sharedWidth({ shared }: SolveTarget, K: number, widths: readonly number[]): number {
  if (shared === 'none') return 0;
  if (shared !== 'matched') return shared;
  return Math.round((K * widths.reduce((sum, width) => sum + width, 0)) / widths.length);
}

/** Reference values of all resources. */
export function referenceSizes({ reference }: SolveRequest): Record<Resource, number> {
  const { N, Na, M } = paperCounts(reference.config);
  return {
    totalParameters: N,
    activeParameters: Na,
    flopsPerToken: M,
    trainingCompute: trainingCompute(M, reference.tokens),
    memory: estimateMemory(reference.config).total,
  };
}

/**
 * Measures a configuration against the reference. Its tokens are what the reference's compute buys
 * where training compute is held, else the reference's; in both cases whole steps, at least one.
 */
export function measure(
  config: CostConfig,
  request: SolveRequest,
  sizes: Record<Resource, number>,
): Candidate {
  const counts = paperCounts(config);
  const batchTokens = config.batch.B * config.batch.S;
  const budget = request.hold.includes('trainingCompute')
    ? sizes.trainingCompute / counts.trainingM
    : request.reference.tokens;
  const steps = Math.max(1, Math.round(budget / batchTokens));
  const tokens = steps * batchTokens;
  const own: Record<Resource, number> = {
    totalParameters: counts.N,
    activeParameters: counts.Na,
    flopsPerToken: counts.M,
    trainingCompute: trainingCompute(counts.M, tokens),
    memory: estimateMemory(config).total,
  };
  const mismatch = { ...own };
  for (const resource of RESOURCES) mismatch[resource] = own[resource] / sizes[resource] - 1;
  const { ra } = request.target;
  const raMismatch = ra === undefined ? null : counts.ra / ra - 1;
  return { config, steps, tokens, counts, mismatch, raMismatch };
}

/** Largest difference among what is held and targeted. */
export function worstMismatch(candidate: Candidate, request: SolveRequest): number {
  const held = request.hold.map((resource) => Math.abs(candidate.mismatch[resource]));
  return Math.max(...held, Math.abs(candidate.raMismatch ?? 0));
}
