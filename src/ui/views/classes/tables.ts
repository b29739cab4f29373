/** The numbers of the view as tables: what stands behind its figures. */
import type { classes } from '../../../analysis/figures/classes.ts';
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import { kindsPerToken, meanOverLayers } from '../../../analysis/figures/groups.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../../analysis/figures/tokenClass.ts';
import type { SlotKind } from '../../../config/experiment.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';

export type Result = ReturnType<typeof classes.compute>;

const NAMES: Readonly<Record<TokenClass, string>> = {
  whitespace: 'white space',
  newline: 'new line',
  digit: 'digit',
  punctuation: 'punctuation',
  wordStart: 'word start',
  wordInside: 'word inside',
  other: 'other',
};

/** In the order of their indices. */
export const CLASS_NAMES: readonly string[] = TOKEN_CLASSES.map((name) => NAMES[name]);

/** Kinds that the model has, in their order. */
export function kindsOf({ layers }: Pick<Look, 'layers'>): SlotKind[] {
  return SLOT_KINDS.filter((kind) => layers.some(({ kinds }) => kinds.includes(kind)));
}

/** Slots of each kind that a token of a class chooses, on average over the layers [7, 5]. */
export function kindsByClass(look: Look, { values, layers }: Result): FigureTensor {
  return meanOverLayers(
    layers.map((layer, place) =>
      kindsPerToken(layer.values.counts, values.tokens.data, look.layers[place]?.kinds ?? []),
    ),
  );
}

export function classTable({ tokens, ce, ceOfTarget, computing }: Result['values']): FigureTable {
  const at = ({ data }: FigureTensor, i: number) => data[i] ?? null;
  return {
    columns: [
      { title: 'class' },
      { title: 'tokens', format: 'count' },
      { title: 'loss behind it, nats', format: 'nats' },
      { title: 'loss of predicting it, nats', format: 'nats' },
      { title: 'computing experts', format: 'decimal' },
    ],
    rows: CLASS_NAMES.map((name, i) => [
      name,
      at(tokens, i),
      at(ce, i),
      at(ceOfTarget, i),
      at(computing, i),
    ]),
  };
}

export function kindTable(kinds: readonly SlotKind[], of: FigureTensor): FigureTable {
  return {
    columns: [
      { title: 'class' },
      ...kinds.map((kind) => ({ title: slotKind(kind).name, format: 'decimal' as const })),
    ],
    rows: CLASS_NAMES.map((name, i) => [
      name,
      ...kinds.map((kind) => elementAt(of, i, SLOT_KINDS.indexOf(kind))),
    ]),
  };
}
