/** What the figures on routing scores show of the runs that have answered. */
import { scores } from '../../../analysis/figures/scores.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import type { ResultOf } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import type { Answered } from '../../kit/LookSides.tsx';
import { MEASURES, type Measure } from './fields.ts';

export const REQUESTS = [{ figure: 'scores' }] as const;
export type Run = Answered<typeof REQUESTS>;
export type Layer = ResultOf<(typeof REQUESTS)[0]>['layers'][number];

export const ROWS = scores.layerRows;

/** The run's name, and whether its router has gating residuals. */
export function runName({ side, look }: Run): string {
  const { router } = experimentAtStep(side.source.head.experiment, look.step + 1);
  return `${side.name}, ${router.gatingResidual ? 'with' : 'without'} gating residuals`;
}

/** A layer of a run by its index; null where it is no MoE layer. */
export function layerOf({ results: [{ layers }] }: Run, index: number): Layer | null {
  return layers.find(({ layer }) => layer === index) ?? null;
}

/** All layers that any of the runs has, from the first. */
export function layersOf(runs: readonly Run[]): number[] {
  const all = runs.flatMap(({ results: [{ layers }] }) => layers.map(({ layer }) => layer));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** What a balanced or sure router has of a measure in a layer; null where there is no ideal. */
export function idealOf({ look }: Run, measure: Measure, index: number): number | null {
  const row = ROWS[measure];
  const R = look.layers.find(({ layer }) => layer === index)?.kinds.length;
  return 'ideal' in row && R !== undefined ? row.ideal({ R }) : null;
}

/** The ideal that all runs with a layer share; null where they have unlike ones, or none. */
export function sharedIdeal(runs: readonly Run[], measure: Measure, index: number): number | null {
  const ideals = runs
    .filter(({ look }) => look.layers.some(({ layer }) => layer === index))
    .map((run) => idealOf(run, measure, index));
  const [first = null] = ideals;
  return ideals.every((ideal) => ideal === first) ? first : null;
}

/** Every measure of every layer of every run. */
export function measuresTable(runs: readonly Run[]): FigureTable {
  return {
    columns: [
      { title: 'run' },
      { title: 'layer', format: 'index' },
      ...MEASURES.map((name) => ({ title: ROWS[name].label, format: ROWS[name].format })),
      { title: 'ideal entropy, ln R', format: 'nats' },
    ],
    rows: runs.flatMap((run) =>
      run.results[0].layers.map(({ layer, values }) => [
        runName(run),
        layer,
        ...MEASURES.map((name) => values[name]),
        idealOf(run, 'meanEntropy', layer),
      ]),
    ),
  };
}
