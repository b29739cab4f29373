/** Columns of the table of runs, as rows: what each says of a run, and what it has to know for that. */
import { LAYER_METRICS } from '../../accounting/loadMetrics.ts';
import { settingAt } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import type { MetricName } from '../../runs/record.ts';
import { METRIC_ROWS, valueAtStep } from './metrics.ts';
import { type ComparedRun, placingOf } from './places.ts';
import { OWN_SETTINGS, settingValue } from './settings.ts';
import { computeOf, flopsAt } from './spaces.ts';

export const COLUMN_GROUPS = ['run', 'metric', 'load', 'cost', 'setting'] as const;
export type ColumnGroup = (typeof COLUMN_GROUPS)[number];

export type ColumnFormat =
  | 'text'
  | 'setting'
  | 'date'
  | 'count'
  | 'compact'
  | 'flops'
  | 'bytes'
  | 'duration'
  | 'loss'
  | 'number'
  | 'percent';

export type CellValue = string | number | null;

export interface Column {
  /** `best.ce`, `load.cv`, `setting.router.K`: as the address and a CSV's header name it. */
  id: string;
  label: string;
  help: string;
  group: ColumnGroup;
  format: ColumnFormat;
  /** What of a run has to be read for it. */
  needs: 'row' | 'curves' | 'routing';
  /** Which value of several is marked as the best. */
  better: 'low' | null;
  setting?: Setting;
  /** Null where it is not known. @param step step that `at` columns are read at */
  value(run: ComparedRun, step: number): CellValue;
}

type Given = Pick<Column, 'id' | 'label' | 'help' | 'format' | 'value'> & Partial<Column>;

function column(group: ColumnGroup, given: Given): Column {
  return { group, needs: 'row', better: null, ...given };
}

const finite = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

const RUN_COLUMNS: readonly Column[] = [
  {
    id: 'status',
    label: 'Status',
    help: 'Whether its plan was completed, it can go on, or it failed',
    format: 'text' as const,
    value: ({ row }: ComparedRun) => row.status,
  },
  {
    id: 'steps',
    label: 'Steps',
    help: 'Steps taken',
    format: 'count' as const,
    value: ({ row }: ComparedRun) => row.steps,
  },
  {
    id: 'seconds',
    label: 'Time',
    help: 'Time spent training',
    format: 'duration' as const,
    value: ({ row }: ComparedRun) => (row.seconds > 0 ? row.seconds : null),
  },
  {
    id: 'begun',
    label: 'Begun',
    help: 'When it was begun',
    format: 'date' as const,
    value: ({ row }: ComparedRun) => row.begunAt,
  },
  {
    id: 'bytes',
    label: 'Size',
    help: 'Bytes that it takes in the library, its checkpoints included',
    format: 'bytes' as const,
    value: ({ row }: ComparedRun) => row.bytes,
  },
  {
    id: 'edits',
    label: 'Live edits',
    help: 'Changes that were made while it trained',
    format: 'count' as const,
    value: ({ row }: ComparedRun) => row.experiment?.events.length ?? null,
  },
  {
    id: 'adapter',
    label: 'Adapter',
    help: 'What it was computed on',
    format: 'text' as const,
    value: ({ row }: ComparedRun) => row.adapter?.description ?? null,
  },
  {
    id: 'tags',
    label: 'Tags',
    help: 'Tags that it was given',
    format: 'text' as const,
    value: ({ row }: ComparedRun) => row.tags.join(', ') || null,
  },
  {
    id: 'note',
    label: 'Note',
    help: 'What was noted of it',
    format: 'text' as const,
    value: ({ row }: ComparedRun) => row.note || null,
  },
].map((given) => column('run', given));

function metricColumns(id: MetricName): Column[] {
  const { label, better, format, help } = METRIC_ROWS.find((row) => row.id === id)!;
  const last = column('metric', {
    id: `last.${id}`,
    label: `${label}, last`,
    help: `${help}; of the last step`,
    format,
    better,
    value: ({ row }) => finite(row.last[id]?.value),
  });
  const best = column('metric', {
    id: `best.${id}`,
    label: `${label}, best`,
    help: `${help}; the lowest of all steps`,
    format,
    better,
    value: ({ row }) => finite(row.best[id]?.value),
  });
  const at = column('metric', {
    id: `at.${id}`,
    label: `${label}, at the step`,
    help: `${help}; at the step that is pinned, the last value up to it`,
    format,
    better,
    needs: 'curves',
    value: ({ row, curves }, step) => {
      const series = curves?.[id];
      // A step that a run never took has none of its values.
      if (series === undefined || step > row.steps) return null;
      return finite(valueAtStep(series, step));
    },
  });
  return better === null ? [last, at] : [last, best, at];
}

const LOAD_FORMATS = {
  count: 'number',
  percent: 'percent',
  ratio: 'number',
  decimal: 'number',
} as const;

const LOAD_COLUMNS: readonly Column[] = LAYER_METRICS.map((metric) =>
  column('load', {
    id: `load.${metric.id}`,
    label: metric.label,
    help: `${metric.meaning} Over the last 100 steps, mean of the MoE layers.`,
    format: LOAD_FORMATS[metric.format],
    needs: 'routing',
    value: ({ routing }) => finite(routing?.loads[metric.id]),
  }),
);

const COST_COLUMNS: readonly Column[] = [
  {
    id: 'parameters',
    label: 'Parameters',
    help: 'Parameters of the model at the start',
    format: 'compact' as const,
    value: ({ accounting }: ComparedRun) => accounting?.parameters ?? null,
  },
  {
    id: 'active',
    label: 'Active parameters Na',
    help: 'Attention and FFN weights that a token uses at the start, by the papers’ count',
    format: 'compact' as const,
    value: ({ accounting }: ComparedRun) => accounting?.paper.Na ?? null,
  },
  {
    id: 'rate',
    label: 'Activation rate',
    help: 'Na over all attention and FFN weights N, at the start',
    format: 'percent' as const,
    value: ({ accounting }: ComparedRun) => accounting?.paper.ra ?? null,
  },
  {
    id: 'tokens',
    label: 'Tokens',
    help: 'Training tokens seen',
    format: 'compact' as const,
    value: (run: ComparedRun) => finite(placingOf(run, 'tokens')?.at(run.row.steps)),
  },
  {
    id: 'compute',
    label: 'Compute C',
    help: 'Training compute of the steps taken, C = 3·M·tokens, as the papers count it, with the M of each step’s settings',
    format: 'flops' as const,
    value: ({ accounting, row }: ComparedRun) =>
      finite(accounting === null ? undefined : computeOf(accounting, row)),
  },
  {
    id: 'flops',
    label: 'FLOPs',
    help: 'FLOPs of the steps taken as the kernels do them, over an even spread of the choices',
    format: 'flops' as const,
    value: ({ accounting, row }: ComparedRun) =>
      finite(accounting === null ? undefined : flopsAt(accounting, row.steps)),
  },
  {
    id: 'realised',
    label: 'Realised FLOPs',
    help: 'FLOPs of the steps taken over the routing that was recorded',
    format: 'flops' as const,
    needs: 'routing' as const,
    value: ({ routing }: ComparedRun) => finite(routing?.realised.flops.at(-1)),
  },
].map((given) => column('cost', given));

function settingColumn(setting: Setting): Column {
  const { path, label, symbol, help } = setting;
  return column('setting', {
    id: `setting.${path}`,
    label: symbol === undefined ? label : `${label} ${symbol}`,
    help,
    format: 'setting',
    setting,
    value: ({ row }) => row.experiment && settingValue(row.experiment, setting),
  });
}

export const COLUMNS: readonly Column[] = [
  ...RUN_COLUMNS,
  ...METRIC_ROWS.flatMap(({ id }) => metricColumns(id)),
  ...LOAD_COLUMNS,
  ...COST_COLUMNS,
  ...OWN_SETTINGS.map(settingColumn),
];

const byId = new Map(COLUMNS.map((column) => [column.id, column]));

/** The column of an id, or undefined. */
export function columnById(id: string): Column | undefined {
  return byId.get(id);
}

/** Columns that a person sees before choosing any. */
export const FIRST_COLUMNS: readonly string[] = [
  'steps',
  'last.ce',
  'best.validation',
  'parameters',
  'flops',
  'seconds',
];

/** Columns of some ids, those without any left out; settings by their path alone too. */
export function columnsOf(ids: readonly string[]): Column[] {
  return ids.flatMap((id) => {
    const setting = settingAt(id);
    return columnById(setting === undefined ? id : `setting.${id}`) ?? [];
  });
}
