/** Counts by rank and slot, of a run or as a paper prints them. */
import { hasRanks } from '../../../analysis/figures/assignments.ts';
import type { PrintedTable } from '../../../analysis/papers/printed.ts';
import { countsAt, extremesOf, type RankCounts } from '../../../analysis/slotLoads.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { LongLabel } from '../../kit/figure/label.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatCount, formatRatio } from '../../kit/format.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import { type LoadResult, rankName } from './quantities.ts';

export interface CountedLayer {
  layer: number;
  /** Ranks; 0 where they have no meaning. */
  W: number;
  slots: readonly LongLabel[];
  load: RankCounts;
}

export function countedLayers({ layers }: Look, load: LoadResult): CountedLayer[] {
  return layers.flatMap((space, at) => {
    const values = load.layers[at]?.values;
    if (values === undefined) return [];
    const W = hasRanks(space) ? space.W : 0;
    return [{ layer: space.layer, W, slots: slotLabels(space), load: values }];
  });
}

/** Epochs of a printed table of `epoch,layer,rank,e0_2.5,…`. */
export function printedEpochs({ rows }: PrintedTable): number[] {
  return [...new Set(rows.map(([epoch]) => Number(epoch)))];
}

/** Layers of an epoch as they are printed; widths are multiples of the model's. */
export function printedLayers({ columns, rows }: PrintedTable, epoch: number): CountedLayer[] {
  const slots = columns.slice(3).map((name, i) => {
    const width = name.split('_')[1] ?? '';
    const short = `E${i}`;
    return { label: `${short} ${width}D`, short, title: `expert ${i}, width ${width} D` };
  });
  const lines = rows.map((row) => row.map(Number)).filter(([one]) => one === epoch);
  return [...new Set(lines.map(([, layer = 0]) => layer))].map((layer) => {
    const ranks = lines.filter((line) => line[1] === layer).map((line) => line.slice(3));
    const total = slots.map((_, i) => ranks.reduce((sum, rank) => sum + (rank[i] ?? 0), 0));
    const [W, R] = [ranks.length, slots.length];
    return {
      ...{ layer, W, slots },
      load: {
        counts: { shape: [W, R], data: Int32Array.from(ranks.flat()) },
        total: { shape: [R], data: Int32Array.from(total) },
      },
    };
  });
}

/** The ranks that are shown, and all of them together. */
export function shownRanks(layers: readonly CountedLayer[]): (number | null)[] {
  const most = Math.max(0, ...layers.map(({ W }) => W));
  return [...Array.from({ length: most }, (_, rank) => rank), null];
}

/** As MoDSE's Tables 7 and 8: per layer and rank the counts with most, fewest and their ratio. */
export function countsTable(layers: readonly CountedLayer[]): FigureTable {
  const R = Math.max(0, ...layers.map(({ slots }) => slots.length));
  const [first] = layers;
  const names = Array.from({ length: R }, (_, i) => {
    const label = first?.slots[i]?.label ?? '';
    const areSame = layers.every(({ slots }) => slots[i]?.label === label);
    return areSame ? `${i}: ${label}` : `slot ${i}`;
  });
  return {
    columns: [
      { title: 'layer', format: 'index' },
      { title: 'rank' },
      { title: 'max', format: 'count' },
      { title: 'slot of max', format: 'index' },
      { title: 'min', format: 'count' },
      { title: 'slot of min', format: 'index' },
      { title: 'max/min', format: 'ratio' },
      ...names.map((title) => ({ title, format: 'count' as const })),
    ],
    rows: layers.flatMap((counted) =>
      shownRanks([counted]).map((rank) => {
        const counts = countsAt(counted.load, rank);
        const { max, min, most, least, maxMin } = extremesOf(counts);
        const cells = names.map((_, i) => counts[i] ?? null);
        return [counted.layer, rankName(rank), max, most, min, least, maxMin, ...cells];
      }),
    ),
  };
}

/** Most and least of a layer at a rank, which it may not have: layers have the ranks that their tokens use. */
export function barsSentence({ layer, load }: CountedLayer, rank: number | null): string {
  const counts = countsAt(load, rank);
  if (counts.length === 0) return `Layer ${layer} has no ${rankName(rank)}.`;
  const { max, min, most, least, maxMin } = extremesOf(counts);
  return `Most: slot ${most} with ${formatCount(max)}; least: slot ${least} with ${formatCount(min)}; max/min ${formatRatio(maxMin)}. Dashed: an equal part.`;
}
