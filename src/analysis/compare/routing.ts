/** What the routing of a whole run comes to: its load figures, and the FLOPs that it really took. */
import { stepCosts } from '../../accounting/costs.ts';
import { LAYER_METRICS } from '../../accounting/loadMetrics.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerLoads, StepRecords } from '../../config/telemetry.ts';
import type { RunRow } from '../../runs/record.ts';
import { binOfStep, type LoadBin, mergeBins, stepsOf } from '../loadHistory.ts';
import { accountingOf, type RunAccounting, type Stretch } from './spaces.ts';
import { type RunSpecialism, runSpecialism } from './specialism.ts';

/** Steps at a run's end over which its load figures are taken. */
export const LOAD_STEPS = 100;
/** Steps whose routing is averaged for one point of the realised FLOPs, as a part of the run. */
const PIECES = 128;

export interface RunRouting {
  /** Steps that it covers: a run that went on has another one. */
  steps: number;
  /** Means over the MoE layers of the layer figures of the last steps, by their ids. */
  loads: Readonly<Record<string, number>>;
  /** Realised FLOPs up to some steps, from the step before the first record on, rising. */
  realised: { steps: Float64Array; flops: Float64Array };
  /** Balance beside specialisation of the last steps, layer by layer. */
  specialism: RunSpecialism | null;
}

function stretchOf({ stretches }: RunAccounting, step: number): Stretch {
  return stretches.findLast(({ firstStep }) => firstStep <= step) ?? stretches[0];
}

/** Kept assignments per slot of steps `from … to − 1` of some records, over the tokens [R]. */
function keptPerToken(
  { R, W, assignments, drops }: LayerLoads,
  [from, to]: readonly [number, number],
  tokens: number,
): Float64Array {
  const kept = new Float64Array(R);
  for (let i = from; i < to; i++) {
    for (let w = 0; w < W; w++)
      for (let r = 0; r < R; r++) kept[r]! += assignments[(i * W + w) * R + r]!;
    for (let r = 0; r < R; r++) kept[r]! -= drops[i * R + r]!;
  }
  return kept.map((count) => count / (tokens * (to - from)));
}

/** FLOPs of one step as the routing of some steps was, on average. */
function flopsOf(
  { config }: Stretch,
  { layers }: StepRecords,
  range: readonly [number, number],
): number {
  const tokens = config.batch.B * config.batch.S;
  const rows = new Map(layers.map((loads) => [loads.layer, keptPerToken(loads, range, tokens)]));
  return stepCosts(config, rows).total.flops;
}

function realisedOf(
  records: readonly StepRecords[],
  accounting: RunAccounting,
): RunRouting['realised'] {
  const total = records.reduce((sum, { n }) => sum + n, 0);
  const length = Math.max(1, Math.ceil(total / PIECES));
  const steps = [(records[0]?.firstStep ?? 1) - 1];
  const flops = [0];
  for (const record of records) {
    const { firstStep, n } = record;
    for (let from = 0; from < n; ) {
      const stretch = stretchOf(accounting, firstStep + from);
      const next = accounting.stretches.find((s) => s.firstStep > firstStep + from)?.firstStep;
      const to = Math.min(n, from + length, next === undefined ? n : next - firstStep);
      steps.push(firstStep + to - 1);
      flops.push(flops.at(-1)! + (to - from) * flopsOf(stretch, record, [from, to]));
      from = to;
    }
  }
  return { steps: Float64Array.from(steps), flops: Float64Array.from(flops) };
}

/** Loads of a layer over the last steps of the last records; null for a layer without any. */
function lastBin({ firstStep, n, layers }: StepRecords, layer: number, stretch: Stretch) {
  const space = layerSpaces(stretch.config).find((space) => space.layer === layer);
  const loads = layers.find((loads) => loads.layer === layer);
  if (space === undefined || loads === undefined || loads.R !== space.slots) return null;
  let bin: LoadBin | null = null;
  for (let i = Math.max(0, n - LOAD_STEPS); i < n; i++) {
    const own = binOfStep(space, loads, { i, n, step: firstStep + i });
    bin = bin === null ? own : mergeBins(bin, own);
  }
  return bin;
}

function loadsOf(last: StepRecords, stretch: Stretch): RunRouting['loads'] {
  const { B, S } = stretch.config.batch;
  const bins = last.layers.flatMap(({ layer }) => lastBin(last, layer, stretch) ?? []);
  if (bins.length === 0) return {};
  const figures = LAYER_METRICS.map(({ id, compute }) => {
    const values = bins.map((bin) =>
      compute({ ...bin, tokens: stepsOf(bin) * B * S, kinds: bin.space.kinds }),
    );
    return [id, values.reduce((sum, value) => sum + value, 0) / values.length];
  });
  return Object.fromEntries(figures);
}

/** Reads the routing of a run; null where it recorded none. */
export function routingOf(row: RunRow, records: readonly StepRecords[]): RunRouting | null {
  const last = records.at(-1);
  const accounting = accountingOf(row);
  if (last === undefined || accounting === null) return null;
  return {
    steps: row.steps,
    loads: loadsOf(last, stretchOf(accounting, last.firstStep + last.n - 1)),
    realised: realisedOf(records, accounting),
    specialism: runSpecialism(row, records),
  };
}
