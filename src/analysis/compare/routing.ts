/** What the routing of a whole run comes to: its load figures, and the FLOPs that it really took. */
import { stepCosts } from '../../accounting/costs.ts';
import { LAYER_METRICS } from '../../accounting/loadMetrics.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerLoads, LayerSpace, StepRecords } from '../../config/telemetry.ts';
import type { RunRow } from '../../runs/record.ts';
import { mean } from '../figures/numbers.ts';
import { binOfStep, type LoadBin, mergeBins, stepsOf } from '../loadHistory.ts';
import { accountingOf, flopsAt, type RunAccounting, type Stretch, stretchOf } from './spaces.ts';
import { type RunSpecialism, runSpecialism, spaceAt } from './specialism.ts';

/** Steps at a run's end over which its load figures are taken. */
export const LOAD_STEPS = 100;
/** Steps whose routing is averaged for one point of the realised FLOPs, as a part of the run. */
const PIECES = 128;

export interface RunRouting {
  /** Steps that it covers: a run that went on has another one. */
  steps: number;
  /** Means over the MoE layers, where they are defined, of the layer figures of the last steps, by their ids. */
  loads: Readonly<Record<string, number>>;
  /**
   * Realised FLOPs up to some steps, from the step before the first record on, rising. Steps whose routing
   * was not recorded, as those before a fork, count with an even spread.
   */
  realised: { steps: Float64Array; flops: Float64Array };
  /** Balance beside specialisation of the last steps, layer by layer. */
  specialism: RunSpecialism | null;
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
  const steps: number[] = [];
  const flops: number[] = [];
  for (const record of records) {
    const { firstStep, n } = record;
    const before = firstStep - 1;
    const last = steps.at(-1) ?? 0;
    if (last < before || steps.length === 0) {
      const unseen = flopsAt(accounting, before) - flopsAt(accounting, last);
      steps.push(before);
      flops.push((flops.at(-1) ?? 0) + unseen);
    }
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

/** Loads of a layer from a step on, or from the last gap after it; null for a layer without any. */
function lastBin(records: readonly StepRecords[], space: LayerSpace, from: number): LoadBin | null {
  let bin = null as LoadBin | null;
  for (const { firstStep, n, layers } of records) {
    const loads = layers.find(({ layer }) => layer === space.layer);
    if (loads?.R !== space.slots) continue;
    for (let i = Math.max(0, from - firstStep); i < n; i++) {
      const own = binOfStep(space, loads, { i, n, step: firstStep + i });
      const isNext = bin?.lastStep === own.firstStep - 1;
      bin = bin !== null && isNext ? mergeBins(bin, own) : own;
    }
  }
  return bin;
}

/** Figures of the last steps with the expert space of the last, however the records are cut. */
function loadsOf(
  records: readonly StepRecords[],
  accounting: RunAccounting,
  end: number,
): RunRouting['loads'] {
  const { stretch, from } = spaceAt(accounting, end);
  const { B, S } = stretch.config.batch;
  const first = Math.max(from, end - LOAD_STEPS + 1);
  const bins = layerSpaces(stretch.config).flatMap((space) => lastBin(records, space, first) ?? []);
  if (bins.length === 0) return {};
  const figures = LAYER_METRICS.map(({ id, compute }) => {
    const values = bins.map((bin) =>
      compute({ ...bin, tokens: stepsOf(bin) * B * S, kinds: bin.space.kinds }),
    );
    return [id, mean(values)];
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
    loads: loadsOf(records, accounting, last.firstStep + last.n - 1),
    realised: realisedOf(records, accounting),
    specialism: runSpecialism(row, records),
  };
}
