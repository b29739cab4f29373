/**
 * GPU memory of a configuration, estimated before anything is allocated, and checked against the
 * adapter's limits. Parameters, gradients and both moments are one buffer each, every tensor padded
 * to 256 elements and expert widths to a multiple of 4; activations are float32, one buffer each,
 * sized for the worst routing (a token may choose W slots, rows have the widest expert's stride).
 */
import type { Problem } from '../config/experiment.ts';
import { selectionWidth } from '../config/layers.ts';
import { type CostConfig, expertWidths, type LayerGroup, layerGroups } from './layerGroups.ts';

export const MEMORY_CLASSES = [
  'parameters',
  'gradients',
  'moments',
  'activations',
  'other',
] as const;
export type MemoryClass = (typeof MEMORY_CLASSES)[number];

/** Buffers of one kind. */
export interface MemoryItem {
  class: MemoryClass;
  label: string;
  /** How many buffers of this size there are. */
  buffers: number;
  /** Bytes of one. */
  bytes: number;
  /** Setting that shrinks it most directly. */
  path: string;
}

/** What one buffer and one binding may hold (names as in the adapter's report). */
export interface MemoryLimits {
  maxBufferBytes: number;
  maxBindingBytes: number;
}

export interface MemoryEstimate {
  items: MemoryItem[];
  byClass: Record<MemoryClass, number>;
  total: number;
  /** One error per kind of buffer that exceeds a limit; empty without limits. */
  problems: Problem[];
}

/** Steps that the telemetry ring holds. */
const RING_STEPS = 256;
/** Values that telemetry keeps per step, and per slot beside its W ranks. */
const RING_SCALARS = 9;
const RING_PER_SLOT = 3 + 6;

/** Bytes of the engine by class and buffer; `limits` null skips the check. */
export function estimateMemory(
  config: CostConfig,
  limits: MemoryLimits | null = null,
): MemoryEstimate {
  const stored = 4 * storedElements(config);
  const state: MemoryItem[] = [
    item('parameters', 'Parameters', stored, 'model.D'),
    item('gradients', 'Gradients', stored, 'model.D'),
    item('moments', 'AdamW moments', stored, 'model.D', 2),
  ];
  const items = merge([
    ...state,
    ...savedActivations(config),
    ...scratch(config),
    ...other(config),
  ]);
  const byClass = { parameters: 0, gradients: 0, moments: 0, activations: 0, other: 0 };
  for (const entry of items) byClass[entry.class] += entry.bytes * entry.buffers;
  const total = MEMORY_CLASSES.reduce((bytes, name) => bytes + byClass[name], 0);
  const problems = limits ? items.flatMap((entry) => limitProblem(entry, limits)) : [];
  return { items, byClass, total, problems };
}

/** Elements of one parameter buffer, padding included. */
export function storedElements(config: CostConfig): number {
  const { V, D, L, H, Hkv, tied, keyNorm, denseHidden } = config.model;
  const { bias, noise } = config.router;
  const kv = Hkv * (D / H);
  let elements = pad(V * D, 256) * (tied ? 1 : 2) + pad(D, 256);
  const attention = 2 * pad(D * D, 256) + 2 * pad(D * kv, 256);
  elements += L * (attention + 2 * pad(D, 256) + (keyNorm ? pad(D / H, 256) : 0));
  for (const { layers, isMoe, slots, previousR } of layerGroups(config)) {
    const R = slots.length;
    const swiglus = isMoe ? [...expertWidths(slots), config.experts.sharedHidden] : [denseHidden];
    let layer = 0;
    for (const hidden of swiglus) layer += 3 * pad(D * pad(hidden, 4), 256);
    if (isMoe) {
      layer += pad(R * D, 256) * (noise ? 2 : 1) + (noise ? pad(R, 256) : 0);
      layer += (bias ? pad(R, 256) : 0) + pad(R * (previousR ?? 0), 256);
      const constants = slots.filter((slot) => slot.kind === 'constant').length;
      layer += constants * (pad(D, 256) + pad(2 * D, 256));
    }
    elements += layers.length * layer;
  }
  return elements;
}

/** What forward keeps of every layer for backward. */
function savedActivations(config: CostConfig): MemoryItem[] {
  const { D, H, Hkv, L, denseHidden } = config.model;
  const T = tokensOf(config);
  const kv = Hkv * (D / H);
  const saved = (label: string, values: number, buffers: number, path = 'batch.B') =>
    item('activations', label, 4 * values, path, buffers);
  const items = [
    saved('Inputs of blocks, before and after their norms', T * D, 4 * L),
    saved('Norm scales', T, 2 * L),
    saved('Queries and attention outputs', T * D, 2 * L),
    saved('Keys and values', T * kv, 2 * L),
    saved('Attention log-sums', T * H, L),
  ];
  for (const group of layerGroups(config)) {
    const n = group.layers.length;
    if (!group.isMoe) {
      items.push(saved('Dense pre-activations', T * 2 * pad(denseHidden, 4), n));
      continue;
    }
    const { R, W, J, Hmax } = moeSizes(config, group);
    items.push(
      saved('Router logits and probabilities', T * R, n * (config.router.noise ? 3 : 2)),
      saved('Chosen slots, gates and their places', T * W, 4 * n),
      saved('Expert pre-activations', J * 2 * Hmax, n, 'experts.slots'),
      saved('Shared expert pre-activations', T * 2 * pad(config.experts.sharedHidden, 4), n),
    );
  }
  return items;
}

/** Buffers that all layers share. */
function scratch(config: CostConfig): MemoryItem[] {
  const { D, H, Hkv, V, denseHidden } = config.model;
  const T = tokensOf(config);
  const kv = Hkv * (D / H);
  const moe = layerGroups(config).filter((group) => group.isMoe);
  const sizes = moe.map((group) => moeSizes(config, group));
  const widest = (pick: (size: MoeSizes) => number) => Math.max(0, ...sizes.map(pick));
  const usesDense = moe.reduce((n, group) => n + group.layers.length, 0) < config.model.L;
  const hidden = Math.max(
    usesDense ? T * pad(denseHidden, 4) : 0,
    moe.length > 0 ? T * pad(config.experts.sharedHidden, 4) : 0,
    widest(({ J, Hmax }) => J * Hmax),
  );
  const shared = (label: string, values: number, buffers: number, path = 'batch.B') =>
    item('activations', label, 4 * values, path, buffers);
  return [
    shared('Logits and their gradients', T * V, 1, 'model.V'),
    shared('Gradients of the residual stream', T * D, 3),
    shared('Gradients of queries, keys and values', T * D + 2 * T * kv, 1),
    shared('Hidden activations', hidden, 1, 'experts.slots'),
    shared(
      'Expert outputs and input gradients, by row',
      widest(({ J }) => J * D),
      2,
    ),
    shared(
      'Gradients of router logits',
      widest(({ R }) => T * R),
      2,
    ),
  ];
}

/** Batch, telemetry ring with its read-back copies. */
function other(config: CostConfig): MemoryItem[] {
  let perStep = RING_SCALARS;
  for (const group of layerGroups(config)) {
    if (!group.isMoe) continue;
    const { R, W } = moeSizes(config, group);
    perStep += group.layers.length * R * (W + RING_PER_SLOT);
  }
  return [
    item('other', 'Tokens, targets, domains', 4 * tokensOf(config), 'batch.B', 3),
    item('other', 'Telemetry ring and its copies', 4 * RING_STEPS * perStep, 'experts.slots', 2),
  ];
}

interface MoeSizes {
  R: number;
  /** Ranks: the most slots that a token chooses. */
  W: number;
  /** Most assignments to FFN experts. */
  J: number;
  /** Padded width of the widest expert. */
  Hmax: number;
}

function moeSizes(config: CostConfig, { slots }: LayerGroup): MoeSizes {
  const R = slots.length;
  const W = selectionWidth(config.router, R);
  const computing = slots.filter((slot) => slot.kind === 'ffn' || slot.kind === 'negated').length;
  const Hmax = Math.max(0, ...expertWidths(slots).map((hidden) => pad(hidden, 4)));
  return { R, W, J: tokensOf(config) * Math.min(W, computing), Hmax };
}

function limitProblem(entry: MemoryItem, limits: MemoryLimits): Problem[] {
  const limit = Math.min(limits.maxBindingBytes, limits.maxBufferBytes);
  if (entry.bytes <= limit) return [];
  const need = `${entry.label}: ${mebibytes(entry.bytes)} in one buffer`;
  const message = `${need}, but this adapter binds at most ${mebibytes(limit)}.`;
  return [{ path: entry.path, message, severity: 'error' }];
}

/** Alike buffers of different layers as one item; empty ones left out. */
function merge(items: readonly MemoryItem[]): MemoryItem[] {
  const merged = new Map<string, MemoryItem>();
  for (const entry of items) {
    if (entry.bytes * entry.buffers === 0) continue;
    const key = `${entry.label} ${entry.bytes}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, buffers: known.buffers + entry.buffers } : entry);
  }
  return [...merged.values()];
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function item(
  className: MemoryClass,
  label: string,
  bytes: number,
  path: string,
  buffers = 1,
): MemoryItem {
  return { class: className, label, buffers, bytes, path };
}

function tokensOf({ batch }: CostConfig): number {
  return batch.B * batch.S;
}

function pad(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
