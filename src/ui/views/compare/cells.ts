/** Values of the table as the page writes them. */
import type { Column, ColumnFormat } from '../../../analysis/compare/columns.ts';
import type { Cell, TableRow } from '../../../analysis/compare/table.ts';
import type { Experiment } from '../../../config/experiment.ts';
import { causalNote } from '../../../config/generation.ts';
import { getPath } from '../../../config/paths.ts';
import type { Setting } from '../../../config/settings.ts';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDate,
  formatDuration,
  formatFixed,
  formatLoss,
  formatNumber,
  formatPercent,
  formatSi,
} from '../../kit/format.ts';
import { describeValue } from '../../kit/values.ts';

const FORMATS: Readonly<Record<ColumnFormat, (value: number) => string>> = {
  text: String,
  setting: formatNumber,
  date: (ms) => formatDate(ms),
  count: formatCount,
  compact: formatCompact,
  flops: (value) => formatSi(value, 'FLOP'),
  bytes: formatBytes,
  duration: formatDuration,
  loss: formatLoss,
  number: formatNumber,
  percent: formatPercent,
};

export function formatOf({ format }: Column): (value: number) => string {
  return FORMATS[format];
}

/** A value in the words of the form. */
export function describeSetting(setting: Setting, experiment: Experiment): string {
  return describeValue(setting, getPath(experiment, setting.path) ?? null);
}

/** A setting that all runs of a row have in common, in the words of the form; null for all else. */
export function settingText({ setting, value }: Column, { runs }: TableRow): string | null {
  const [first] = runs;
  const { experiment } = first.row;
  if (setting === undefined || experiment === null) return null;
  const own = value(first, 0);
  return runs.every((run) => value(run, 0) === own) ? describeSetting(setting, experiment) : null;
}

/** What stands behind the validation losses of a row some of whose runs look at later tokens. */
export function noteOf({ id }: Column, { runs }: TableRow): string {
  if (!id.endsWith('.validation')) return '';
  return runs.map(({ row }) => causalNote(row.experiment)).find((note) => note !== '') ?? '';
}

/** Text of a cell; "–" where nothing is known. */
export function cellText(column: Column, { value, deviation, n }: Cell, runs: number): string {
  if (value === null) return '–';
  if (typeof value !== 'number') return value;
  const text = formatOf(column)(value);
  if (deviation === null || deviation === 0) return text;
  const some = n < runs ? ` (n ${n})` : '';
  return `${text} ± ${formatDeviation(column, deviation)}${some}`;
}

/** A deviation in the decimals of what it belongs to. */
export function formatDeviation(column: Pick<Column, 'format'>, deviation: number): string {
  if (column.format === 'loss') return formatFixed(deviation, 3);
  return FORMATS[column.format](Number(deviation.toPrecision(2)));
}

/** Whether a column's cells stand to the right: all but words. */
export function isNumeric({ format, setting }: Column): boolean {
  if (setting !== undefined) return 'min' in setting;
  return format !== 'text';
}
