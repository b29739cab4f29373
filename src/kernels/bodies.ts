/**
 * The operations that have bodies of their own for adapters without a GPU (software/), each with the one
 * that suits the plan's adapter: the only place that asks. All other files read as if there were GPUs alone.
 */
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import * as attention from './attention.ts';
import type { CachedAttentionBody } from './cached.ts';
import * as experts from './experts.ts';
import { OUTPUTS } from './lanes.ts';
import * as linear from './linear.ts';
import * as attentionByQuads from './software/attention.ts';
import * as linearByQuads from './software/linear.ts';
import { addBodies, serial } from './software/serial.ts';
import * as expertsByQuads from './software/swiglu.ts';

type Operation<A extends unknown[]> = (plan: PlanBuilder, ...given: A) => void;

/** An operation with another body where four neighbouring invocations can load for each other. */
const either =
  <A extends unknown[]>(
    usual: Operation<A>,
    byQuads: NoInfer<Operation<A>>,
    suits: NoInfer<(...given: A) => boolean> = () => true,
  ): Operation<A> =>
  (plan, ...given) =>
    (plan.usesQuads && suits(...given) ? byQuads : usual)(plan, ...given);

/** Bodies for products of a few rows, which come with the plans that have those (fewRows.ts). */
export interface FewRows {
  linearForward: typeof linear.linearForward;
  expertsForward: typeof experts.expertsForward;
}
const fewRows = new WeakMap<PlanBuilder, FewRows>();

/** Has a plan compute its products, forward, by these bodies. */
export function giveFewRows(plan: PlanBuilder, bodies: FewRows): void {
  fewRows.set(plan, bodies);
}

const linearByTiles = either(linear.linearForward, linearByQuads.linearForward);
const expertsByTiles = either(experts.expertsForward, expertsByQuads.expertsForward);

export const linearForward: FewRows['linearForward'] = (plan, ...given) =>
  (fewRows.get(plan)?.linearForward ?? linearByTiles)(plan, ...given);
export const linearBackwardX = either(linear.linearBackwardX, linearByQuads.linearBackwardX);
export const linearBackwardW = either(linear.linearBackwardW, linearByQuads.linearBackwardW);

export const expertsForward: FewRows['expertsForward'] = (plan, ...given) =>
  (fewRows.get(plan)?.expertsForward ?? expertsByTiles)(plan, ...given);
export const expertsBackward = either(experts.expertsBackward, expertsByQuads.expertsBackward);

export const attentionForward = either(
  attention.attentionForward,
  attentionByQuads.attentionForward,
  (_, sizes) => attentionByQuads.isNarrow(sizes),
);
export const attentionBackward = either(
  attention.attentionBackward,
  attentionByQuads.attentionBackward,
  (_, sizes) => attentionByQuads.isNarrow(sizes),
);

/** The body of attention to a cache, loaded with the first plan that decodes; null where cached.ts suits. */
export async function cachedAttention({
  adapterClass,
}: Pick<PlanBuilder, 'adapterClass'>): Promise<CachedAttentionBody | null> {
  return adapterClass === 'software' ? import('./software/cached.ts') : null;
}

/** Loads the bodies of the balancing lab's kernels; call it before a plan has one of these. */
export async function loadLabBodies(): Promise<void> {
  const { LAB_BODIES } = await import('./software/labSerial.ts');
  addBodies(LAB_BODIES);
}

/** So many outputs fill any GPU with one invocation each; eight each would only begin and end. */
const MANY_OUTPUTS = 2 ** 18;

/** Adds a kernel whose outputs have eight invocations each, or one where there are many outputs. */
export function addOutputs<B extends string, N extends string>(
  plan: PlanBuilder,
  spec: KernelSpec<B, N>,
  buffers: Readonly<Record<NoInfer<B>, Slice>>,
  dims: Readonly<Record<NoInfer<N>, number>>,
  outputs: number,
): void {
  const isOneEach = plan.adapterClass === 'software' || outputs > MANY_OUTPUTS;
  const suited = isOneEach ? serial(spec) : { spec, rows: 1 };
  plan.add(suited.spec, buffers, dims, Math.ceil(outputs / (OUTPUTS * suited.rows)));
}

/** Adds a kernel with a workgroup for each of so many rows. */
export function addRows<B extends string, N extends string>(
  plan: PlanBuilder,
  spec: KernelSpec<B, N>,
  buffers: Readonly<Record<NoInfer<B>, Slice>>,
  dims: Readonly<Record<NoInfer<N>, number>>,
  rows: number,
  constants: Readonly<Record<string, number>> = {},
): void {
  const suited = plan.adapterClass === 'software' ? serial(spec) : { spec, rows: 1 };
  plan.add(suited.spec, buffers, dims, Math.ceil(rows / suited.rows), constants);
}
