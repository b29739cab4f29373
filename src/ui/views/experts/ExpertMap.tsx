import { memo, useMemo } from 'react';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap, type HeatMapProps } from '../../kit/figure/HeatMap.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { useLab } from '../../kit/useLab.tsx';
import { columnsOf, type ExpertsSeen, type MapRow, mapTable } from './map.ts';
import { type Quantity, rankName } from './quantities.ts';

interface ExpertMapProps {
  seen: ExpertsSeen;
  rows: readonly MapRow[];
  quantity: Quantity;
  rank: number | null;
  /** Most value of all sides, so that their colours compare. */
  most: number;
}

/** Rank that a quantity is shown of. */
export function shownRank({ ofRank }: Quantity, rank: number | null): number | null {
  return ofRank === '' ? null : rank;
}

/** Values of every row [R]; of dense layers none. */
export function valuesOf(
  rows: readonly MapRow[],
  quantity: Quantity,
  rank: number | null,
): ArrayLike<number>[] {
  const at = shownRank(quantity, rank);
  return rows.map(({ numbers }) => (numbers === null ? [] : quantity.values(numbers, at)));
}

function ExpertMapOf({ seen, rows, quantity, rank, most }: ExpertMapProps) {
  const { view } = useLab();
  const { label, format, color } = quantity;
  const at = shownRank(quantity, rank);
  const formula = at === null ? quantity.formula : quantity.ofRank;
  const cells = useMemo((): HeatMapProps => {
    const values = valuesOf(rows, quantity, rank);
    return {
      ...{ rows, columns: columnsOf(rows), format, color, quantity: `${label} = ${formula}` },
      value: (row, column) => values[row]?.[column] ?? null,
      mark(row, column) {
        const { numbers, slots } = rows[row] as MapRow;
        if (numbers === null || column >= slots.length) return 'absent';
        return numbers.load.total.data[column] === 0 ? 'dead' : null;
      },
      ...(color === 'sequential' ? { span: [0, most] as const } : {}),
      onSelect: (row) => {
        if (rows[row]?.numbers) view.getState().set({ layer: rows[row].layer });
      },
      selects: 'show the layer',
    };
  }, [rows, quantity, rank, most, label, format, color, formula, view]);

  function caption(): string {
    const all = valuesOf(rows, quantity, rank)
      .flatMap((values) => Array.from(values))
      .filter(Number.isFinite);
    const [least, highest] = [Math.min(...all), Math.max(...all)].map((v) =>
      formatValue(v, format),
    );
    const dense = rows.filter(({ numbers }) => numbers === null).map(({ layer }) => layer);
    const skipped = dense.length === 0 ? '' : ` Dense layers: ${dense.join(', ')}.`;
    return `${lookSentence(seen.look)} ${label}, ${formula}, ${rankName(at)}: ${least} to ${highest}.${skipped}`;
  }

  return (
    <FigureFrame
      name="switchyard-experts"
      title={`${label} by layer and slot, ${rankName(at)}`}
      caption={caption}
      table={() => mapTable(rows, rank)}
    >
      <HeatMap {...cells} />
    </FigureFrame>
  );
}

/** Layer × slot of one quantity. */
export const ExpertMap = memo(ExpertMapOf);
