/** The numbers of the view as tables: what stands behind its figures. */
import type { drops } from '../../../analysis/figures/drops.ts';
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import type { positions } from '../../../analysis/figures/positions.ts';
import type { FigureTable } from '../../kit/figure/table.ts';

export type Positions = ReturnType<typeof positions.compute>;
export type Drops = ReturnType<typeof drops.compute>;

const at = ({ data }: FigureTensor, s: number): number | null => data[s] ?? null;

function byPosition(
  S: number,
  columns: FigureTable['columns'],
  cells: (s: number) => (number | null)[],
): FigureTable {
  return {
    columns: [{ title: 'position', format: 'index' }, ...columns],
    rows: Array.from({ length: S }, (_, s) => [s, ...cells(s)]),
  };
}

export function lossTable({ values: { ce } }: Positions): FigureTable {
  const columns = [{ title: 'loss, nats', format: 'nats' } as const];
  return byPosition(ce.data.length, columns, (s) => [at(ce, s)]);
}

export function computingTable({ values, layers }: Positions): FigureTable {
  return byPosition(
    values.computing.data.length,
    [
      { title: 'computing experts, all layers', format: 'decimal' },
      ...layers.map(
        ({ layer }) => ({ title: `computing experts, layer ${layer}`, format: 'decimal' }) as const,
      ),
    ],
    (s) => [at(values.computing, s), ...layers.map((one) => at(one.values.computing, s))],
  );
}

export function dropTable({ layers }: Drops): FigureTable {
  return byPosition(
    layers[0]?.values.byPosition.data.length ?? 0,
    layers.flatMap(
      ({ layer }) =>
        [
          { title: `dropped, layer ${layer}`, format: 'count' },
          { title: `drop rate, layer ${layer}`, format: 'percent' },
        ] as const,
    ),
    (s) => layers.flatMap(({ values }) => [at(values.byPosition, s), at(values.positionRate, s)]),
  );
}
