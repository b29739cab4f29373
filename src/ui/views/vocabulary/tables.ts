/** The numbers of the view as tables: what stands behind its figures. */
import { vocabulary } from '../../../analysis/figures/vocabulary.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { slotSign } from '../../kit/lookWords.ts';
import { visibleToken } from '../../kit/visibleToken.ts';

export type Result = ReturnType<typeof vocabulary.compute>;
export type LayerValues = Result['layers'][number]['values'];

/** An id in the list of a slot. */
export interface Listed {
  id: number;
  text: string;
  share: number;
  lift: number;
}

/** Ids of each slot, the surest first [R][…]. */
export function listsOf({ texts }: Pick<Look, 'texts'>, values: LayerValues): Listed[][] {
  const [R = 0, top = 0] = values.bySlot.shape;
  return Array.from({ length: R }, (_, slot) =>
    Array.from({ length: top }, (_, place) => ({
      id: elementAt(values.bySlot, slot, place),
      share: elementAt(values.listShare, slot, place),
      lift: elementAt(values.lift, slot, place),
    }))
      .filter(({ id }) => id >= 0)
      .map((one) => ({ ...one, text: visibleToken(texts[one.id]) })),
  );
}

/** Where routing ignores the id, in a layer of the look. */
export function ideal({ layers }: Pick<Look, 'layers'>, place: number): number {
  return vocabulary.layerRows.mean.ideal({ R: layers[place]?.kinds.length ?? 0 });
}

export function meanTable(look: Look, { values, layers }: Result): FigureTable {
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'mean share', format: 'percent' },
      { title: '1/R', format: 'percent' },
      { title: 'ids', format: 'count' },
    ],
    rows: layers.map(({ layer, values: { mean } }, place) => [
      layer,
      mean,
      ideal(look, place),
      values.ids.data.length,
    ]),
  };
}

export function listTable(look: Look, place: number, lists: readonly Listed[][]): FigureTable {
  const layer = look.layers[place];
  return {
    columns: [
      { title: 'slot', format: 'index' },
      { title: 'sign' },
      { title: 'width', format: 'units' },
      { title: 'id', format: 'index' },
      { title: 'token' },
      { title: 'share', format: 'percent' },
      { title: 'lift', format: 'ratio' },
    ],
    rows: lists.flatMap((list, slot) =>
      list.map(({ id, text, share, lift }) => [
        slot,
        layer === undefined ? '' : slotSign(layer, slot),
        layer?.hidden[slot] ?? null,
        id,
        text,
        share,
        lift,
      ]),
    ),
  };
}
