/** The runs that are compared, as points and as a table. */
import type { LayerSpecialism } from '../../../analysis/compare/specialism.ts';
import { mean } from '../../../analysis/figures/numbers.ts';
import { causalNoteAt } from '../../../config/generation.ts';
import type { RunRow } from '../../../runs/record.ts';
import { runColor } from '../../kit/charts/runLook.ts';
import type { PointSeries } from '../../kit/figure/Points.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';
import type { SpecialismFields } from './fields.ts';

/** Runs that are shown where none is chosen. */
export const LATEST = 12;

export interface Shown {
  row: RunRow;
  /** Its name, and its place among those of the same name. */
  name: string;
  layers: readonly LayerSpecialism[];
}

/** Names that tell the rows apart. */
export function namesOf(rows: readonly Pick<RunRow, 'name'>[]): string[] {
  const seen = new Map<string, number>();
  return rows.map(({ name }) => {
    const n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    return n === 1 ? name : `${name} (${n})`;
  });
}

/** Means over the layers. */
export function meanLayer(layers: readonly LayerSpecialism[]): Omit<LayerSpecialism, 'layer'> {
  const over = (of: (layer: LayerSpecialism) => number) => mean(layers.map(of));
  return {
    steps: Math.max(0, ...layers.map(({ steps }) => steps)),
    batch: over(({ batch }) => batch),
    window: over(({ window }) => window),
    information: over(({ information }) => information),
    normalised: over(({ normalised }) => normalised),
  };
}

/** One series for each run; what is undefined is no point. */
export function seriesOf(
  runs: readonly Shown[],
  { scope, measure, points }: SpecialismFields,
): PointSeries[] {
  return runs.flatMap(({ row, name, layers }) => {
    const of =
      points === 'layers'
        ? layers.map((one) => ({ ...one, name: `L${one.layer}` }))
        : [{ ...meanLayer(layers), name: 'mean of the layers' }];
    const known = of.filter((one) => Number.isFinite(one[scope]) && Number.isFinite(one[measure]));
    if (known.length === 0) return [];
    return {
      label: name,
      isLoose: true,
      color: runColor(row.color),
      points: known.map((one) => ({ x: one[scope], y: one[measure], name: one.name })),
    };
  });
}

export function specialismTable(runs: readonly Shown[]): FigureTable {
  const cells = (of: Omit<LayerSpecialism, 'layer'>) => [
    of.steps,
    of.batch,
    of.window,
    of.information,
    of.normalised,
  ];
  return {
    columns: [
      { title: 'run' },
      { title: 'layer' },
      { title: 'steps', format: 'count' },
      { title: 'MaxVio of a batch, mean', format: 'decimal' },
      { title: 'MaxVio of all steps', format: 'decimal' },
      { title: 'information on the domain, nats', format: 'nats' },
      { title: 'information, normalised', format: 'percent' },
      { title: 'validation loss, nats', format: 'nats' },
      { title: 'of validation' },
    ],
    rows: runs.flatMap(({ row, name, layers }) => {
      const { validation } = row.last;
      const note = validation && causalNoteAt(row.experiment, validation.step);
      const loss = [validation?.value ?? null, note ? 'not causal' : ''];
      return [
        ...layers.map((of) => [name, `${of.layer}`, ...cells(of), ...loss]),
        [name, 'mean', ...cells(meanLayer(layers)), ...loss],
      ];
    }),
  };
}
