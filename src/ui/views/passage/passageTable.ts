/** The numbers behind a passage: every token with its whole path. */
import { FIGURES } from '../../../analysis/figures.ts';
import type { FigureCell, FigureTable } from '../../kit/figure/table.ts';
import { type Seen, targetAt, textAt } from './seen.ts';

type Column = FigureTable['columns'][number] & { at: (u: number) => FigureCell };

const { tokens, workload, interventions } = FIGURES;

function layerColumns({ look, paths }: Seen): Column[] {
  return paths.tokens.layers.flatMap(({ layer, values }, place): Column[] => {
    const W = look.layers[place]?.W ?? 0;
    const { layerRows: rows } = tokens;
    const byRank = (['selected', 'gates', 'norms', 'dropped'] as const).flatMap((name) =>
      Array.from({ length: W }, (_, w) => ({
        title: `Layer ${layer}: ${rows[name].label}, rank ${w}`,
        format: rows[name].format,
        at: (u: number) =>
          (values.selected.data[u * W + w] ?? -1) < 0
            ? null
            : (values[name].data[u * W + w] ?? null),
      })),
    );
    const byToken = (['width', 'computing'] as const).map((name) => ({
      title: `Layer ${layer}: ${rows[name].label}`,
      format: rows[name].format,
      at: (u: number) => values[name].data[u] ?? null,
    }));
    return [...byRank, ...byToken];
  });
}

export function passageTable(seen: Seen): FigureTable {
  const { look, paths, what } = seen;
  const of = (
    title: string,
    format: Column['format'],
    data: ArrayLike<number> | undefined,
  ): Column[] =>
    data === undefined
      ? []
      : [{ title, ...(format === undefined ? {} : { format }), at: (u) => data[u] ?? null }];
  const { rows } = tokens;
  const columns: Column[] = [
    { title: 'Token', format: 'index', at: (u) => u },
    { title: 'Text', at: (u) => textAt(look, u) },
    { title: 'Next', at: (u) => targetAt(look, u) },
    { title: 'Domain', at: (u) => look.domainNames[look.domains[u] ?? -1] ?? '' },
    ...of(rows.ce.label, rows.ce.format, paths.tokens.values.ce?.data),
    ...of(interventions.rows.delta.label, 'nats', what?.changes.values.delta.data),
    ...of(
      workload.rows.byToken.label,
      workload.rows.byToken.format,
      paths.workload.values.byToken?.data,
    ),
    ...layerColumns(seen),
  ];
  return {
    columns: columns.map(({ at: _, ...column }) => column),
    rows: Array.from(look.tokens, (_, u) => columns.map(({ at }) => at(u))),
  };
}
