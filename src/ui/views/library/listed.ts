/** The list's columns, and the runs in the order of one of them. */
import { filterOf } from '../../../analysis/compare/filter.ts';
import { changedFromDefaults, compareValues } from '../../../analysis/compare/settings.ts';
import { getPath } from '../../../config/paths.ts';
import { settingAt } from '../../../config/schema.ts';
import type { Setting } from '../../../config/settings.ts';
import type { RunRow } from '../../../runs/record.ts';
import { describeValue } from '../../kit/values.ts';
import type { Listed, ListOrder } from './orders.ts';

export interface ListColumn {
  id: ListOrder;
  label: string;
  title: string;
  isNumber: boolean;
  value(row: RunRow): string | number | null;
}

export const LIST_COLUMNS: readonly ListColumn[] = [
  {
    id: 'name',
    label: 'Run',
    title: 'Name, tags, and what differs from the defaults',
    isNumber: false,
    value: ({ name }) => name,
  },
  {
    id: 'status',
    label: 'Status',
    title: 'Whether its plan was completed, it can go on, or it failed',
    isNumber: false,
    value: ({ status }) => status,
  },
  {
    id: 'steps',
    label: 'Steps',
    title: 'Steps taken',
    isNumber: true,
    value: ({ steps }) => steps,
  },
  {
    id: 'last',
    label: 'Last loss',
    title: 'Training loss of the last step, in nats per token',
    isNumber: true,
    value: ({ last }) => last.ce?.value ?? null,
  },
  {
    id: 'best',
    label: 'Best val.',
    title: 'Lowest validation loss, in nats per token; the training loss of a run without any',
    isNumber: true,
    value: ({ best }) => (best.validation ?? best.ce)?.value ?? null,
  },
  {
    id: 'seconds',
    label: 'Time',
    title: 'Time spent training',
    isNumber: true,
    value: ({ seconds }) => (seconds > 0 ? seconds : null),
  },
  {
    id: 'bytes',
    label: 'Size',
    title: 'What it takes in this browser, its checkpoints included',
    isNumber: true,
    value: ({ bytes }) => bytes,
  },
  {
    id: 'begun',
    label: 'Begun',
    title: 'When it was begun',
    isNumber: true,
    value: ({ begunAt }) => begunAt,
  },
];

/** Runs that a filter keeps, in their order; what is missing stands last either way. */
export function listedRows(
  rows: readonly RunRow[],
  filter: string,
  { order, isDescending }: Pick<Listed, 'order' | 'isDescending'>,
): { rows: RunRow[]; problems: readonly string[] } {
  const { matches, problems } = filterOf(filter);
  const column = LIST_COLUMNS.find(({ id }) => id === order) ?? LIST_COLUMNS[0]!;
  const keyed = rows.filter(matches).map((row) => ({ row, value: column.value(row) }));
  const way = isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return compareValues(a.value, b.value);
    return way * compareValues(a.value, b.value);
  });
  return { rows: keyed.map(({ row }) => row), problems };
}

/** A setting of a run that is not the default. */
export interface Difference {
  setting: Setting;
  /** "K 1". */
  text: string;
}

/** Seeds and the length of a run say least of what it is. */
function isMinor({ path }: Setting): boolean {
  return path.startsWith('seeds.') || path === 'optimizer.totalSteps';
}

const known = new WeakMap<object, readonly Difference[]>();

/** What the text decides where nobody chose it. */
const FOUND = 'model.V';

/** What differs from the defaults, seeds and length last. */
export function differencesOf(row: RunRow): readonly Difference[] {
  const { experiment } = row;
  if (experiment === null) return [];
  const before = known.get(experiment);
  if (before !== undefined) return before;
  const all = changedFromDefaults(row).flatMap((path): Difference[] => {
    const setting = settingAt(path);
    if (setting === undefined || path === FOUND) return [];
    const value = describeValue(setting, getPath(experiment, path) ?? null);
    return [{ setting, text: `${setting.symbol ?? setting.label} ${value}` }];
  });
  const major = all.filter(({ setting }) => !isMinor(setting));
  const differences = [...major, ...all.filter(({ setting }) => isMinor(setting))];
  known.set(experiment, differences);
  return differences;
}
