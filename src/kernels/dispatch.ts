import index from '../../shaders/common/index.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import step from '../../shaders/common/step.wgsl?raw';
import countSource from '../../shaders/dispatch/dispatch.count.wgsl?raw';
import planSource from '../../shaders/dispatch/dispatch.plan.wgsl?raw';
import scatterSource from '../../shaders/dispatch/dispatch.scatter.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import { capacityPlaces } from '../config/capacity.ts';
import type { RouterConfig, Slot } from '../config/experiment.ts';
import { selectionWidth } from '../config/layers.ts';
import { isComputing } from '../config/slots.ts';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { tileWidths } from './rowTable.ts';

export const dispatchCount = {
  name: 'dispatch.count',
  source: countSource,
  preludes: [index],
  bindings: { ...read('selected_WT'), ...readWrite('count_NR') },
  dims: u32('T', 'R', 'W', 'chunks'),
} as const satisfies KernelSpec;

export const dispatchPlan = {
  name: 'dispatch.plan',
  source: planSource,
  preludes: [slots, rows, step],
  bindings: {
    ...read('slots_R', 'experts_E', 'places_A2'),
    ...readWrite('count_NR', 'table', 'ring'),
  },
  dims: u32(
    'R',
    'E',
    'W',
    'chunks',
    'D4',
    'channel_tile4',
    'has_capacity',
    'a_min',
    'ffn_slots',
    'record',
    'offset',
  ),
  step: true,
} as const satisfies KernelSpec;

export const dispatchScatter = {
  name: 'dispatch.scatter',
  source: scatterSource,
  preludes: [index, slots, rows],
  bindings: {
    ...read('selected_WT', 'count_NR', 'slots_R', 'table', 'g_TR'),
    ...readWrite('row_token_J', 'row_coef_J', 'route_WT'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'E', 'chunks'),
} as const satisfies KernelSpec;

const CHUNK = 256;

/** Chunks of 256 tokens of one rank. */
export function dispatchChunks(T: number): number {
  return Math.ceil(T / CHUNK);
}

/**
 * The table of places over every number of assignments there can be: one row where `topk` fixes
 * A, else A = 0 … W·T. Where tokens may select fewer than `topk` says, A is not fixed.
 */
export function placesTable(
  slots: readonly Slot[],
  router: RouterConfig,
  T: number,
  isFixed = router.selection === 'topk' || router.selection === 'hash',
): { aMin: number; words: Uint32Array } {
  const W = selectionWidth(router, slots.length);
  const aMax = W * T;
  const aMin = isFixed ? aMax : 0;
  const words = new Uint32Array((aMax - aMin + 1) * 2);
  if (router.capacity === null || router.selection === 'expertChoice') return { aMin, words };
  for (let A = aMin; A <= aMax; A++) {
    const places = capacityPlaces(slots, A, router.capacity, router.tau);
    words.set([places.ffn, places.zeroComputation], (A - aMin) * 2);
  }
  return { aMin, words };
}

export interface DispatchDims {
  T: number;
  D: number;
  slots: readonly Slot[];
  W: number;
  hasCapacity: boolean;
  aMin: number;
  /** Words of one telemetry record, and where this layer's counts start in it. */
  record: number;
  offset: number;
}

/**
 * Stable counting sort of the assignments by expert: routing table, rows and routes. No atomics,
 * no readback (docs/model.md, "4. Capacity").
 */
export function dispatchForward(
  plan: PlanBuilder,
  io: {
    selected_WT: Slice;
    slots_R: Slice;
    experts_E: Slice;
    places_A2: Slice;
    g_TR: Slice;
    count_NR: Slice;
    table: Slice;
    row_token_J: Slice;
    row_coef_J: Slice;
    route_WT: Slice;
    ring: Slice;
  },
  dims: DispatchDims,
): void {
  const { T, D, W } = dims;
  const R = dims.slots.length;
  const E = dims.slots.filter((slot) => slot.kind === 'ffn').length;
  const chunks = dispatchChunks(T);
  plan.add(dispatchCount, io, { T, R, W, chunks }, W * chunks);
  const values = {
    R,
    E,
    W,
    chunks,
    D4: pad4(D) / 4,
    channel_tile4: tileWidths(D).channels / 4,
    has_capacity: dims.hasCapacity ? 1 : 0,
    a_min: dims.aMin,
    ffn_slots: dims.slots.filter((slot) => isComputing(slot.kind)).length,
    record: dims.record,
    offset: dims.offset,
  };
  plan.add(dispatchPlan, io, values, 1);
  plan.add(dispatchScatter, io, { T, R, R4: pad4(R) / 4, W, E, chunks }, W * chunks);
}
