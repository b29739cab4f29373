/** Balance beside specialisation of a run's layers over its last steps, from what the steps recorded. */
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { LayerLoads, StepRecords } from '../../config/telemetry.ts';
import type { RunRow } from '../../runs/record.ts';
import { mean, mutualInformation } from '../figures/numbers.ts';
import { maxVio } from '../maxVio.ts';
import { slotsSince } from '../slotsSince.ts';
import { accountingOf, type RunAccounting, type Stretch, stretchOf } from './spaces.ts';

/** Steps over which they are taken, as far as a run has them. */
export const SPECIALISM_STEPS = [16, 64, 256] as const;
export type SpecialismSteps = (typeof SPECIALISM_STEPS)[number];

export interface LayerSpecialism {
  layer: number;
  /** Steps that are counted: fewer where the run, or its expert space, is younger. */
  steps: number;
  /** Mean of the single batches' MaxVio, and MaxVio of all of them together. */
  batch: number;
  window: number;
  /** Of domain and slot (d. of docs/analysis.md), in nats, and as a part of what it could be. */
  information: number;
  normalised: number;
}

export type RunSpecialism = Readonly<Record<SpecialismSteps, readonly LayerSpecialism[]>>;

/** Assignments of step i of a record to each slot, over all ranks [R]. */
function countsAt({ R, W, assignments }: LayerLoads, i: number): Float64Array {
  const counts = new Float64Array(R);
  for (let w = 0; w < W; w++)
    for (let r = 0; r < R; r++) counts[r]! += assignments[(i * W + w) * R + r]!;
  return counts;
}

function addInto(sums: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}

/** The last steps of a layer while it has R slots, the latest first. */
function* lastSteps(records: readonly StepRecords[], layer: number, R: number, from: number) {
  for (const { firstStep, n, layers } of records.toReversed()) {
    const loads = layers.find((one) => one.layer === layer);
    if (loads?.R !== R) return;
    const width = loads.domains.length / n;
    for (let i = n - 1; i >= 0; i--) {
      if (firstStep + i < from) return;
      yield {
        counts: countsAt(loads, i),
        domains: loads.domains.subarray(i * width, (i + 1) * width),
      };
    }
  }
}

interface Sums {
  counts: Float64Array;
  /** [R, domains] */
  domains: Float64Array;
  vios: number[];
}

function specialismOf(layer: number, { counts, domains, vios }: Sums): LayerSpecialism {
  const R = counts.length;
  const { nats, bound } = mutualInformation(domains, R, domains.length / R);
  return {
    layer,
    steps: vios.length,
    batch: mean(vios),
    window: maxVio(counts),
    information: nats,
    normalised: bound > 0 ? nats / bound : Number.NaN,
  };
}

/** Of one layer over each number of steps. */
function ofLayer(
  records: readonly StepRecords[],
  { layer, R, from }: { layer: number; R: number; from: number },
): LayerSpecialism[] {
  const most = SPECIALISM_STEPS[SPECIALISM_STEPS.length - 1]!;
  const found: LayerSpecialism[] = [];
  let sums: Sums | null = null;
  for (const { counts, domains } of lastSteps(records, layer, R, from)) {
    sums ??= {
      counts: new Float64Array(R),
      domains: new Float64Array(domains.length),
      vios: [],
    };
    // Another number of domains is another text.
    if (sums.domains.length !== domains.length) break;
    addInto(sums.counts, counts);
    addInto(sums.domains, domains);
    sums.vios.push(maxVio(counts));
    if (SPECIALISM_STEPS.includes(sums.vios.length as SpecialismSteps))
      found.push(specialismOf(layer, sums));
    if (sums.vios.length === most) break;
  }
  if (sums === null) return [];
  const whole = specialismOf(layer, sums);
  return SPECIALISM_STEPS.map((_, i) => found[i] ?? whole);
}

/** The settings of a step, and the first step that was taken with the same slots. */
export function spaceAt(
  accounting: RunAccounting,
  step: number,
): { stretch: Stretch; from: number } {
  const stretch = stretchOf(accounting, step);
  return { stretch, from: slotsSince(stretch.experiment, step) };
}

/** By number of steps; null of a run without MoE layers, or whose routing nobody recorded. */
export function runSpecialism(row: RunRow, records: readonly StepRecords[]): RunSpecialism | null {
  const accounting = accountingOf(row);
  const end = records.at(-1);
  if (accounting === null || end === undefined) return null;
  const { stretch, from } = spaceAt(accounting, end.firstStep + end.n - 1);
  const layers = layerSpaces(stretch.config)
    .map(({ layer, slots }) => ofLayer(records, { layer, R: slots, from }))
    .filter(({ length }) => length > 0);
  if (layers.length === 0) return null;
  return Object.fromEntries(
    SPECIALISM_STEPS.map((steps, i) => [steps, layers.map((of) => of[i]!)]),
  ) as unknown as RunSpecialism;
}
