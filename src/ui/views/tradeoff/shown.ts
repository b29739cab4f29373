/** Quality and throughput of a conversion's students, as figures take them. */
import { ratioOf } from '../../../analysis/papers/speeds.ts';
import { PROBE_ROWS } from '../../../analysis/probes/table.ts';
import {
  convertedLayers,
  layerWords,
  measuredOf,
  upward,
} from '../../../state/conversion/students.ts';
import type { ConversionState, MeasuredStudent, Throughput } from '../../../worker/api.ts';
import type { PointSeries } from '../../kit/figure/Points.tsx';
import type { FigureTable } from '../../kit/figure/table.ts';

/** The teacher, then the students from the last layer upward, as far as they were measured. */
export function assembly(state: ConversionState, seed: number): MeasuredStudent[] {
  const converted = convertedLayers(state);
  const choices = [[], ...[...converted].reverse().map((layer) => upward(converted, layer))];
  return choices.flatMap((layers) => {
    const one = measuredOf(state, layers.length === 0 ? { layers } : { layers, seed });
    return one === undefined ? [] : [one];
  });
}

/** Every layer converted alone, as far as that was measured. */
export function alone(state: ConversionState, seed: number): MeasuredStudent[] {
  return convertedLayers(state).flatMap(
    (layer) => measuredOf(state, { layers: [layer], seed }) ?? [],
  );
}

const nameOf = ({ layers }: { layers: readonly number[] }) =>
  layers.length === 0
    ? 'the teacher'
    : `${layers.length} converted, L${layers[0]} to L${layers.at(-1)}`;

/** The newest measurement of a shape. */
export function latest(state: ConversionState, shape: Throughput['shape']): Throughput | null {
  return state.throughput.findLast((one) => one.shape === shape) ?? null;
}

/** Loss over active parameters: the assembly upward, and each layer alone. */
export function overActive(state: ConversionState, seed: number): PointSeries[] {
  return [
    {
      label: 'from the last layer upward',
      points: assembly(state, seed).map((one) => ({
        x: one.active,
        y: one.ce,
        name: nameOf(one),
      })),
    },
    {
      label: 'one layer alone',
      isLoose: true,
      points: alone(state, seed).map((one) => ({
        x: one.active,
        y: one.ce,
        name: `L${one.layers[0]}`,
      })),
    },
  ];
}

/** Loss and active parameters of the assembly upward, and of each layer alone. */
export function activeTable(state: ConversionState, seed: number): FigureTable {
  const rowOf = (kind: string) => (one: MeasuredStudent) => [
    kind,
    layerWords(one.layers),
    one.active,
    one.ce,
  ];
  return {
    columns: [
      { title: 'student' },
      { title: 'converted layers' },
      { title: 'active parameters', format: 'count' },
      { title: 'validation loss', format: 'nats' },
    ],
    rows: [
      ...assembly(state, seed).map(rowOf('upward')),
      ...alone(state, seed).map(rowOf('alone')),
    ],
  };
}

type SpeedName = 'prefill' | 'decode';
export const SPEED_WORDS = { prefill: 'prefill', decode: 'decoding' } as const;

/** Loss over tokens per second, of the students that have both. */
export function overSpeed(
  state: ConversionState,
  { rows }: Throughput,
  speed: SpeedName,
  seed: number,
): PointSeries[] {
  const students = assembly(state, seed);
  const points = rows.flatMap((row) => {
    const one = students.find(({ layers }) => layers.length === row.layers.length);
    const { median, low, high } = row[speed];
    if (one === undefined) return [];
    return [{ x: median, y: one.ce, xSpread: [low, high] as const, name: nameOf(one) }];
  });
  return [{ label: 'from the last layer upward', points }];
}

/** Tokens per second over the dense model's of the same round, by the number of converted layers. */
export function ratios({ rows }: Throughput): PointSeries[] {
  return (['prefill', 'decode'] as const).map((name) => {
    const dense = rows[0]?.[name] ?? { rounds: [] };
    return {
      label: SPEED_WORDS[name],
      points: rows.map(({ layers, [name]: speed }) => {
        const { median, low, high } = ratioOf(speed, dense);
        return { x: layers.length, y: median, ySpread: [low, high] as const };
      }),
    };
  });
}

/** All that was measured, a row for each number of converted layers. */
export function tradeTable(
  state: ConversionState,
  throughput: Throughput | null,
  seed: number,
): FigureTable {
  const students = assembly(state, seed);
  const tasks = PROBE_ROWS.filter(({ isMain }) => isMain);
  const counts = new Set([
    ...students.map(({ layers }) => layers.length),
    ...(throughput?.rows.map(({ layers }) => layers.length) ?? []),
  ]);
  return {
    columns: [
      { title: 'converted layers', format: 'index' },
      { title: 'active parameters', format: 'count' },
      { title: 'validation loss', format: 'nats' },
      ...['prefill', 'decode'].flatMap((name) => [
        { title: `${name} tokens/s`, format: 'units' as const },
        { title: `${name}, low`, format: 'units' as const },
        { title: `${name}, high`, format: 'units' as const },
        { title: `${name} over dense`, format: 'ratio' as const },
        { title: `${name} over dense, 10 %`, format: 'ratio' as const },
        { title: `${name} over dense, 90 %`, format: 'ratio' as const },
      ]),
      ...tasks.map(({ label }) => ({ title: label, format: 'percent' as const })),
    ],
    rows: [...counts]
      .sort((a, b) => a - b)
      .map((n) => {
        const one = students.find(({ layers }) => layers.length === n);
        const row = throughput?.rows.find(({ layers }) => layers.length === n);
        const dense = throughput?.rows[0];
        const speeds = (['prefill', 'decode'] as const).flatMap((name) => {
          if (row === undefined || dense === undefined) return [null, null, null, null, null, null];
          const { median, low, high } = row[name];
          const ratio = ratioOf(row[name], dense[name]);
          return [median, low, high, ratio.median, ratio.low, ratio.high];
        });
        const results = one?.probes?.results;
        return [
          n,
          row?.active ?? one?.active ?? null,
          one?.ce ?? null,
          ...speeds,
          ...tasks.map(({ of }) => (results === undefined ? null : (of(results).accuracy ?? null))),
        ];
      }),
  };
}

/** Accuracy of the probe tasks over the number of converted layers; none where they were not asked. */
export function probeSeries(state: ConversionState, seed: number): PointSeries[] {
  const asked = assembly(state, seed).filter(({ probes }) => probes !== null);
  if (asked.length === 0) return [];
  return PROBE_ROWS.filter(({ isMain }) => isMain).map(({ label, of }) => ({
    label,
    points: asked.flatMap(({ layers, probes }) => {
      const accuracy = probes === null ? null : of(probes.results).accuracy;
      return accuracy === null || accuracy === undefined ? [] : [{ x: layers.length, y: accuracy }];
    }),
  }));
}
