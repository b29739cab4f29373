/**
 * Figures over training time as two tables: a row for each step and each of its MoE layers, and a row
 * for each of their slots. Columns derive from the followed figures' axes.
 */
import type { FigureAxis, FigureRow, FigureValue } from '../../analysis/figures/figure.ts';
import { LOAD_QUANTILES } from '../../analysis/figures/load.ts';
import { LAYER_FIELDS, OVER_FIELDS } from '../../analysis/figuresAt.ts';
import type { FiguresAt, LayerFiguresAt } from '../../analysis/followed.ts';
import { SLOT_KINDS } from '../../config/slots.ts';
import { type Column, type ColumnType, column, type Table } from './table.ts';

type Values = Readonly<Record<string, FigureValue>>;

/** Labels of the elements of an axis that lies in columns. */
const LABELS: Partial<Record<FigureAxis, readonly string[]>> = {
  K: SLOT_KINDS,
  quantile: LOAD_QUANTILES.map((q) => String(100 * q)),
};

const isOfSlots = ({ axes = [] }: FigureRow<never>) => axes.includes('R');
const columnName = (field: string, label: string | number | null) =>
  field.replace('.', '_') + (label === null ? '' : `_${label}`);

/** Columns of a field that has no slots: one, or one per label. */
function columnsOf(field: string, { axes: [axis] = [] }: FigureRow<never>): string[] {
  if (axis === undefined) return [columnName(field, null)];
  return LABELS[axis]!.map((label) => columnName(field, label));
}

const BOTH: ReadonlyMap<string, FigureRow<never>> = new Map<string, FigureRow<never>>([
  ...LAYER_FIELDS,
  ...OVER_FIELDS,
]);
const FLAT = [...BOTH].filter(([, row]) => !isOfSlots(row));
const SLOTS = [...LAYER_FIELDS].filter(([, row]) => isOfSlots(row));
const hasRanks = ({ axes }: FigureRow<never>) => axes?.[0] === 'W';

const numbers = (value: FigureValue | undefined): ArrayLike<number> =>
  typeof value === 'object' ? value.data : [value ?? Number.NaN];

/** A column whose undefined values are absent. */
function real(name: string, values: Float64Array): Column {
  const present = Uint8Array.from(values, (value) => Number(!Number.isNaN(value)));
  return column(
    name,
    values.map((value, i) => (present[i] === 0 ? 0 : value)),
    present,
  );
}

/** One row over the layers of each step, then one for each of its layers. */
export function figuresTable(figures: readonly FiguresAt[]): Table {
  const rows = figures.flatMap(({ step, values, layers }) => [
    { step, layer: null, values: values as Values },
    ...layers.map(({ layer, values: of }) => ({ step, layer, values: of as Values })),
  ]);
  const columns = FLAT.flatMap(([field, row]) =>
    columnsOf(field, row).map((name, k) =>
      real(
        name,
        Float64Array.from(rows, ({ values }) => numbers(values[field])[k] ?? Number.NaN),
      ),
    ),
  );
  const step = Int32Array.from(rows, (row) => row.step);
  const layer = Int32Array.from(rows, (row) => row.layer ?? 0);
  const ofLayer = Uint8Array.from(rows, (row) => Number(row.layer !== null));
  return {
    rows: rows.length,
    columns: [column('step', step), column('layer', layer, ofLayer), ...columns],
  };
}

/** Names of the columns of a field of slots. */
function slotColumns(field: string, row: FigureRow<never>, W: number): string[] {
  if (!hasRanks(row)) return [columnName(field, null)];
  return Array.from({ length: W }, (_, rank) => columnName(field, rank));
}

/** One row for each slot of each row of a layer. */
export function figureSlotsTable(figures: readonly FiguresAt[]): Table {
  const layers = figures.flatMap(({ step, layers: of }) => of.map((one) => ({ step, ...one })));
  const rows = layers.flatMap((of) => Array.from({ length: of.R }, (_, slot) => ({ of, slot })));
  const whole = (name: string, value: (row: (typeof rows)[number]) => number | undefined) => {
    const values = rows.map(value);
    const present = Uint8Array.from(values, (one) => Number(one !== undefined));
    return column(
      name,
      Int32Array.from(values, (one) => one ?? 0),
      present,
    );
  };
  // There may be more layers at all steps than a call takes arguments.
  const W = layers.reduce((most, of) => Math.max(most, of.W), 0);
  const columns = SLOTS.flatMap(([field, row]) =>
    slotColumns(field, row, W).map((name, rank) =>
      whole(name, ({ of, slot }) => numbers(of.values[field])[rank * of.R + slot]),
    ),
  );
  const place = [
    whole('step', ({ of }) => of.step),
    whole('layer', ({ of }) => of.layer),
    whole('slot', ({ slot }) => slot),
  ];
  return { rows: rows.length, columns: [...place, ...columns] };
}

export const FIGURES_SCHEMA: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ['step', 'INT32'],
  ['layer', 'INT32'],
  ...FLAT.flatMap(([field, row]) => columnsOf(field, row).map((name) => [name, 'DOUBLE'] as const)),
]);

/** Types that the columns of slots may have, by the file's own account of its ranks. */
export function figureSlotsSchema(names: ReadonlyMap<string, ColumnType>): Map<string, ColumnType> {
  const fields = SLOTS.flatMap(([field, row]) =>
    slotColumns(field, row, names.size).filter((name) => !hasRanks(row) || names.has(name)),
  );
  return new Map(['step', 'layer', 'slot', ...fields].map((name) => [name, 'INT32']));
}

type Columns = ReadonlyMap<string, Column>;
const byName = ({ columns }: Table): Columns => new Map(columns.map((one) => [one.name, one]));

/** A value of a row; NaN where it has none. */
function cell(columns: Columns, name: string, row: number): number {
  const found = columns.get(name);
  return found === undefined || found.present?.[row] === 0 ? Number.NaN : found.values[row]!;
}

/** Values of fields without slots in a row. */
function flatValues(columns: Columns, fields: ReadonlyMap<string, FigureRow<never>>, at: number) {
  const entries = FLAT.filter(([field]) => fields.has(field)).map(([field, row]) => {
    const data = columnsOf(field, row).map((name) => cell(columns, name, at));
    const value: FigureValue =
      row.axes === undefined ? data[0]! : { shape: [data.length], data: Float64Array.from(data) };
    return [field, value] as const;
  });
  return Object.fromEntries(entries);
}

/** Values of the fields with slots, and how many slots and ranks there are. */
function slotValues(columns: Columns, first: number, R: number) {
  const ranked = SLOTS.filter(([, row]) => hasRanks(row)).flatMap(([field]) => {
    let W = 0;
    while (!Number.isNaN(cell(columns, columnName(field, W), first))) W++;
    return [W];
  });
  const W = Math.max(0, ...ranked);
  const entries = SLOTS.map(([field, row]) => {
    const data = slotColumns(field, row, W).flatMap((name) =>
      Array.from({ length: R }, (_, slot) => cell(columns, name, first + slot)),
    );
    const shape = hasRanks(row) ? [W, R] : [R];
    return [field, { shape, data: Int32Array.from(data) }] as const;
  });
  return { W, values: Object.fromEntries(entries) };
}

/** Rows of slots from `first` on that are of a layer at a step. @throws RangeError for none, or slots out of order */
function slotsFrom(columns: Columns, rows: number, first: number, step: number, layer: number) {
  const isHere = (row: number) =>
    row < rows && cell(columns, 'step', row) === step && cell(columns, 'layer', row) === layer;
  let R = 0;
  while (isHere(first + R) && cell(columns, 'slot', first + R) === R) R++;
  if (R === 0 || isHere(first + R))
    throw new RangeError(
      `its row ${first + R + 1} is not slot ${R} of layer ${layer}, step ${step}`,
    );
  return R;
}

/** @throws RangeError, as the end of a sentence, for tables of other rows */
export function figuresOfTables(figures: Table, slots: Table): FiguresAt[] {
  const [flat, ofSlots] = [byName(figures), byName(slots)];
  const read: { step: number; values: object; layers: LayerFiguresAt[] }[] = [];
  let first = 0;
  for (let row = 0; row < figures.rows; row++) {
    const [step, layer] = [cell(flat, 'step', row), cell(flat, 'layer', row)];
    const last = read.at(-1);
    if (Number.isNaN(layer)) {
      if (!(step > (last?.step ?? -1))) throw new RangeError(`its step ${step} does not rise`);
      read.push({ step, values: flatValues(flat, OVER_FIELDS, row), layers: [] });
      continue;
    }
    if (last?.step !== step || layer <= (last.layers.at(-1)?.layer ?? -1))
      throw new RangeError(`its row ${row + 1}, layer ${layer} of step ${step}, is out of order`);
    const R = slotsFrom(ofSlots, slots.rows, first, step, layer);
    const { W, values } = slotValues(ofSlots, first, R);
    const all = { ...flatValues(flat, LAYER_FIELDS, row), ...values };
    last.layers.push({ layer, R, W, values: all as unknown as LayerFiguresAt['values'] });
    first += R;
  }
  if (first !== slots.rows) throw new RangeError(`${slots.rows - first} rows are of no layer`);
  return read as unknown as FiguresAt[];
}
