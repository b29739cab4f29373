/** Routing telemetry as a table: one row for each step, MoE layer and slot. */
import {
  fieldLength,
  type LayerLoads,
  layerLoads,
  SCALARS,
  type StepRecords,
  TELEMETRY_FIELDS,
  type TelemetryAxis,
} from '../../config/telemetry.ts';
import type { RunCurves } from '../record.ts';
import { arrayOf, type Column, type ColumnType, column, type Table } from './table.ts';

/** Consecutive steps in one expert space, as `run.json` lists them. */
export interface Segment {
  firstStep: number;
  n: number;
  layers: readonly { layer: number; R: number; W: number }[];
}

type Field = (typeof TELEMETRY_FIELDS)[number];

/** A column of the table: one index of a field's other axis. */
interface FieldColumn {
  field: Field;
  name: string;
  axis: Exclude<TelemetryAxis, 'R'> | null;
  /** Index along the axis. */
  k: number;
}

const PLACE = ['step', 'layer', 'slot'] as const;
/** The last column, which files of before do not have. */
const LATER = 'bias';

function axisOf({ shape }: Field): FieldColumn['axis'] {
  const [axis] = shape.filter((axis) => axis !== 'R');
  return axis ?? null;
}

/** `assignments_0`, `drops`, `domains_prose`: columns of every field, W of them by rank. */
function fieldColumns(ranks: number, domains: readonly string[]): FieldColumn[] {
  return TELEMETRY_FIELDS.flatMap((field): FieldColumn[] => {
    const axis = axisOf(field);
    if (axis === null) return [{ field, name: field.name, axis, k: 0 }];
    const labels = axis === 'W' ? Array.from({ length: ranks }, (_, w) => String(w)) : domains;
    return labels.map((label, k) => ({ field, name: `${field.name}_${label}`, axis, k }));
  });
}

/** Most ranks of any layer; there may be more segments than a call takes arguments. */
const ranksOf = (segments: readonly Segment[]) =>
  segments.reduce((most, { layers }) => layers.reduce((of, { W }) => Math.max(of, W), most), 0);

export function rowsOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { n, layers }) => {
    return sum + n * layers.reduce((slots, { R }) => slots + R, 0);
  }, 0);
}

/** Segments of records; those that go on in the same expert space are one. */
export function segmentsOf(records: readonly StepRecords[]): Segment[] {
  const segments: Segment[] = [];
  for (const { firstStep, n, layers } of records) {
    const next = { firstStep, n, layers: layers.map(({ layer, R, W }) => ({ layer, R, W })) };
    const last = segments.at(-1);
    const goesOn = last !== undefined && last.firstStep + last.n === firstStep;
    if (goesOn && JSON.stringify(last.layers) === JSON.stringify(next.layers)) last.n += n;
    else segments.push(next);
  }
  return segments;
}

/** Calls back for every layer of every step, in the order of the rows, with the row of slot 0. */
function eachLayer(
  segments: readonly Segment[],
  visit: (at: { row: number; segment: number; i: number; layer: number }) => void,
): void {
  let row = 0;
  segments.forEach(({ n, layers }, segment) => {
    for (let i = 0; i < n; i++) {
      layers.forEach(({ R }, layer) => {
        visit({ row, segment, i, layer });
        row += R;
      });
    }
  });
}

/** Index of a column's value for slot r in step i of a layer's field, whatever the order of its axes. */
function indexer({ field, k }: FieldColumn, axes: Readonly<Record<TelemetryAxis, number>>) {
  const shape: readonly TelemetryAxis[] = field.shape;
  const perStep = fieldLength(shape, axes);
  const stride = (axis: TelemetryAxis) => {
    const at = shape.indexOf(axis);
    return at < 0 ? 0 : fieldLength(shape.slice(at + 1), axes);
  };
  const slot = stride('R');
  const base = k * stride(axisOf(field) ?? 'R') * (axisOf(field) === null ? 0 : 1);
  return (i: number, r: number) => i * perStep + base + r * slot;
}

/** @throws RangeError where layers count other domains than there are names */
export function routingTable(records: readonly StepRecords[], domains: readonly string[]): Table {
  const rows = rowsOf(records);
  for (const { n, layers } of records) {
    const wrong = layers.find((layer) => layer.domains.length !== n * layer.R * domains.length);
    if (wrong !== undefined)
      throw new RangeError(
        `layer ${wrong.layer} counts ${wrong.domains.length / (n * wrong.R)} domains; the run has ${domains.length}`,
      );
  }
  const place = PLACE.map(() => new Int32Array(rows));
  eachLayer(records, ({ row, segment, i, layer }) => {
    const { firstStep, layers } = records[segment]!;
    const { R, layer: index } = layers[layer]!;
    for (let r = 0; r < R; r++)
      [firstStep + i, index, r].forEach((value, c) => {
        place[c]![row + r] = value;
      });
  });
  const columns = fieldColumns(ranksOf(records), domains).map((of) => {
    const values = arrayOf(of.field.type === 'u32' ? 'INT32' : 'FLOAT', rows);
    const present = new Uint8Array(rows);
    eachLayer(records, ({ row, segment, i, layer }) => {
      const loads = records[segment]!.layers[layer]!;
      if (of.axis === 'W' && of.k >= loads.W) return;
      const index = indexer(of, { R: loads.R, W: loads.W, domains: domains.length });
      for (let r = 0; r < loads.R; r++) {
        values[row + r] = loads[of.field.name][index(i, r)]!;
        present[row + r] = 1;
      }
    });
    return column(of.name, values, present);
  });
  return { rows, columns: [...PLACE.map((name, c) => column(name, place[c]!)), ...columns] };
}

/** @param found columns of the file; a figure that its time did not record stands behind all others */
export function routingSchema(
  segments: readonly Segment[],
  domains: readonly string[],
  found: ReadonlyMap<string, ColumnType>,
): Map<string, ColumnType> {
  const all = new Map<string, ColumnType>([
    ...PLACE.map((name) => [name, 'INT32'] as const),
    ...fieldColumns(ranksOf(segments), domains).map(
      ({ name, field }) => [name, field.type === 'u32' ? 'INT32' : 'FLOAT'] as const,
    ),
  ]);
  if (!found.has(LATER)) all.delete(LATER);
  return all;
}

/** @throws RangeError for a row that stands where another should */
function checkPlaces(segments: readonly Segment[], columns: readonly Column[]): void {
  const [steps, indices, slots] = columns.map(({ values }) => values);
  eachLayer(segments, ({ row, segment, i, layer }) => {
    const { firstStep, layers } = segments[segment]!;
    const { R, layer: index } = layers[layer]!;
    for (let at = row, r = 0; r < R; r++, at++) {
      if (steps?.[at] === firstStep + i && indices?.[at] === index && slots?.[at] === r) continue;
      const found = [steps, indices, slots].map((values) => values?.[at]).join(', ');
      throw new RangeError(
        `its row ${at + 1} is of step, layer and slot ${found}, not ${firstStep + i}, ${index}, ${r}`,
      );
    }
  });
}

/** Scalars of a segment from the run's curves; NaN where these have none. */
function scalarsOf({ firstStep, n }: Segment, curves: RunCurves): Float32Array {
  const scalars = new Float32Array(n * SCALARS.length).fill(Number.NaN);
  SCALARS.forEach((name, c) => {
    const curve = curves[name];
    if (curve === undefined) return;
    for (let i = 0; i < curve.values.length; i++) {
      const at = (curve.steps?.[i] ?? curve.firstStep + i) - firstStep;
      if (at >= 0 && at < n) scalars[at * SCALARS.length + c] = curve.values[i]!;
    }
  });
  return scalars;
}

/**
 * Records of segments, their loads from a table (null: there are no MoE layers) and their scalars
 * from the curves.
 * @throws RangeError, as the end of a sentence, for a table of other rows
 */
export function recordsOf(
  segments: readonly Segment[],
  domains: readonly string[],
  table: Table | null,
  curves: RunCurves,
): StepRecords[] {
  const rows = rowsOf(segments);
  if ((table?.rows ?? 0) !== rows)
    throw new RangeError(`it has ${table?.rows ?? 0} rows; the run's steps have ${rows}`);
  const columns = table?.columns ?? [];
  checkPlaces(segments, columns);
  const records = segments.map((segment): StepRecords => {
    const layers = segment.layers.map((layer) => layerLoads(layer, segment.n, domains.length));
    return { ...segment, scalars: scalarsOf(segment, curves), layers };
  });
  fieldColumns(ranksOf(segments), domains).forEach((of, c) => {
    const { values } = columns[PLACE.length + c] ?? { values: null };
    if (values === null) return;
    eachLayer(segments, ({ row, segment, i, layer }) => {
      const loads: LayerLoads = records[segment]!.layers[layer]!;
      if (of.axis === 'W' && of.k >= loads.W) return;
      const index = indexer(of, { R: loads.R, W: loads.W, domains: domains.length });
      for (let r = 0; r < loads.R; r++) loads[of.field.name][index(i, r)] = values[row + r]!;
    });
  });
  return records;
}
