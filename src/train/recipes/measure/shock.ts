/** How long a trained model takes to come back into balance when its busiest experts are cloned. */
import { maxVio } from '../../../analysis/balance.ts';
import type { Change, Experiment } from '../../../config/experiment.ts';
import { addToPlan, cloneSlot, emptyPlan, planChange } from '../../../config/surgeryPlan.ts';
import type { LayerSpace, StepRecords } from '../../../config/telemetry.ts';
import { calmSteps, type Measured, type ShockMeasurement } from '../../../recipes/measurement.ts';
import type { Emit } from '../../session/events.ts';
import { createSession } from '../../session/session.ts';
import type { MeasuringDeps, ModelOfRun } from '../openModel.ts';
import { goOn, trainTo } from '../stopping.ts';
import type { TrainedRun } from '../trainedRun.ts';
import { DIVERGED, listOf, orNull } from './values.ts';

/** Tokens by slot of one layer, [R] a step. */
type Counts = readonly (readonly number[])[];

function countsOf(records: readonly StepRecords[], layer: number): Counts {
  return records.flatMap(({ n, layers }) => {
    const loads = layers.find((one) => one.layer === layer);
    if (loads === undefined) return [];
    const { R, W, assignments } = loads;
    return Array.from({ length: n }, (_, i) => {
      const counts = new Array<number>(R).fill(0);
      for (let at = i * W * R; at < (i + 1) * W * R; at++) counts[at % R]! += assignments[at]!;
      return counts;
    });
  });
}

const added = (counts: Counts): number[] =>
  counts.reduce<number[]>((sum, one) => one.map((count, r) => count + (sum[r] ?? 0)), []);

/** MaxVio of every `window` steps that follow one another. */
function windowed(counts: Counts, window: number): number[] {
  const windows = Math.max(0, counts.length - window + 1);
  return Array.from({ length: windows }, (_, i) => maxVio(added(counts.slice(i, i + window))));
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The change that clones the busiest FFN expert of each layer. */
function clones(
  { experts }: Experiment,
  layers: readonly LayerSpace[],
  records: readonly StepRecords[],
): Change {
  const plan = layers.reduce((before, { layer, kinds }) => {
    const counts = added(countsOf(records, layer)).map((n, r) => (kinds[r] === 'ffn' ? n : -1));
    return addToPlan(before, layer, cloneSlot(counts.indexOf(Math.max(...counts))));
  }, emptyPlan(experts));
  return planChange(experts, plan) ?? {};
}

/** A layer before the shock and behind it: MaxVio of windows. */
interface Balance {
  calm: number;
  curve: readonly number[];
  /** Null where it does not come back. */
  steps: number | null;
}

export function balanceOf(
  before: Counts,
  after: Counts,
  { window, within }: ShockMeasurement,
): Balance {
  const calm = meanOf(windowed(before, window));
  const curve = windowed(after, window);
  const back = curve.findIndex((value) => value <= calm + within);
  return { calm, curve, steps: back < 0 ? null : window + back };
}

/** The run as it goes on: at a constant rate, without anything in between. */
function goingOn({ experiment }: ModelOfRun, lr: number, totalSteps: number): Experiment {
  const { optimizer, evaluation } = experiment;
  return {
    ...experiment,
    optimizer: { ...optimizer, lr, minLr: lr, warmup: 0, totalSteps },
    evaluation: { ...evaluation, every: 0, sampleEvery: 0 },
  };
}

/** Telemetry before the shock and behind it; null where the model diverged. */
async function trainedThrough(
  deps: MeasuringDeps,
  run: TrainedRun,
  measurement: ShockMeasurement,
): Promise<{ before: StepRecords[]; after: StepRecords[] } | null> {
  const records: StepRecords[] = [];
  let failure: string | null = null;
  let isSound = true;
  const emit: Emit = (event) => {
    if (event.type === 'steps') {
      const { firstStep, n } = event.records;
      records.push(event.records);
      deps.onSteps?.(firstStep + n - 1 - run.state.step);
    } else if (event.type === 'stopped' && event.reason.kind === 'nonFinite') isSound = false;
    else if (event.type === 'stopped' && event.reason.kind !== 'finished')
      failure = event.reason.message;
  };
  const { lr, after } = measurement;
  const calm = run.state.step + calmSteps(measurement);
  const experiment = goingOn(run, lr, calm + after);
  const session = await createSession(deps, experiment, {
    ...{ emit, state: run.state, snapshotEvery: 0 },
  });
  const trainOn = async (step: number) => {
    if (isSound) await trainTo(session, step, deps.signal);
    goOn(deps.signal);
    if (failure !== null) throw new Error(failure);
  };
  try {
    await trainOn(calm);
    const first = records.splice(0);
    if (isSound) await session.change(clones(experiment, run.layers, first));
    await trainOn(calm + after);
    return isSound ? { before: first, after: records } : null;
  } finally {
    await session.dispose();
  }
}

/** @throws Error for what ends the training but a loss that is not finite; Cancelled */
export async function shockOf(
  deps: MeasuringDeps,
  run: TrainedRun,
  measurement: ShockMeasurement,
): Promise<Measured> {
  const { window, after } = measurement;
  const trained = await trainedThrough(deps, run, measurement);
  const layers = run.layers.map(({ layer }) => layer);
  if (trained === null) return DIVERGED;
  const found = layers.map((layer) =>
    balanceOf(countsOf(trained.before, layer), countsOf(trained.after, layer), measurement),
  );
  const byLayer = found.map(({ steps }) => steps ?? after);
  const curve = Array.from({ length: after - window + 1 }, (_, i) => i);
  return {
    layers: listOf(layers),
    steps: orNull(meanOf(byLayer)),
    back: meanOf(found.map(({ steps }) => (steps === null ? 0 : 1))),
    byLayer: listOf(byLayer),
    calm: orNull(meanOf(found.map(({ calm }) => calm))),
    curveSteps: listOf(curve.map((i) => window + i)),
    curve: listOf(curve.map((i) => meanOf(found.map((one) => one.curve[i] ?? Number.NaN)))),
  };
}
