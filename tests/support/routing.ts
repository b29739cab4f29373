import type { Slot } from '../../src/config/experiment.ts';
import { expertWidths } from '../../src/config/slots.ts';
import type { PlanBuilder } from '../../src/gpu/plan.ts';
import { dispatchChunks, dispatchForward } from '../../src/kernels/dispatch.ts';
import { type RowTableShape, tableWords } from '../../src/kernels/rowTable.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import { expertRecords } from '../../src/model/experts.ts';
import { capacityPlaces, type Dispatch, forward } from '../../src/reference/dispatch.ts';
import { type KernelBench, padRows, randomFloats } from './kernelHarness.ts';

/** Which slots every token chose, and with which weights: what a router hands to the dispatch. */
export interface Routing {
  T: number;
  D: number;
  slots: readonly Slot[];
  /** Ranks. */
  W: number;
  /** Slot by rank, −1 where none [T, W]. */
  selected_TW: Int32Array;
  /** [T, R] */
  gates_TR: Float32Array;
  capacity: { gamma: number; tau: number } | null;
}

export const ffn = (hidden: number): Slot => ({ kind: 'ffn', hidden });
export const negated = (of: number): Slot => ({ kind: 'negated', of });
export const ZERO: Slot = { kind: 'zero' };
export const COPY: Slot = { kind: 'copy' };
export const CONSTANT: Slot = { kind: 'constant' };

/** One way to choose: the slots of token t by rank. */
export type Choice = (t: number) => readonly number[];

/** W different slots per token in random order; `share` of the ranks after the first stay empty. */
export function randomChoice(R: number, W: number, seed: number, share = 0): Choice {
  return (t) => {
    const keys = randomFloats(R + 1, seed * 7919 + t);
    const order = Array.from({ length: R }, (_, r) => r).sort((a, b) => keys[a]! - keys[b]!);
    const empty = (keys[R]! + 1) / 2 < share ? Math.ceil(W / 2) : 0;
    return order.slice(0, W - empty);
  };
}

export function makeRouting(
  sizes: { T: number; D?: number; slots: readonly Slot[]; W: number },
  choose: Choice,
  capacity: Routing['capacity'] = null,
): Routing {
  const { T, D = 4, slots, W } = sizes;
  const selected_TW = new Int32Array(T * W).fill(-1);
  for (let t = 0; t < T; t++) selected_TW.set(choose(t), t * W);
  const gates_TR = randomFloats(T * slots.length, 99).map((g) => (g + 1.1) / 2);
  return { T, D, slots, W, selected_TW, gates_TR, capacity };
}

/** [T, W] as [W, T]. */
export function ranksFirst<A extends Int32Array | Float32Array>(values_TW: A, W: number): A {
  const T = values_TW.length / W;
  const out = values_TW.slice() as A;
  values_TW.forEach((value, i) => {
    out[(i % W) * T + Math.floor(i / W)] = value;
  });
  return out;
}

export function referenceDispatch({ T, W, slots, selected_TW, capacity }: Routing): Dispatch {
  return forward({ selected_TW }, { T, W, slots, capacity });
}

export function tableShape({ T, D, slots, W }: Routing): RowTableShape {
  return { D, hidden: expertWidths(slots), R: slots.length, maxRows: W * T };
}

/** Words of a telemetry record that holds this layer's counts and nothing else. */
export function recordWords({ W, slots }: Routing): number {
  return (W + 1) * slots.length;
}

/** Places for every number of assignments up to W·T; nothing is dropped without capacity. */
function placesWords({ T, W, slots, capacity }: Routing): Uint32Array {
  const words = new Uint32Array((W * T + 1) * 2);
  if (capacity === null) return words;
  const ffnSlot = slots.findIndex(({ kind }) => kind === 'ffn' || kind === 'negated');
  const otherSlot = slots.findIndex(({ kind }) => kind !== 'ffn' && kind !== 'negated');
  for (let A = 0; A <= W * T; A++) {
    const places = capacityPlaces(slots, A, capacity);
    words.set([places[ffnSlot] ?? 0, places[otherSlot] ?? 0], 2 * A);
  }
  return words;
}

/** Buffers of the dispatch of one layer. */
export function routingBuffers(bench: KernelBench, routing: Routing) {
  const { T, D, W, slots, selected_TW, gates_TR } = routing;
  const R = slots.length;
  const shape = tableShape(routing);
  const selected = new Uint32Array(ranksFirst(selected_TW, W).buffer);
  return {
    selected_WT: bench.input('selected_WT', selected),
    slots_R: bench.input('slots_R', slotRecords(slots)),
    experts_E: bench.input('experts_E', expertRecords(shape.hidden, D)),
    places_A2: bench.input('places_A2', placesWords(routing)),
    g_TR: bench.input('g_TR', padRows(gates_TR, R)),
    count_NR: bench.output('count_NR', W * dispatchChunks(T) * R),
    table: bench.output('table', tableWords(shape)),
    row_token_J: bench.output('row_token_J', W * T),
    row_coef_J: bench.output('row_coef_J', W * T),
    route_WT: bench.output('route_WT', 2 * W * T),
    ring: bench.output('ring', recordWords(routing)),
  };
}

export type RoutingBuffers = ReturnType<typeof routingBuffers>;

/** Numbers of a training step, with capacity in force. */
export const TRAINING = { step: 1, is_training: 1, use_capacity: 1 };

/** The three passes of the dispatch. */
export function addDispatch(plan: PlanBuilder, io: RoutingBuffers, routing: Routing): void {
  const { T, D, slots, W, capacity } = routing;
  dispatchForward(plan, io, {
    T,
    D,
    slots,
    W,
    hasCapacity: capacity !== null,
    aMin: 0,
    record: recordWords(routing),
    offset: 0,
  });
}

/** Kept rows of all experts. */
export function rowCount({ start_E }: Dispatch): number {
  return start_E[start_E.length - 1] ?? 0;
}
