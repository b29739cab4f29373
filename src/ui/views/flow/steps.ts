/** Steps from one MoE layer to the next, as the figure `flow` counts them. */
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import type { Look, ResultOf } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { slotLabels } from '../../kit/lookWords.ts';

export type FlowResult = ResultOf<{ figure: 'flow' }>;

export interface FlowStep {
  /** Places of the two layers among the MoE layers; `to` follows `from`. */
  from: number;
  to: number;
  /** Tokens [R, R′]. */
  counts: FigureTensor;
}

export function flowSteps({ layers }: FlowResult): FlowStep[] {
  return layers.map(({ values }, from) => ({ from, to: from + 1, counts: values.counts }));
}

/** The largest flow, the first of equal ones; null where nothing flows. */
export function largestOf({ layers }: Look, steps: readonly FlowStep[]) {
  let best: { from: string; to: string; tokens: number } | null = null;
  for (const { from, to, counts } of steps) {
    const [, R = 0] = counts.shape;
    for (const [at, tokens] of counts.data.entries()) {
      if (tokens <= (best?.tokens ?? 0)) continue;
      const [i, j] = [Math.floor(at / R), at % R];
      const name = (place: number, slot: number) => `layer ${layers[place]?.layer} slot ${slot}`;
      best = { from: name(from, i), to: name(to, j), tokens };
    }
  }
  return best;
}

/** A row per layer and slot: tokens to every slot of the next layer. */
export function flowTable({ layers }: Look, steps: readonly FlowStep[]): FigureTable {
  const widest = Math.max(0, ...steps.map(({ counts }) => counts.shape[1] ?? 0));
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'slot', format: 'index' },
      { title: 'expert' },
      { title: 'next layer', format: 'index' },
      ...Array.from({ length: widest }, (_, j) => ({
        title: `to slot ${j}`,
        format: 'count' as const,
      })),
    ],
    rows: steps.flatMap(({ from, to, counts }) => {
      const [here, there] = [layers[from], layers[to]];
      if (here === undefined || there === undefined) return [];
      const R = there.kinds.length;
      return slotLabels(here).map(({ label }, i) => [
        ...[here.layer, i, label, there.layer],
        ...Array.from({ length: widest }, (_, j) => (j < R ? counts.data[i * R + j]! : null)),
      ]);
    }),
  };
}
