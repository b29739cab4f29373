/** The lines of a figure over training time. */

import { binLine } from '../../../analysis/binLines.ts';
import { hasRanks } from '../../../analysis/figures/assignments.ts';
import type { FiguresAt, LayerFiguresAt } from '../../../analysis/followed.ts';
import { type LoadBin, stepsOf } from '../../../analysis/loadHistory.ts';
import { figureLine } from '../../../analysis/overTime.ts';
import { slotsNow } from '../../../analysis/slotsSince.ts';
import type { Line, RunSource } from '../../../analysis/source.ts';
import { capacityPlaces } from '../../../config/capacity.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import type { SlotKind } from '../../../config/experiment.ts';
import { isComputing, SLOT_KINDS } from '../../../config/slots.ts';
import type { LayerSpace } from '../../../config/telemetry.ts';
import type { Series } from '../../kit/charts/series.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import { KIND_COLORS, kindNames } from '../../kit/kinds.ts';
import { layerSigns } from '../../kit/slotNames.ts';
import { type Metric, QUANTILES } from './metrics.ts';

/** What is drawn of a figure. */
export interface Choice {
  /** Place among the MoE layers; null: all of them. */
  place: number | null;
  rank: number | null;
  on: 'validation' | 'training';
}

/** Where a figure's numbers come from: what is asked for, where it has that. */
export function originOf({ field, step }: Metric, { on }: Choice): Choice['on'] {
  if (field === null) return 'training';
  return step === null ? 'validation' : on;
}

const found = new WeakMap<readonly FiguresAt[], Map<string, Line>>();

/** A line of rows, made once for them: a live run hands out other rows with every new one. */
function remembered(rows: readonly FiguresAt[], key: string, make: () => Line): Line {
  const known = found.get(rows) ?? new Map<string, Line>();
  found.set(rows, known);
  const line = known.get(key) ?? make();
  known.set(key, line);
  return line;
}

type Element = number | ((layer: LayerFiguresAt, step: number) => number);

function followed(source: RunSource, { field }: Metric, place: number | 'all', element?: Element) {
  const rows = source.figuresOver();
  if (field === null) throw new Error('a figure of training steps alone is not followed');
  return (name: string) =>
    remembered(rows, `${field} ${place} ${name}`, () => figureLine(rows, field, place, element));
}

const MEAN = { label: 'mean of the layers', color: 'var(--text)' } as const;

function layerLine(metric: Metric, source: RunSource, choice: Choice, place: number): Line {
  const { step } = metric;
  if (originOf(metric, choice) === 'validation') return followed(source, metric, place)('');
  if (typeof step !== 'function') return source.line(`computing.${place}`);
  return binsOf(source, place, metric.id, step);
}

const NO_BINS = { bins: [], stride: 1 };

function binsOf(source: RunSource, place: number, key: string, compute: (bin: LoadBin) => number) {
  const space = source.spaces(null)[place];
  const history = space === undefined ? null : source.history(space.layer);
  return binLine(history ?? NO_BINS, key, compute);
}

/** A value per layer: each of them, or one. Over all of them their mean, where figures have one. */
function layerSeries(metric: Metric, source: RunSource, choice: Choice): Series[] {
  const places = source.spaces(null).map(({ layer }, place) => ({ layer, place }));
  const shown = choice.place === null ? places : places.filter((at) => at.place === choice.place);
  const lines = shown.map(
    ({ layer, place }): Series => ({
      key: `layer ${layer}`,
      label: `L${layer}`,
      ...categoryLook(place),
      hasUndefined: true,
      ...layerLine(metric, source, choice, place),
    }),
  );
  if (choice.place !== null || places.length < 2) return lines;
  const isValidation = originOf(metric, choice) === 'validation';
  if (!isValidation && metric.step !== 'own') return lines;
  const mean = isValidation ? followed(source, metric, 'all')('') : source.line('computing.mean');
  return [...lines, { key: 'mean', ...MEAN, dash: '8 4', hasUndefined: true, ...mean }];
}

/** Kinds and widths of slots, which an older expert space may share. */
const slotsOf = ({ kinds, hidden }: LayerSpace) => `${kinds} ${hidden}`;

/** Tokens of a slot at a rank, or at all of them; undefined before `since`, when another slot may have stood here. */
function slotLine(
  metric: Metric,
  source: RunSource,
  choice: Choice,
  at: { place: number; slot: number; space: LayerSpace; since: number },
) {
  const { place, slot, space, since } = at;
  const { rank } = choice;
  if (originOf(metric, choice) === 'training')
    return binsOf(source, place, `slot ${slot} of ${slotsOf(space)} since ${since}`, (bin) =>
      bin.firstStep >= since && slotsOf(bin.space) === slotsOf(space)
        ? (bin.counts[slot] ?? NaN) / stepsOf(bin)
        : NaN,
    );
  const element = ({ R }: LayerFiguresAt, step: number) =>
    step >= since && R === space.slots ? (rank ?? 0) * R + slot : -1;
  const of: Metric = rank === null ? { ...metric, field: 'load.total' } : metric;
  const name = `${rank} ${slot} of ${space.slots} since ${since}`;
  return followed(source, of, place, element)(name);
}

function slotSeries(metric: Metric, source: RunSource, choice: Choice): Series[] {
  const place = choice.place ?? 0;
  const space = source.spaces(null)[place];
  if (space === undefined) return [];
  const { settings, since } = slotsNow(source, space.layer);
  const signs = layerSigns(settings, space.layer, space.kinds);
  return space.kinds.map((kind, slot) => ({
    key: `slot ${slot}`,
    label: isComputing(kind)
      ? `${slot}: ${signs[slot]} ${space.hidden[slot]}`
      : `${slot}: ${signs[slot]}`,
    ...categoryLook(slot),
    hasUndefined: true,
    ...slotLine(metric, source, choice, { place, slot, space, since }),
  }));
}

/** Assignments of a bin to slots of a kind, as a part of all. */
function kindShare(bin: LoadBin, kind: SlotKind): number {
  const own = bin.counts.filter((_, slot) => bin.space.kinds[slot] === kind);
  return sum(own) / sum(bin.counts);
}

function kindLine(metric: Metric, source: RunSource, choice: Choice, kind: SlotKind): Line {
  const { place } = choice;
  if (originOf(metric, choice) === 'validation')
    return followed(source, metric, place ?? 'all', SLOT_KINDS.indexOf(kind))(kind);
  if (place === null) return source.line(`share.${kind}`);
  return binsOf(source, place, kind, (bin) => kindShare(bin, kind));
}

function kindSeries(metric: Metric, source: RunSource, choice: Choice): Series[] {
  const spaces = source.spaces(null);
  const kinds = SLOT_KINDS.filter((kind) => spaces.some((space) => space.kinds.includes(kind)));
  const names = kindNames(kinds);
  return kinds.map((kind) => ({
    key: kind,
    label: names[kind],
    color: KIND_COLORS[kind],
    hasUndefined: true,
    ...kindLine(metric, source, choice, kind),
  }));
}

/** The middle half of the layers, nine tenths, the worst; their median is the bold line. */
function quantileSeries(metric: Metric, source: RunSource): Series[] {
  const looks = ['2 3', '7 3', '', '7 3', '8 3 2 3', '2 3'];
  return QUANTILES.map((label, i) => ({
    key: `quantile ${label}`,
    label,
    ...categoryLook(i === 2 ? 0 : i === 1 || i === 3 ? 1 : i === 4 ? 2 : 3),
    dash: looks[i]!,
    hasUndefined: true,
    ...followed(source, metric, 'all', i)(label),
  }));
}

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
const assignmentsOf = (bin: LoadBin) => sum(bin.counts) / stepsOf(bin);
const droppedOf = (bin: LoadBin) => sum(bin.drops) / stepsOf(bin);

/** Places of all slots of a layer for the assignments that a step of a bin has on average. */
function placesOf(source: RunSource, bin: LoadBin): number {
  const { capacity, tau } = experimentAtStep(source.head.experiment, bin.lastStep).router;
  if (capacity === null) return Number.NaN;
  const slots = bin.space.kinds.map((kind) => ({ kind }));
  const each = capacityPlaces(slots, assignmentsOf(bin), capacity, tau);
  const computing = bin.space.kinds.filter(isComputing).length;
  return computing * each.ffn + (slots.length - computing) * each.zeroComputation;
}

function placesSeries(_metric: Metric, source: RunSource, choice: Choice): Series[] {
  const rows: readonly [name: string, dash: string, compute: (bin: LoadBin) => number][] = [
    ['assignments', '', assignmentsOf],
    ['places', '7 3', (bin) => placesOf(source, bin)],
    ['dropped', '', droppedOf],
  ];
  return rows.map(([name, dash, compute], i) => ({
    key: name,
    label: name,
    ...categoryLook(i),
    dash,
    hasUndefined: true,
    ...binsOf(source, choice.place ?? 0, name, compute),
  }));
}

const SERIES: Readonly<
  Record<Metric['lines'], (metric: Metric, source: RunSource, choice: Choice) => Series[]>
> = {
  layer: layerSeries,
  slot: slotSeries,
  kind: kindSeries,
  quantile: quantileSeries,
  places: placesSeries,
};

export function seriesOf(metric: Metric, source: RunSource, choice: Choice): Series[] {
  return SERIES[metric.lines](metric, source, choice);
}

/** Ranks that a run's tokens choose slots at; none where slots take tokens, whose slots have no order. */
export function ranksOf(source: RunSource): number {
  const { router } = experimentAtStep(source.head.experiment, source.step + 1);
  if (!hasRanks(router)) return 0;
  return Math.max(0, ...source.spaces(null).map(({ ranks }) => ranks));
}

/** Layers whose lines a figure has one at a time. */
export function isOfOneLayer({ lines }: Metric): boolean {
  return lines === 'slot' || lines === 'places';
}

/** Whether a run has anything to say to a figure: without capacity nothing is dropped. */
export function isWorthShowing({ group }: Metric, { head, step }: RunSource): boolean {
  const { experiment } = head;
  const mayDrop = [experiment, experimentAtStep(experiment, step + 1)].some(
    ({ router }) => router.capacity !== null && hasRanks(router),
  );
  return group !== 'Drops' || mayDrop;
}

/** What a figure's best or balanced router has, where that is one number for all that is drawn. */
export function idealOf(metric: Metric, source: RunSource, { place }: Choice): number | null {
  const spaces = source.spaces(null).filter((_, i) => place === null || i === place);
  const ideals = spaces.map(({ slots: R }) => {
    return metric.ideal?.({ R, weights: Array.from({ length: R }, () => 1) }) ?? null;
  });
  const [first = null] = ideals;
  return ideals.every((ideal) => ideal === first) ? first : null;
}
