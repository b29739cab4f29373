/** Telemetry in pieces: cut, joined and measured. */
import {
  type LayerLoads,
  layerLoads,
  SCALAR_COUNT,
  SCALARS,
  type StepRecords,
  TELEMETRY_FIELDS,
} from '../config/telemetry.ts';

/** Scalars of n consecutive steps under the names of their columns: [n, names]. */
export interface ScalarPiece {
  firstStep: number;
  n: number;
  names: readonly string[];
  scalars: Float32Array;
}

/** Loads of n consecutive steps. */
export type LoadPiece = Pick<StepRecords, 'firstStep' | 'n' | 'layers'>;

export function scalarPiece({ firstStep, n, scalars }: StepRecords): ScalarPiece {
  return { firstStep, n, names: SCALARS, scalars };
}

/** Last step of a piece. */
export function lastStepOf({ firstStep, n }: Pick<StepRecords, 'firstStep' | 'n'>): number {
  return firstStep + n - 1;
}

/** Rows `from` … `to` − 1 of an array of n rows, in memory of its own. */
function rows<A extends Float32Array | Uint32Array>(
  array: A,
  n: number,
  from: number,
  to: number,
): A {
  const width = array.length / n;
  return array.slice(from * width, to * width) as A;
}

function layersOf(
  layers: readonly LayerLoads[],
  field: (layer: LayerLoads, name: (typeof TELEMETRY_FIELDS)[number]['name']) => unknown,
): LayerLoads[] {
  return layers.map((layer) => {
    const fields = TELEMETRY_FIELDS.map(({ name }) => [name, field(layer, name)]);
    const { R, W } = layer;
    return { layer: layer.layer, R, W, ...Object.fromEntries(fields) } as LayerLoads;
  });
}

/** The steps of a piece before `step`; null where there are none. */
export function scalarsBefore(piece: ScalarPiece, step: number): ScalarPiece | null {
  const n = Math.min(piece.n, step - piece.firstStep);
  return n <= 0 ? null : { ...piece, n, scalars: rows(piece.scalars, piece.n, 0, n) };
}

/** A piece with every field of today: what its time did not record is 0. */
export function complete(piece: LoadPiece): LoadPiece {
  const isWhole = (layer: Partial<LayerLoads>) =>
    TELEMETRY_FIELDS.every(({ name }) => layer[name] !== undefined);
  if (piece.layers.every(isWhole)) return piece;
  const layers = piece.layers.map((layer) => ({ ...layerLoads(layer, piece.n, 0), ...layer }));
  return { ...piece, layers };
}

/** The steps of a piece before `step`; null where there are none. */
export function loadsBefore(given: LoadPiece, step: number): LoadPiece | null {
  const piece = complete(given);
  const n = Math.min(piece.n, step - piece.firstStep);
  if (n <= 0) return null;
  const layers = layersOf(piece.layers, (layer, name) => rows(layer[name], piece.n, 0, n));
  return { firstStep: piece.firstStep, n, layers };
}

/** Records up to a step, in memory of their own. */
export function recordsUpTo(records: readonly StepRecords[], step: number): StepRecords[] {
  return records.flatMap((one) => {
    const loads = loadsBefore(one, step + 1);
    if (loads === null) return [];
    return [{ ...loads, scalars: one.scalars.slice(0, loads.n * SCALAR_COUNT) }];
  });
}

/** Records of which none goes on over one of some steps, as that of a surgery, in memory of their own where it did. */
export function cutAt(records: readonly StepRecords[], steps: readonly number[]): StepRecords[] {
  return records.flatMap((one) => {
    const { firstStep, n } = one;
    const within = steps.filter((step) => step > firstStep && step <= lastStepOf(one));
    const edges = [firstStep, ...new Set(within), firstStep + n].map((step) => step - firstStep);
    if (edges.length === 2) return one;
    const { layers } = complete(one);
    return edges.slice(1).map((to, i) => {
      const from = edges[i]!;
      return {
        firstStep: firstStep + from,
        n: to - from,
        scalars: rows(one.scalars, n, from, to),
        layers: layersOf(layers, (layer, name) => rows(layer[name], n, from, to)),
      };
    });
  });
}

function joined<A extends Float32Array | Uint32Array>(arrays: readonly A[]): A {
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const Kind = arrays[0]!.constructor as new (length: number) => A;
  const all = new Kind(length);
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

const isNext = (a: Pick<LoadPiece, 'firstStep' | 'n'>, b: Pick<LoadPiece, 'firstStep'>) =>
  lastStepOf(a) + 1 === b.firstStep;

/** Whether b goes on where a ends, in the same columns. */
export function joinsScalars(a: ScalarPiece, b: ScalarPiece): boolean {
  return isNext(a, b) && a.names.join() === b.names.join();
}

/** Pieces of which each goes on where the one before ends, as one. */
export function joinScalars(pieces: readonly ScalarPiece[]): ScalarPiece {
  return {
    ...pieces[0]!,
    n: pieces.reduce((sum, { n }) => sum + n, 0),
    scalars: joined(pieces.map(({ scalars }) => scalars)),
  };
}

/** Whether b goes on where a ends, in the same expert space. */
export function joinsLoads(before: LoadPiece, after: LoadPiece): boolean {
  const [a, b] = [complete(before), complete(after)];
  const isSame = (x: LayerLoads, y: LayerLoads | undefined) =>
    x.layer === y?.layer &&
    TELEMETRY_FIELDS.every(({ name }) => x[name].length / a.n === y[name].length / b.n) &&
    x.R === y.R;
  return (
    isNext(a, b) &&
    a.layers.length === b.layers.length &&
    a.layers.every((layer, i) => isSame(layer, b.layers[i]))
  );
}

/** Pieces of which each goes on where the one before ends, as one. */
export function joinLoads(given: readonly LoadPiece[]): LoadPiece {
  const pieces = given.map(complete);
  const first = pieces[0]!;
  return {
    firstStep: first.firstStep,
    n: pieces.reduce((sum, { n }) => sum + n, 0),
    layers: layersOf(first.layers, (layer, name) => {
      const place = first.layers.indexOf(layer);
      return joined<Float32Array | Uint32Array>(pieces.map(({ layers }) => layers[place]![name]));
    }),
  };
}

export function scalarBytes({ scalars }: ScalarPiece): number {
  return scalars.byteLength;
}

export function loadBytes({ layers }: LoadPiece): number {
  const bytes = layers.map((layer) =>
    TELEMETRY_FIELDS.reduce((sum, { name }) => sum + (layer[name]?.byteLength ?? 0), 0),
  );
  return bytes.reduce((sum, n) => sum + n, 0);
}

/** Pieces that go on where the last one ends, together; in order of steps. */
export function groups<P>(pieces: readonly P[], joins: (a: P, b: P) => boolean): P[][] {
  const found: P[][] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last !== undefined && joins(last.at(-1)!, piece)) last.push(piece);
    else found.push([piece]);
  }
  return found;
}

/** The columns of pieces, each from the first step to the last; NaN at steps that none has. */
export function columnsOf(pieces: readonly ScalarPiece[]): {
  firstStep: number;
  columns: ReadonlyMap<string, Float32Array>;
} {
  const firstStep = pieces[0]?.firstStep ?? 1;
  const length = pieces.length === 0 ? 0 : lastStepOf(pieces.at(-1)!) - firstStep + 1;
  const columns = new Map<string, Float32Array>();
  for (const { firstStep: first, n, names, scalars } of pieces) {
    names.forEach((name, c) => {
      const column = columns.get(name) ?? new Float32Array(length).fill(Number.NaN);
      columns.set(name, column);
      for (let i = 0, at = first - firstStep; i < n; i++, at++)
        column[at] = scalars[i * names.length + c]!;
    });
  }
  return { firstStep, columns };
}

/** Scalars of some steps in today's columns [n, SCALAR_COUNT]. */
export function scalarsOf(
  { firstStep, columns }: ReturnType<typeof columnsOf>,
  first: number,
  n: number,
): Float32Array {
  const scalars = new Float32Array(n * SCALAR_COUNT).fill(Number.NaN);
  SCALARS.forEach((name, c) => {
    const column = columns.get(name);
    for (let i = 0; column !== undefined && i < n; i++)
      scalars[i * SCALAR_COUNT + c] = column[first - firstStep + i] ?? Number.NaN;
  });
  return scalars;
}

/** Whether b goes on where a ends, in the same expert space. */
export const joinsRecords = (a: StepRecords, b: StepRecords): boolean => joinsLoads(a, b);

/** Records of which each goes on where the one before ends, as one. */
export function joinRecords(records: readonly StepRecords[]): StepRecords {
  const scalars = joined(records.map((one) => one.scalars));
  return { ...joinLoads(records), scalars };
}
