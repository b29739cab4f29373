/** A surgery as moves between two parameter buffers: whole ranges, matrices, and single floats. */
import type { ParameterEntry } from '../config/parameterShapes.ts';
import { type MatrixDims, NOWHERE } from '../kernels/surgery.ts';
import type { ParameterLayout, StoredParameter } from '../layout/parameterLayout.ts';
import { pad4 } from '../layout/sizes.ts';
import { matrixShape, type Origin, type Origins, originOf } from './surgeryOrigins.ts';

/** Elements of one parameter that come from nowhere, in rising order. */
export interface FreshElements {
  entry: ParameterEntry;
  origin: Origin;
  /** Stretches of a row: first row-major index, where it lies in the buffer, how many. */
  stretches: { element: number; stored: number; count: number }[];
}

export interface Moves {
  /** Ranges that are copied as they are, in floats. */
  copies: { from: number; to: number; floats: number }[];
  matrices: MatrixDims[];
  /** Lists of rows and columns of all matrices. */
  places_P: Uint32Array<ArrayBuffer>;
  fresh: FreshElements[];
}

/** Row stride of a parameter. @throws Error for attention's, whose heads are padded one by one */
function rowStride({ entry, rows, cols }: StoredParameter): number {
  if (rows.count !== 1 || cols.count !== 1)
    throw new Error(`surgery: ${entry.name} is stored head by head`);
  return pad4(cols.size);
}

function freshOf(parameter: StoredParameter, origin: Origin): FreshElements {
  const { entry, offset } = parameter;
  const [R, C] = matrixShape(entry);
  const stride = rowStride(parameter);
  const stretches: FreshElements['stretches'] = [];
  const add = (r: number, c: number, count: number) => {
    stretches.push({ element: r * C + c, stored: offset + r * stride + c, count });
  };
  for (let r = 0; r < R; r++) {
    const isFresh = origin.source === null || (origin.rows?.[r] ?? 0) < 0;
    if (isFresh) add(r, 0, C);
    else
      origin.cols?.forEach((col, c) => {
        if (col < 0) add(r, c, 1);
      });
  }
  return { entry, origin, stretches };
}

/** What the parameters laid out as `layout` do not get from anywhere. */
export function freshElements(layout: ParameterLayout, origins: Origins): FreshElements[] {
  return layout.parameters
    .flatMap((parameter) => {
      const origin = origins.get(parameter.entry.name);
      return origin ? [freshOf(parameter, origin)] : [];
    })
    .filter(({ stretches }) => stretches.length > 0);
}

export function countFresh(fresh: readonly FreshElements[]): number {
  let count = 0;
  for (const { stretches } of fresh) for (const stretch of stretches) count += stretch.count;
  return count;
}

/**
 * Map [J, 2] between the buffer and a dense array of all fresh elements, as `remap` takes it.
 * @param target which of the two is written
 */
export function freshMap(
  fresh: readonly FreshElements[],
  target: 'buffer' | 'dense',
): Uint32Array<ArrayBuffer> {
  const map = new Uint32Array(2 * countFresh(fresh));
  const [buffer, dense] = target === 'buffer' ? [0, 1] : [1, 0];
  let j = 0;
  for (const { stretches } of fresh) {
    for (const { stored, count } of stretches) {
      for (let i = 0; i < count; i++, j++) {
        map[2 * j + buffer] = stored + i;
        map[2 * j + dense] = j;
      }
    }
  }
  return map;
}

function addCopy(copies: Moves['copies'], from: number, to: number, floats: number): void {
  const last = copies.at(-1);
  const joins = last && last.from + last.floats === from && last.to + last.floats === to;
  if (joins) last.floats += floats;
  else copies.push({ from, to, floats });
}

/** How the parameters laid out as `to` come from those laid out as `from`. */
export function planMoves(from: ParameterLayout, to: ParameterLayout, origins: Origins): Moves {
  const sources = new Map(from.parameters.map((parameter) => [parameter.entry.name, parameter]));
  const copies: Moves['copies'] = [];
  const matrices: MatrixDims[] = [];
  const places: number[] = [];
  const addPlaces = (list: readonly number[] | undefined, count: number): number => {
    const start = places.length;
    for (let i = 0; i < count; i++) {
      const place = list ? (list[i] ?? -1) : i;
      places.push(place < 0 ? NOWHERE : place);
    }
    return start;
  };
  for (const parameter of to.parameters) {
    const { source: name, rows, cols } = originOf(origins, parameter.entry.name);
    const source = name === null ? undefined : sources.get(name);
    if (source === undefined) continue;
    if (!rows && !cols) {
      addCopy(copies, source.offset, parameter.offset, parameter.length);
      continue;
    }
    const [R, C] = matrixShape(parameter.entry);
    matrices.push({
      R,
      C,
      source: source.offset,
      source_row: rowStride(source),
      target_start: parameter.offset,
      target_row: rowStride(parameter),
      rows: addPlaces(rows, R),
      cols: addPlaces(cols, C),
    });
  }
  const places_P = Uint32Array.from(places);
  return { copies, matrices, places_P, fresh: freshElements(to, origins) };
}
