/** The curves of a run as a table: one row for each step at which anything has a value. */
import { SCALARS } from '../../config/telemetry.ts';
import type { RunCurves, RunParts, Series } from '../record.ts';
import { type Column, type ColumnType, column, type Table } from './table.ts';

export type CurveName = keyof RunCurves;

/** Columns in the order in which they are written. */
export const CURVE_NAMES: readonly CurveName[] = [...SCALARS, 'validation', 'tokens'];

const MAX_INT = 2 ** 31 - 1;

function stepAt({ firstStep, steps }: Series, i: number): number {
  return steps === null ? firstStep + i : steps[i]!;
}

/** Curves with what the records have too, which are the records' own. */
function seriesOf({ curves, records }: Pick<RunParts, 'curves' | 'records'>, name: CurveName) {
  const curve = curves[name];
  const c = (SCALARS as readonly string[]).indexOf(name);
  const ofRecords = records.map(({ firstStep, n, scalars }): Series => {
    const width = SCALARS.length;
    const values = Float32Array.from({ length: c < 0 ? 0 : n }, (_, i) => scalars[i * width + c]!);
    return { firstStep, steps: null, values };
  });
  return [...(curve === undefined ? [] : [curve]), ...ofRecords];
}

/** All steps of some series, rising, each once. */
function stepsOf(series: readonly Series[]): Float64Array {
  const steps = new Set<number>();
  for (const one of series) for (let i = 0; i < one.values.length; i++) steps.add(stepAt(one, i));
  return Float64Array.from(steps).sort();
}

export function metricsTable(parts: Pick<RunParts, 'curves' | 'records'>): Table {
  const series = CURVE_NAMES.map((name) => ({ name, all: seriesOf(parts, name) }));
  const steps = stepsOf(series.flatMap(({ all }) => all));
  const rows = steps.length;
  const rowOf = new Map<number, number>();
  steps.forEach((step, row) => {
    rowOf.set(step, row);
  });
  const isWhole = steps.every((step) => Number.isInteger(step) && Math.abs(step) <= MAX_INT);
  const columns = series
    .filter(({ all }) => all.some(({ values }) => values.length > 0))
    .map(({ name, all }) => {
      const values = new Float32Array(rows);
      const present = new Uint8Array(rows);
      for (const one of all) {
        for (let i = 0; i < one.values.length; i++) {
          const row = rowOf.get(stepAt(one, i)) ?? 0;
          values[row] = one.values[i]!;
          present[row] = 1;
        }
      }
      return column(name, values, present);
    });
  return { rows, columns: [column('step', isWhole ? Int32Array.from(steps) : steps), ...columns] };
}

/** Types that the columns of a file may have, by its own account. */
export function metricsSchema(names: ReadonlyMap<string, ColumnType>): Map<string, ColumnType> {
  const curves = CURVE_NAMES.filter((name) => names.has(name));
  const step = names.get('step') === 'DOUBLE' ? 'DOUBLE' : 'INT32';
  return new Map<string, ColumnType>([
    ['step', step],
    ...curves.map((name) => [name, 'FLOAT'] as const),
  ]);
}

function seriesOfColumn({ values, present }: Column, steps: ArrayLike<number>): Series {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) if (present?.[row] !== 0) rows.push(row);
  const at = Float64Array.from(rows, (row) => steps[row]!);
  const firstStep = at[0] ?? 0;
  const isDense = at.every((step, i) => step === firstStep + i);
  return {
    firstStep,
    steps: isDense ? null : at,
    values: Float32Array.from(rows, (row) => values[row]!),
  };
}

/** @throws RangeError, as the end of a sentence, for steps that are missing or do not rise */
export function curvesOf({ columns }: Table): RunCurves {
  const [step, ...rest] = columns;
  if (step === undefined || step.present !== null)
    throw new RangeError('it has a row without step');
  const steps = step.values;
  const wrong = steps.findIndex(
    (value, i) => !Number.isFinite(value) || (i > 0 && value <= steps[i - 1]!),
  );
  if (wrong >= 0) throw new RangeError(`its steps must rise; row ${wrong + 1} has ${steps[wrong]}`);
  const curves: RunCurves = {};
  for (const name of CURVE_NAMES) {
    const found = rest.find((column) => column.name === name);
    const series = found && seriesOfColumn(found, steps);
    if (series !== undefined && series.values.length > 0) curves[name] = series;
  }
  return curves;
}
