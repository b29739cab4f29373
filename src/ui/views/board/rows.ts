/** What the board says of every layer. */

import { type CurvesByLayer, takenSteps } from '../../../state/conversion/curves.ts';
import { convertedLayers, measuredOf, upward } from '../../../state/conversion/students.ts';
import type { ConversionState, LayerState, MeasuredStudent } from '../../../worker/api.ts';
import type { FigureTable } from '../../kit/figure/table.ts';

export interface BoardRow extends LayerState {
  /** Steps taken of those that there are, over all seeds. */
  taken: number;
  total: number;
  /** Mean over the seeds of the mse at the end; null where none has ended. */
  mse: number | null;
  /** With this layer alone converted. */
  alone: MeasuredStudent | undefined;
  /** With this layer and all converted ones above it. */
  upward: MeasuredStudent | undefined;
}

/** Rows from the last layer to the first, as they are assembled. */
export function boardRows(state: ConversionState, seed: number, curves: CurvesByLayer): BoardRow[] {
  const converted = convertedLayers(state);
  return state.layers
    .map((own) => {
      const ended = own.seeds.flatMap(({ mse }) => (mse === null ? [] : [mse]));
      const isConverted = own.status === 'converted';
      const of = (layers: readonly number[]) =>
        isConverted ? measuredOf(state, { layers, seed }) : undefined;
      return {
        ...own,
        taken: takenSteps(curves, own),
        total: state.settings.steps * own.seeds.length,
        mse: ended.length === 0 ? null : ended.reduce((sum, mse) => sum + mse, 0) / ended.length,
        alone: of([own.layer]),
        upward: of(upward(converted, own.layer)),
      };
    })
    .reverse();
}

/** How each status is marked and named. */
export const STATUS: Readonly<
  Record<LayerState['status'], { glyph: string; word: string; tag: string }>
> = {
  dense: { glyph: '▭', word: 'dense', tag: 'tag' },
  recorded: { glyph: '◔', word: 'waits', tag: 'tag' },
  training: { glyph: '▶', word: 'training', tag: 'tag accent' },
  stopped: { glyph: '❚❚', word: 'stopped', tag: 'tag warn' },
  converted: { glyph: '◫', word: 'converted', tag: 'tag good' },
};

export function boardTable(rows: readonly BoardRow[], teacher: number | null): FigureTable {
  const less = (ce: number | undefined) =>
    ce === undefined || teacher === null ? null : ce - teacher;
  return {
    columns: [
      { title: 'layer' },
      { title: 'status' },
      { title: 'steps', format: 'count' },
      { title: 'mse at the end', format: 'units' },
      { title: 'loss with it alone', format: 'nats' },
      { title: 'more than the teacher', format: 'nats' },
      { title: 'loss from the last up to it', format: 'nats' },
      { title: 'more than the teacher, upward', format: 'nats' },
    ],
    rows: rows.map((row) => [
      `L${row.layer}`,
      STATUS[row.status].word,
      row.taken,
      row.mse,
      row.alone?.ce ?? null,
      less(row.alone?.ce),
      row.upward?.ce ?? null,
      less(row.upward?.ce),
    ]),
  };
}
