import type { EngineConfig } from '../config/experiment.ts';
import {
  elementCount,
  isState,
  type ParameterEntry,
  parameterShapes,
} from '../config/parameterShapes.ts';
import { alignGroup, pad4 } from './sizes.ts';

/** One side of a stored matrix: `count` blocks of `size`, each padded to a multiple of 4. */
interface Side {
  count: number;
  size: number;
}

/** Where one parameter lies in the buffers of parameters, gradients and moments. Units: floats. */
export interface StoredParameter {
  entry: ParameterEntry;
  rows: Side;
  cols: Side;
  /** Start in the buffer. */
  offset: number;
  /** Floats taken, padding included. */
  length: number;
}

/** Parameters that kernels bind together, e.g. all experts of a layer. */
export interface ParameterGroup {
  offset: number;
  length: number;
  decays: boolean;
}

/** Layout of all parameters of a model in one buffer: a pure function of the configuration. */
export interface ParameterLayout {
  parameters: readonly StoredParameter[];
  groups: ReadonlyMap<string, ParameterGroup>;
  /** Floats of the whole buffer, padding included. */
  floats: number;
  /** Exact number of parameters, padding and states left out. */
  count: number;
}

/** Name of the group that a parameter is bound with. */
export function groupName(name: string): string {
  return name
    .replace(/\.attn\.[qkv]\.weight$/, '.attn.qkv')
    .replace(/\.experts\.\d+\..*$/, '.experts')
    .replace(/\.constants\.\d+\.vector$/, '.vectors')
    .replace(/\.constants\.\d+\.mix\.weight$/, '.mixes')
    .replace(/\.(shared|ffn)\.(gate|up|down)\.weight$/, '.$1');
}

function sides({ name, shape }: ParameterEntry, { D, H, Hkv }: EngineConfig['model']) {
  const Dh = D / H;
  const [first = 1, second] = shape;
  let rows: Side = { count: 1, size: second === undefined ? 1 : first };
  let cols: Side = { count: 1, size: second ?? first };
  if (name.endsWith('.attn.q.weight')) rows = { count: H, size: Dh };
  if (/\.attn\.[kv]\.weight$/.test(name)) rows = { count: Hkv, size: Dh };
  if (name.endsWith('.attn.o.weight')) cols = { count: H, size: Dh };
  return { rows, cols };
}

function padded({ count, size }: Side): number {
  return count * pad4(size);
}

/** A vector is one row; a matrix has its rows padded like its columns. */
function paddedRows(entry: ParameterEntry, rows: Side): number {
  return entry.shape.length === 1 ? 1 : padded(rows);
}

/** @param entries the parameters to lay out: all of the model's unless given */
export function parameterLayout(
  config: EngineConfig,
  entries: readonly ParameterEntry[] = parameterShapes(config),
): ParameterLayout {
  const members = new Map<string, ParameterEntry[]>();
  for (const entry of entries) {
    const name = groupName(entry.name);
    members.set(name, [...(members.get(name) ?? []), entry]);
  }
  const parameters: StoredParameter[] = [];
  const groups = new Map<string, ParameterGroup>();
  let floats = 0;
  for (const [name, list] of members) {
    const offset = floats;
    for (const entry of list) {
      const { rows, cols } = sides(entry, config.model);
      const length = paddedRows(entry, rows) * padded(cols);
      parameters.push({ entry, rows, cols, offset: floats, length });
      floats += length;
    }
    // The gradient of the constants' vectors is written as a matrix with its rows padded.
    if (name.endsWith('.vectors')) floats = offset + pad4(list.length) * pad4(config.model.D);
    const length = floats - offset;
    groups.set(name, { offset, length, decays: list[0]?.decays ?? false });
    floats = alignGroup(floats);
  }
  const count = entries
    .filter((entry) => !isState(entry))
    .reduce((sum, entry) => sum + elementCount(entry.shape), 0);
  return { parameters, groups, floats, count };
}

/** Calls `visit(plain index, stored index)` for every element of a parameter. */
function forEachElement(
  { entry, rows, cols, offset }: StoredParameter,
  visit: (plain: number, stored: number) => void,
): void {
  const isVector = entry.shape.length === 1;
  const rowCount = isVector ? 1 : rows.count * rows.size;
  const stride = padded(cols);
  let plain = 0;
  for (let r = 0; r < rowCount; r++) {
    const row = Math.floor(r / rows.size) * pad4(rows.size) + (r % rows.size);
    for (let block = 0; block < cols.count; block++) {
      const start = offset + row * stride + block * pad4(cols.size);
      for (let c = 0; c < cols.size; c++) visit(plain++, start + c);
    }
  }
}

/** Writes a parameter's values into a buffer image. @throws RangeError for a wrong number of them. */
export function packParameter(
  parameter: StoredParameter,
  values: ArrayLike<number>,
  image: Float32Array,
): void {
  const expected = elementCount(parameter.entry.shape);
  if (values.length !== expected) {
    throw new RangeError(
      `${parameter.entry.name}: ${values.length} values given, [${parameter.entry.shape}] takes ${expected}`,
    );
  }
  forEachElement(parameter, (plain, stored) => {
    image[stored] = values[plain] as number;
  });
}

/** Reads a parameter's values out of a buffer image. */
export function unpackParameter(parameter: StoredParameter, image: Float32Array): Float32Array {
  const values = new Float32Array(elementCount(parameter.entry.shape));
  forEachElement(parameter, (plain, stored) => {
    values[plain] = image[stored] as number;
  });
  return values;
}
