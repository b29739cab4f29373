import { memo, useMemo } from 'react';
import { countsAt, extremesOf } from '../../../analysis/slotLoads.ts';
import { Bars, type BarsProps } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap, type HeatMapProps } from '../../kit/figure/HeatMap.tsx';
import { barsSentence, type CountedLayer, countsTable, shownRanks } from './counted.ts';
import { rankName } from './quantities.ts';

interface CountsProps {
  layers: readonly CountedLayer[];
  /** What the caption begins with. */
  of: string;
  /** Name of the files, and words before the titles. */
  name: string;
  prefix?: string;
}

/** Bars of one layer and rank with most and least marked, as in MoDSE Figure 3. */
export const CountBars = memo(function CountBars(
  props: CountsProps & { layer: number; rank: number | null },
) {
  const { layers, layer, rank, of, name, prefix = '' } = props;
  const counted = layers.find((one) => one.layer === layer) ?? layers[0];
  const bars = useMemo((): BarsProps => {
    const counts = counted === undefined ? [] : countsAt(counted.load, rank);
    const { most, least } = extremesOf(counts);
    const series = {
      ...{ label: 'tokens', color: 'var(--figure-1)' },
      values: Array.from(counts),
      marked: [
        { label: 'most', color: 'var(--figure-2)', pattern: 'rising', categories: [most] } as const,
        {
          label: 'least',
          color: 'var(--figure-3)',
          pattern: 'falling',
          categories: [least],
        } as const,
      ],
    };
    const categories = counts.length === 0 ? [] : (counted?.slots ?? []);
    const sum = series.values.reduce((total, count) => total + count, 0);
    const even = sum / Math.max(1, categories.length);
    return {
      ...{ categories, series: [series], format: 'count', direction: 'vertical' },
      ...{
        ideal: even,
        idealLabel: 'equal part',
        quantity: 'tokens',
        along: 'slot, with its width',
      },
    };
  }, [counted, rank]);
  if (counted === undefined) return null;
  const title = `${prefix}Tokens per expert, layer ${counted.layer}, ${rankName(rank)}`;
  return (
    <FigureFrame
      name={`${name}-layer-${counted.layer}`}
      title={title}
      caption={() => `${of} ${barsSentence(counted, rank)}`}
      table={() => countsTable([counted])}
    >
      <Bars {...bars} />
    </FigureFrame>
  );
});

/** max/min of every layer and rank, with MoDSE's Tables 7 and 8 behind it. */
export const MaxMin = memo(function MaxMin({ layers, of, name, prefix = '' }: CountsProps) {
  const cells = useMemo((): HeatMapProps => {
    const ranks = shownRanks(layers);
    const values = layers.map(({ load }) =>
      ranks.map((rank) => extremesOf(countsAt(load, rank)).maxMin),
    );
    return {
      rows: layers.map(({ layer }) => ({ label: `L${layer}`, title: `layer ${layer}` })),
      columns: ranks.map(rankName),
      value: (row, column) => values[row]?.[column] ?? null,
      ...{ format: 'ratio', color: 'sequential', quantity: 'most tokens / fewest' },
    };
  }, [layers]);

  function caption(): string {
    const all = layers.flatMap(({ load, W }) => {
      const ranks = W === 0 ? [null] : [...Array(W).keys()];
      return ranks.map((rank) => extremesOf(countsAt(load, rank)).maxMin);
    });
    const above = all.filter((value) => value > 3).length;
    const undefinedOnes = all.filter(Number.isNaN).length;
    const empty = undefinedOnes === 0 ? '' : `, ${undefinedOnes} have an empty slot`;
    return `${of} Most tokens of a slot over fewest, per layer and rank: ${above} of ${all.length} are above 3${empty}.`;
  }

  return (
    <FigureFrame
      name={`${name}-max-min`}
      title={`${prefix}Max/min per layer and rank`}
      caption={caption}
      table={() => countsTable(layers)}
    >
      <HeatMap {...cells} />
    </FigureFrame>
  );
});
