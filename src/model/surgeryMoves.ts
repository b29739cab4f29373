/** A surgery as moves between two parameter buffers: whole ranges, and single floats by index. */
import type { ParameterEntry } from '../config/parameterShapes.ts';
import { NOWHERE } from '../kernels/surgery.ts';
import { type ParameterLayout, type StoredParameter, storedIndex } from './parameterLayout.ts';
import { matrixShape, type Origin, type Origins, originOf } from './surgeryOrigins.ts';

/** Elements of one parameter that come from nowhere. */
export interface FreshElements {
  entry: ParameterEntry;
  origin: Origin;
  /** Row-major index of each in the parameter. */
  elements: number[];
  /** The j of each in `Moves.map_J2`. */
  places: number[];
}

export interface Moves {
  /** Ranges that are copied as they are, in floats. */
  copies: { from: number; to: number; floats: number }[];
  /** [J, 2]: target and source float of every element that is moved alone. */
  map_J2: Uint32Array<ArrayBuffer>;
  J: number;
  fresh: FreshElements[];
}

function byName(layout: ParameterLayout): Map<string, StoredParameter> {
  return new Map(layout.parameters.map((parameter) => [parameter.entry.name, parameter]));
}

function addCopy(copies: Moves['copies'], from: number, to: number, floats: number): void {
  const last = copies.at(-1);
  const joins = last && last.from + last.floats === from && last.to + last.floats === to;
  if (joins) last.floats += floats;
  else copies.push({ from, to, floats });
}

/** Visits a parameter's elements with the element of the source that each derives from. */
function forEachOrigin(
  entry: ParameterEntry,
  { rows, cols }: Origin,
  hasSource: boolean,
  visit: (r: number, c: number, from: readonly [number, number] | null, plain: number) => void,
): void {
  const [R, C] = matrixShape(entry);
  for (let r = 0; r < R; r++) {
    const row = rows ? (rows[r] ?? -1) : r;
    for (let c = 0; c < C; c++) {
      const col = cols ? (cols[c] ?? -1) : c;
      const isFresh = !hasSource || row < 0 || col < 0;
      visit(r, c, isFresh ? null : [row, col], r * C + c);
    }
  }
}

/** How the parameters laid out as `to` come from those laid out as `from`. */
export function planMoves(from: ParameterLayout, to: ParameterLayout, origins: Origins): Moves {
  const sources = byName(from);
  const copies: Moves['copies'] = [];
  const words: number[] = [];
  const fresh: FreshElements[] = [];
  for (const parameter of to.parameters) {
    const { entry } = parameter;
    const origin = originOf(origins, entry.name);
    const source = origin.source === null ? undefined : sources.get(origin.source);
    if (source && !origin.rows && !origin.cols) {
      addCopy(copies, source.offset, parameter.offset, parameter.length);
      continue;
    }
    const mine: FreshElements = { entry, origin, elements: [], places: [] };
    forEachOrigin(entry, origin, source !== undefined, (r, c, at, plain) => {
      if (at === null || !source) {
        mine.elements.push(plain);
        mine.places.push(words.length / 2);
      }
      const index = at && source ? storedIndex(source, at[0], at[1]) : NOWHERE;
      words.push(storedIndex(parameter, r, c), index);
    });
    if (mine.elements.length > 0) fresh.push(mine);
  }
  return { copies, map_J2: Uint32Array.from(words), J: words.length / 2, fresh };
}

/**
 * Floats that a surgery leaves behind, as a map into a dense array in the order in which undoing it
 * wants them: `fresh` of `planMoves` with the inverted origins.
 */
export function removedMap(before: ParameterLayout, inverse: Origins): Uint32Array<ArrayBuffer> {
  const words: number[] = [];
  for (const parameter of before.parameters) {
    const origin = inverse.get(parameter.entry.name);
    if (!origin) continue;
    forEachOrigin(parameter.entry, origin, origin.source !== null, (r, c, at) => {
      if (at === null) words.push(words.length / 2, storedIndex(parameter, r, c));
    });
  }
  return Uint32Array.from(words);
}
