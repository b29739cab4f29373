/** One run of a person's own sweep, and its metrics at the end. */
import { FIGURES } from '../../analysis/figures.ts';
import type { Inspection } from '../../analysis/inspection.ts';
import type { Experiment } from '../../config/experiment.ts';
import { PRODUCT_VERSION } from '../../config/product.ts';
import { resourcesOf } from '../../recipes/held.ts';
import type { SweepRun } from '../../recipes/sweep.ts';
import { realisedFlops } from './costs.ts';
import { inspectionOf } from './measure/ofModel.ts';
import { trainingOf, validationOf } from './measure/ofRun.ts';
import { computingPerToken } from './measure/times.ts';
import { orNull } from './measure/values.ts';
import type { MeasureDeps } from './measures.ts';
import { withModel } from './openModel.ts';
import { type TrainedRun, trainedRun } from './trainedRun.ts';
import type { WorkOptions } from './unit.ts';
import { runKey } from './unitOf.ts';

export interface SweepPointOf {
  digest: string;
  /** Place among the sweep's points. */
  point: number;
  seed: number;
  /** With its seeds and its length. */
  experiment: Experiment;
}

/** Over the last tenth of the steps. */
const PARTS = 10;

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

/** Metrics of the routing, means over the MoE layers; undefined without any. */
function routingMetrics(inspection: Inspection) {
  const ofLoad = FIGURES.load.compute({ inspection }, { weights: 'uniform' }).layers;
  const ofDrops = FIGURES.drops.compute({ inspection }, {}).layers;
  return {
    computing: orNull(computingPerToken(inspection)),
    maxVio: orNull(mean(ofLoad.map(({ values }) => values.maxVio))),
    dropped: orNull(mean(ofDrops.map(({ values }) => values.rate))),
  };
}

async function metricsOf(deps: MeasureDeps, run: TrainedRun): Promise<SweepRun['metrics']> {
  const { ce, bitsPerCharacter } = validationOf(run);
  const training = trainingOf(run, { names: ['ce'], parts: PARTS }).ce;
  const last = typeof training === 'object' && training !== null ? training.data.at(-1) : null;
  const routing =
    run.layers.length === 0
      ? { computing: null, maxVio: null, dropped: null }
      : routingMetrics(await withModel(deps, run, inspectionOf));
  return {
    ce: ce as number | null,
    bitsPerCharacter: bitsPerCharacter as number | null,
    trainingCe: last ?? null,
    ...routing,
  };
}

/**
 * Trains a point of a sweep with a seed, or what is left of it.
 * @throws Cancelled after the signal, with its state kept; as `trainedRun`
 */
export async function runPoint(
  deps: MeasureDeps,
  { digest, point, seed, experiment }: SweepPointOf,
  options: WorkOptions,
): Promise<SweepRun> {
  const variant = String(point);
  const { store, signal, onProgress, listen, reused, keepEveryMs } = options;
  const { adapter } = await deps.requestDevice();
  const begunAt = new Date().toISOString();
  const run = await trainedRun(deps, experiment, {
    store,
    key: runKey(experiment),
    signal,
    onStep: (step, steps) => onProgress?.({ variant, step, steps, measuring: null }),
    listen: listen && ((...about) => listen(variant, ...about)),
    reused: reused && ((note) => reused(variant, note)),
    ...(keepEveryMs !== undefined && { keepEveryMs }),
  });
  onProgress?.({ variant: null, step: 0, steps: 0, measuring: 'Metrics' });
  const { B, S } = run.experiment.batch;
  return {
    format: 1,
    kind: 'sweepRun',
    version: PRODUCT_VERSION,
    adapter: adapter.description,
    digest,
    point,
    seed,
    run: {
      experiment: run.experiment,
      steps: run.state.step,
      tokens: run.state.step * B * S,
      resources: resourcesOf(run.experiment),
      realisedFlops: realisedFlops(run),
      diverged: run.diverged,
    },
    // A run that diverged has none.
    metrics: run.diverged === null ? await metricsOf({ ...deps, signal }, run) : {},
    times: { begunAt, seconds: run.seconds },
  };
}
