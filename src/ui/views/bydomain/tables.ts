/** The numbers of the view as tables: what stands behind its figures. */
import type { domains } from '../../../analysis/figures/domains.ts';
import { informationBound } from '../../../analysis/figures/domains.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { elementAt } from '../../kit/figure/tensor.ts';

export type Result = ReturnType<typeof domains.compute>;
type Named = Pick<Look, 'domainNames'>;

export function lossTable({ domainNames }: Named, { tokens, ce }: Result['values']): FigureTable {
  return {
    columns: [
      { title: 'domain' },
      { title: 'tokens', format: 'count' },
      { title: 'loss, nats', format: 'nats' },
    ],
    rows: domainNames.map((name, d) => [name, tokens.data[d] ?? null, ce.data[d] ?? null]),
  };
}

export function informationTable(layers: Result['layers']): FigureTable {
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'information, nats', format: 'nats' },
      { title: 'bound, nats', format: 'nats' },
      { title: 'normalised', format: 'percent' },
    ],
    rows: layers.map(({ layer, values }) => [
      layer,
      values.mutualInformation,
      informationBound(values.counts),
      values.normalised,
    ]),
  };
}

export function kindsTable(look: Look, layers: Result['layers']): FigureTable {
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'domain' },
      { title: 'kind' },
      { title: 'slots per token', format: 'decimal' },
      { title: 'share of assignments', format: 'percent' },
    ],
    rows: layers.flatMap(({ layer, values }, place) =>
      look.domainNames.flatMap((name, d) =>
        SLOT_KINDS.flatMap((kind, k) =>
          look.layers[place]?.kinds.includes(kind)
            ? [
                [
                  layer,
                  name,
                  slotKind(kind).name,
                  elementAt(values.kindPerToken, d, k),
                  elementAt(values.kindRatio, d, k),
                ],
              ]
            : [],
        ),
      ),
    ),
  };
}
