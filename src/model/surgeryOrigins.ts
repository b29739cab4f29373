/** What every parameter derives from after a surgery: pure functions of two configurations. */
import type { EngineConfig } from '../config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../config/layers.ts';
import { type ParameterEntry, parameterShapes } from '../config/parameterShapes.ts';
import { type Provenance, slotSources } from '../config/surgery.ts';
import { slotGroups } from '../kernels/slots.ts';

/**
 * A parameter's origin: element [r, c] comes from [rows[r], cols[c]] of `source`, −1 and a null
 * source from nowhere. Without `rows` or `cols` they are the same; a vector is one row.
 */
export interface Origin {
  readonly source: string | null;
  readonly rows?: readonly number[];
  readonly cols?: readonly number[];
}

/** Origins by name of the new parameter; one that is left out is as it was. */
export type Origins = ReadonlyMap<string, Origin>;

export function originOf(origins: Origins, name: string): Origin {
  return origins.get(name) ?? { source: name };
}

/** Rows and columns of a parameter; a vector is one row. */
export function matrixShape({ shape }: ParameterEntry): [rows: number, cols: number] {
  const [first = 1, second] = shape;
  return second === undefined ? [1, first] : [first, second];
}

/** An FFN expert that gets fewer hidden units than it had. */
export interface Narrowing {
  layer: number;
  /** Index of the expert before the surgery. */
  expert: number;
  /** Its width before. */
  hidden: number;
  /** Its width after. */
  width: number;
}

type From = Readonly<Record<string, Provenance>>;

interface LayerChange {
  layer: number;
  sources: Provenance;
  before: ReturnType<typeof slotsOfLayer>;
  after: ReturnType<typeof slotsOfLayer>;
}

function layerChanges(before: EngineConfig, after: EngineConfig, from: From): LayerChange[] {
  return Array.from({ length: after.model.L }, (_, layer) => layer)
    .filter((layer) => isMoeLayer(after.model, layer))
    .map((layer) => ({
      layer,
      sources: slotSources(before.experts, after.experts, from, layer),
      before: slotsOfLayer(before.experts, layer),
      after: slotsOfLayer(after.experts, layer),
    }));
}

/** A new FFN expert and the one that it derives from, null for a fresh one. */
interface ExpertSource {
  hidden: number;
  old: { expert: number; hidden: number } | null;
}

/** The new FFN experts of a layer, in order. */
function expertSources({ sources, before, after }: LayerChange): ExpertSource[] {
  const groups = slotGroups(before);
  return after.flatMap((slot, r): ExpertSource[] => {
    if (slot.kind !== 'ffn') return [];
    const source = sources[r] ?? null;
    const old = source === null ? undefined : before[source];
    if (source === null || old?.kind !== 'ffn') return [{ hidden: slot.hidden, old: null }];
    return [{ hidden: slot.hidden, old: { expert: groups[source] ?? 0, hidden: old.hidden } }];
  });
}

/** The narrowings of a surgery, in the order of layers and experts. */
export function narrowings(before: EngineConfig, after: EngineConfig, from: From): Narrowing[] {
  return layerChanges(before, after, from).flatMap((change) =>
    expertSources(change).flatMap(({ hidden, old }) =>
      old !== null && hidden < old.hidden
        ? [{ layer: change.layer, expert: old.expert, hidden: old.hidden, width: hidden }]
        : [],
    ),
  );
}

/**
 * The `width` most important units in rising order; of equal ones the lower indices are kept.
 * @param importance_F per unit
 */
export function keptUnits(importance_F: ArrayLike<number>, width: number): number[] {
  return Array.from(importance_F, (importance, unit) => ({ importance, unit }))
    .sort((a, b) => b.importance - a.importance || a.unit - b.unit)
    .slice(0, width)
    .map(({ unit }) => unit)
    .sort((a, b) => a - b);
}

const UNITS = { gate: 'rows', up: 'rows', down: 'cols' } as const;

function expertOrigins(change: LayerChange, kept: readonly number[][]): [string, Origin][] {
  let narrowed = 0;
  return expertSources(change).flatMap(({ hidden, old }, e) => {
    const prefix = `layers.${change.layer}.moe.experts`;
    let units: readonly number[] | undefined;
    if (old !== null && hidden < old.hidden) units = kept[narrowed++];
    if (old !== null && hidden > old.hidden)
      units = Array.from({ length: hidden }, (_, unit) => (unit < old.hidden ? unit : -1));
    return Object.entries(UNITS).map(([role, side]): [string, Origin] => {
      const source = old && `${prefix}.${old.expert}.${role}.weight`;
      return [`${prefix}.${e}.${role}.weight`, { source, ...(units && { [side]: units }) }];
    });
  });
}

function constantOrigins({ layer, sources, before, after }: LayerChange): [string, Origin][] {
  const groups = slotGroups(before);
  const prefix = `layers.${layer}.moe.constants`;
  return after
    .flatMap((slot, r) => (slot.kind === 'constant' ? [sources[r] ?? null] : []))
    .flatMap((source, c) =>
      ['vector', 'mix.weight'].map((role): [string, Origin] => {
        const isKept = source !== null && before[source]?.kind === 'constant';
        return [
          `${prefix}.${c}.${role}`,
          { source: isKept ? `${prefix}.${groups[source]}.${role}` : null },
        ];
      }),
    );
}

/** Rows of the router follow their slots, and so do the gating residual's columns. */
function routerOrigins(change: LayerChange, previous: LayerChange | null): [string, Origin][] {
  const prefix = `layers.${change.layer}.moe.router`;
  const places = ({ sources }: LayerChange) => sources.map((source) => source ?? -1);
  const rows = places(change);
  const cols = previous && places(previous);
  const origin = (name: string, map: Omit<Origin, 'source'>): [string, Origin] => [
    `${prefix}.${name}`,
    { source: `${prefix}.${name}`, ...map },
  ];
  return [
    origin('weight', { rows }),
    origin('bias', { cols: rows }),
    origin('selection_bias', { cols: rows }),
    origin('noise.weight', { rows }),
    origin('noise_norm.weight', { cols: rows }),
    origin('residual.weight', { rows, ...(cols && { cols }) }),
  ];
}

function isIdentity(places: readonly number[] | undefined, count: number): boolean {
  return places === undefined || (places.length === count && places.every((at, i) => at === i));
}

/** Origins without those of parameters that are as they were. */
function onlyChanged(
  origins: Iterable<readonly [string, Origin]>,
  sources: readonly ParameterEntry[],
): Origins {
  const shapes = new Map(sources.map((entry) => [entry.name, matrixShape(entry)]));
  const changed = [...origins].filter(([name, { source, rows, cols }]) => {
    const [R, C] = shapes.get(name) ?? [0, 0];
    return source !== name || !isIdentity(rows, R) || !isIdentity(cols, C);
  });
  return new Map(changed);
}

/**
 * Origins of all parameters after a surgery.
 * @param kept units that each of `narrowings` keeps, in its order
 */
export function surgeryOrigins(
  before: EngineConfig,
  after: EngineConfig,
  from: From,
  kept: readonly (readonly number[])[],
): Origins {
  const rest = [...kept];
  const all = new Map<string, Origin>();
  let previous: LayerChange | null = null;
  for (const change of layerChanges(before, after, from)) {
    const own = expertSources(change).filter(({ hidden, old }) => old && hidden < old.hidden);
    const units = rest.splice(0, own.length).map((list) => [...list]);
    for (const [name, origin] of [
      ...routerOrigins(change, previous),
      ...expertOrigins(change, units),
      ...constantOrigins(change),
    ])
      all.set(name, origin);
    previous = change;
  }
  const sources = parameterShapes(before);
  const known = new Set(sources.map(({ name }) => name));
  const entries = parameterShapes(after).map(({ name }) => {
    const origin = originOf(all, name);
    // A state that begins with the surgery.
    const isFresh = origin.source === null || !known.has(origin.source);
    return [name, isFresh ? { source: null } : origin] as const;
  });
  return onlyChanged(entries, sources);
}

/** The first place where each of `count` old rows or columns went, −1 where it is gone. */
function inverted(places: readonly number[] | undefined, count: number): number[] | undefined {
  if (places === undefined) return undefined;
  const back = new Array<number>(count).fill(-1);
  places.forEach((old, place) => {
    if (old >= 0 && back[old] === -1) back[old] = place;
  });
  return back;
}

/**
 * Origins of the parameters before a surgery in those after it: of clones the first one counts,
 * and what was removed comes from nowhere.
 */
export function invertOrigins(
  origins: Origins,
  before: readonly ParameterEntry[],
  after: readonly ParameterEntry[],
): Origins {
  const old = new Map(before.map((entry) => [entry.name, entry]));
  const back = new Map<string, Origin>();
  for (const { name } of after) {
    const { source, rows, cols } = originOf(origins, name);
    const was = source === null ? undefined : old.get(source);
    if (was === undefined || back.has(was.name)) continue;
    const [R, C] = matrixShape(was);
    const oldRows = inverted(rows, R);
    const oldCols = inverted(cols, C);
    back.set(was.name, {
      source: name,
      ...(oldRows && { rows: oldRows }),
      ...(oldCols && { cols: oldCols }),
    });
  }
  const entries = before.map(({ name }) => [name, back.get(name) ?? { source: null }] as const);
  return onlyChanged(entries, after);
}
