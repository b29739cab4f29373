/**
 * GPU memory of a configuration, estimated before anything is allocated, and checked against the
 * adapter's limits. Parameters, gradients and both moments are one buffer each; activations are
 * float32, one buffer each, rows padded to multiples of 4 and sized for the worst routing (every
 * assignment may be of a slot that computes, rows have the widest expert's stride). A test holds it to
 * what the engine allocates.
 */

import { mostAssignments } from '../config/balancing.ts';
import type { Problem } from '../config/experiment.ts';
import { selectionWidth } from '../config/layers.ts';
import { expertWidths } from '../config/slots.ts';
import { headChunks } from '../layout/headChunks.ts';
import { BIND_ALIGNMENT, decayWords, MAX_GROUP, pad4 } from '../layout/sizes.ts';
import { ringBytes, telemetryLayout } from '../layout/telemetry.ts';
import { balancingFloats } from './balancing.ts';
import { stepDispatches } from './dispatches.ts';
import { type CostConfig, type LayerGroup, layerGroups } from './layerGroups.ts';
import { scoresFloats } from './scores.ts';
import { storedElements } from './storedElements.ts';
import { slicedWeights } from './weightSlices.ts';

export const MEMORY_CLASSES = [
  'parameters',
  'gradients',
  'moments',
  'activations',
  'other',
] as const;
export type MemoryClass = (typeof MEMORY_CLASSES)[number];

/** What the engine uses its buffers for, and the class that each use is counted in. */
export const MEMORY_USES = {
  parameters: 'parameters',
  gradients: 'gradients',
  moments: 'moments',
  activations: 'activations',
  routing: 'activations',
  scratch: 'activations',
  telemetry: 'other',
  staging: 'other',
  other: 'other',
} as const satisfies Record<string, MemoryClass>;
export type MemoryUse = keyof typeof MEMORY_USES;

/** Buffers of one kind. */
export interface MemoryItem {
  class: MemoryClass;
  use: MemoryUse;
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

/**
 * Bytes of the engine by class and buffer; `limits` null skips the check, and lets logits be one buffer of any size.
 * @param domains kinds of text that telemetry counts apart
 */
export function estimateMemory(
  config: CostConfig,
  limits: MemoryLimits | null = null,
  domains = 5,
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
    ...scratch(config, limits),
    ...other(config, domains, limits),
  ]);
  const byClass = { parameters: 0, gradients: 0, moments: 0, activations: 0, other: 0 };
  for (const entry of items) byClass[entry.class] += entry.bytes * entry.buffers;
  const total = MEMORY_CLASSES.reduce((bytes, name) => bytes + byClass[name], 0);
  const problems = limits ? items.flatMap((entry) => limitProblem(entry, limits)) : [];
  return { items, byClass, total, problems };
}

/** What forward keeps of every layer for backward. */
function savedActivations(config: CostConfig): MemoryItem[] {
  const { D, H, Hkv, L, denseHidden } = config.model;
  const T = tokensOf(config);
  const [Dp, head] = [pad4(D), pad4(D / H)];
  const items = [
    saved('Residual stream before and after norms', T * Dp, 2 * (2 * L + 1)),
    saved('Outputs of attention, and the embedding', T * Dp, L + 1),
    saved('Norm scales, losses', T, 2 * L + 2),
    saved('Projected queries, keys and values', T * (H + 2 * Hkv) * head, L),
    saved('Prepared queries, attention by head', T * H * head, 2 * L),
    saved('Prepared keys', T * Hkv * head, L),
    saved('Attention maxima and sums', 2 * T * H, L),
    saved('Key scales', T * Hkv, L),
  ];
  for (const group of layerGroups(config)) {
    const n = group.layers.length;
    if (group.isMoe) items.push(...savedByMoe(config, group, n));
    else items.push(...savedByDense('Dense', T, Dp, denseHidden, n));
  }
  return items;
}

/** One SwiGLU over all tokens. */
function savedByDense(label: string, T: number, Dp: number, hidden: number, n: number) {
  if (hidden === 0) return [];
  return [
    saved(`${label} pre-activations`, T * 2 * pad4(hidden), n),
    saved(`${label} outputs`, T * Dp, n),
  ];
}

function savedByMoe(config: CostConfig, group: LayerGroup, n: number): MemoryItem[] {
  const T = tokensOf(config);
  const Dp = pad4(config.model.D);
  const { R, W, rows, Hmax } = moeSizes(group, config);
  const constants = group.slots.filter((slot) => slot.kind === 'constant').length;
  const hasExperts = group.slots.some((slot) => slot.kind === 'ffn');
  return [
    routing('Router logits, probabilities, routing weights', T * pad4(R), 4 * n),
    routing('Scores, and what the bias’s rule sorts', scoresFloats(config, group), 1),
    routing('Noise branch', T * pad4(R), config.router.noise ? 2 * n : 0),
    routing('Chosen slots, their routes and rows', W * T, 6 * n),
    saved('Expert pre-activations', rows * 2 * Hmax, n, 'experts.slots'),
    saved('Expert outputs by row', hasExperts ? rows * Dp : 0, n),
    saved('Outputs of MoE layers', T * Dp, n),
    routing('Mixing weights of constants', T * 4 * constants, 2 * n),
    routing('Gradients of constants', T * pad4(constants), n),
    ...savedByDense('Shared expert', T, Dp, config.experts.sharedHidden, n),
    routing('Pools, choices and losses of the balancing lab', sumOf(config, group, 'routing'), 1),
  ];
}

/** Buffers that all layers share, and the logits. */
function scratch(config: CostConfig, limits: MemoryLimits | null): MemoryItem[] {
  const { D, H, Hkv, V, denseHidden } = config.model;
  const { sharedHidden } = config.experts;
  const T = tokensOf(config);
  const [Dp, head] = [pad4(D), pad4(D / H)];
  const groups = layerGroups(config);
  const moe = groups.filter((group) => group.isMoe).map((group) => moeSizes(group, config));
  const isShared = moe.length > 0 && sharedHidden > 0;
  const hidden = [
    ...moe.map(({ rows, Hmax }) => rows * Hmax),
    ...(isShared ? [T * pad4(sharedHidden)] : []),
    ...(groups.some(({ isMoe }) => !isMoe) ? [T * pad4(denseHidden)] : []),
  ];
  const rows = Math.max(T, ...moe.map((sizes) => sizes.rows));
  const chunks = headChunks(T, V, largestBinding(limits));
  return [
    saved('Logits and their gradients', (chunks[0]?.rows ?? T) * pad4(V), 1, 'model.V'),
    shared('Gradients of the residual stream', T * Dp, isShared ? 3 : 2),
    shared('Gradients of attention', 2 * T * (H + Hkv) * head + T * H),
    shared('Hidden activations', Math.max(0, ...hidden), 1, 'experts.slots'),
    shared('Gradients of expert inputs, by row', rows * Dp),
    shared('Slices of weight gradients', slicedWeights(config, chunks).floats),
  ];
}

/** Batch, tables, telemetry ring with its read-back copy, uniforms. */
function other(config: CostConfig, domains: number, limits: MemoryLimits | null): MemoryItem[] {
  const T = tokensOf(config);
  const { V, D, H, L, positions } = config.model;
  let places = 0;
  let tables = 0;
  for (const group of layerGroups(config)) {
    if (!group.isMoe) continue;
    const { W } = moeSizes(group, config);
    const n = group.layers.length;
    tables += sumOf(config, group, 'tables');
    if (!['topk', 'hash'].includes(config.router.selection)) places += n * 2 * (W * T + 1);
  }
  const ring = ringBytes(telemetryLayout(config, domains));
  const chunks = headChunks(T, V, largestBinding(limits));
  const rope = positions === 'rope' ? config.batch.S * (D / H) : 0;
  return [
    item('other', 'Tokens, targets, domains, positions', 4 * (4 * T + V + 1), 'batch.B'),
    item('other', 'Tables of positions and rows', 4 * (rope + 2 * T), 'batch.B'),
    item('other', 'Capacity by number of assignments', 4 * places, 'batch.B'),
    item('other', 'Hash tables and histories of counts', 4 * tables, 'router.selection'),
    item('other', 'Decay flags', 4 * decayWords(storedElements(config)), 'model.D'),
    item(
      'other',
      'Dimensions of every dispatch',
      BIND_ALIGNMENT * stepDispatches(config, chunks),
      'model.L',
    ),
    item('telemetry', 'Telemetry ring', ring, 'experts.slots'),
    item(
      'staging',
      'Batches of one submit',
      MAX_GROUP * (BIND_ALIGNMENT + 4 * (4 * T + V + 1)),
      'batch.B',
    ),
    item('staging', 'Telemetry read-back', ring, 'experts.slots'),
    item('other', 'Small tables of layers', 1024, 'model.L', L),
  ];
}

/** Floats of a group's layers that the balancing lab takes. */
function sumOf(config: CostConfig, group: LayerGroup, use: 'routing' | 'tables'): number {
  return group.layers.reduce((sum, l) => sum + balancingFloats(config, group, l)[use], 0);
}

interface MoeSizes {
  R: number;
  /** Ranks: the most slots that a token chooses. */
  W: number;
  /** Most rows of experts: one per assignment. */
  rows: number;
  /** Padded width of the widest expert. */
  Hmax: number;
}

function moeSizes({ slots }: LayerGroup, config: CostConfig): MoeSizes {
  const R = slots.length;
  const Hmax = Math.max(0, ...expertWidths(slots).map(pad4));
  const rows = mostAssignments(config.router, tokensOf(config), R);
  return { R, W: selectionWidth(config.router, R), rows, Hmax };
}

function limitProblem(entry: MemoryItem, limits: MemoryLimits): Problem[] {
  const message = misfit(entry, limits);
  return message === null ? [] : [{ path: entry.path, message, severity: 'error' }];
}

/** Bytes of the largest buffer that a kernel can bind. */
function largestBinding(limits: MemoryLimits | null): number {
  return limits === null ? Infinity : Math.min(limits.maxBindingBytes, limits.maxBufferBytes);
}

/** What keeps a buffer from an adapter, with both numbers in one unit; null where nothing does. */
export function misfit(
  { label, bytes, use }: Pick<MemoryItem, 'label' | 'bytes' | 'use'>,
  { maxBufferBytes, maxBindingBytes }: MemoryLimits,
): string | null {
  const isBound = use !== 'staging';
  const limit = isBound ? largestBinding({ maxBindingBytes, maxBufferBytes }) : maxBufferBytes;
  if (bytes <= limit) return null;
  const verb = isBound && maxBindingBytes <= maxBufferBytes ? 'binds' : 'allows';
  const need = `${label}: ${mebibytes(bytes)} in one buffer`;
  return `${need}, but this adapter ${verb} at most ${mebibytes(limit)}.`;
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

/** Sizes of buffers and their limits, in the unit that these limits are powers of two in. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function saved(label: string, values: number, buffers: number, path = 'batch.B'): MemoryItem {
  return item('activations', label, 4 * values, path, buffers);
}

/** What routing keeps of every layer. */
function routing(label: string, values: number, buffers: number): MemoryItem {
  return item('routing', label, 4 * values, 'batch.B', buffers);
}

/** What layers use one after the other. */
function shared(label: string, values: number, buffers = 1, path = 'batch.B'): MemoryItem {
  return item('scratch', label, 4 * values, path, buffers);
}

function item(use: MemoryUse, label: string, bytes: number, path: string, buffers = 1): MemoryItem {
  return { class: MEMORY_USES[use], use, label, buffers, bytes, path };
}

function tokensOf({ batch }: CostConfig): number {
  return batch.B * batch.S;
}
