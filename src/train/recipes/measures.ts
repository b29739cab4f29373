/** Every kind of measurement that recipes name (src/recipes/measurement.ts), taken of runs. */
import { applyChange } from '../../config/edit.ts';
import type { Change } from '../../config/experiment.ts';
import type {
  FiguresMeasurement,
  Measured,
  Measurement,
  TimesMeasurement,
} from '../../recipes/measurement.ts';
import { errorCode } from '../session/errors.ts';
import type { ConversionDeps } from './measure/conversion.ts';
import { figuresOf, inspectionOf, placementOf, probesOf } from './measure/ofModel.ts';
import { followedOf, loadsOf, trainingOf, validationOf } from './measure/ofRun.ts';
import { timesOf } from './measure/times.ts';
import { DIVERGED } from './measure/values.ts';
import { type ModelOfRun, type OpenModel, openModel, withModel } from './openModel.ts';
import type { TrainedRun } from './trainedRun.ts';

/** What measuring needs: texts, a device, and documents for probe tasks. */
export type MeasureDeps = ConversionDeps;

type Runs = ReadonlyMap<string, TrainedRun>;

function edited({ experiment, state }: ModelOfRun, edits: Change = {}): ModelOfRun {
  return { experiment: applyChange(experiment, edits), state };
}

async function figures(
  deps: MeasureDeps,
  runs: Runs,
  measurement: FiguresMeasurement,
  run: TrainedRun,
): Promise<Measured> {
  const { baseline: name, edits } = measurement;
  const baseline = name === undefined ? undefined : runs.get(name);
  if (name !== undefined && baseline === undefined)
    throw new RangeError(`${measurement.id}: its baseline "${name}" is no run of this group`);
  const reference =
    baseline === undefined ? null : await withModel(deps, edited(baseline, edits), inspectionOf);
  return withModel(deps, edited(run, edits), (model) => figuresOf(model, measurement, reference));
}

async function times(
  deps: MeasureDeps,
  measurement: TimesMeasurement,
  runs: Runs,
): Promise<Map<string, Measured>> {
  const models = new Map<string, OpenModel>();
  try {
    for (const [variant, run] of runs)
      models.set(variant, await openModel(deps, edited(run, measurement.edits)));
    return await timesOf(models, measurement);
  } finally {
    for (const model of models.values()) model.close();
  }
}

/** Of one run. */
async function ofOne(
  deps: MeasureDeps,
  runs: Runs,
  measurement: Exclude<Measurement, TimesMeasurement>,
  run: TrainedRun,
): Promise<Measured> {
  switch (measurement.kind) {
    case 'validation':
      return validationOf(run);
    case 'training':
      return trainingOf(run, measurement);
    case 'loads':
      return loadsOf(run, measurement);
    case 'followed':
      return followedOf(run, measurement);
    case 'shock': {
      const { shockOf } = await import('./measure/shock.ts');
      return shockOf(deps, run, measurement);
    }
    case 'figures':
      return figures(deps, runs, measurement, run);
    case 'placement':
      return withModel(deps, run, (model) => placementOf(model, measurement));
    case 'probes': {
      if (deps.readDocuments === undefined)
        throw new Error(`${measurement.id}: nobody reads the documents of the text`);
      const documents = await deps.readDocuments(run.experiment, null);
      return withModel(deps, run, (model) => probesOf(model, measurement, documents));
    }
    case 'conversion': {
      const { conversionOf } = await import('./measure/conversion.ts');
      return conversionOf(deps, run, measurement).catch((error) => {
        if (errorCode(error) === 'NonFinite') return DIVERGED;
        throw error;
      });
    }
  }
}

/** Taken of telemetry alone, so also of runs that diverged. */
const OF_TELEMETRY: readonly Measurement['kind'][] = [
  'validation',
  'training',
  'loads',
  'followed',
];

/** Runs that a measurement can be taken of: no model of a run that diverged is asked anything. */
function measurable(measurement: Measurement, runs: Runs): Runs {
  const { kind, of } = measurement;
  const isSound = (run: TrainedRun | undefined) =>
    OF_TELEMETRY.includes(kind) || run === undefined || run.diverged === null;
  if (kind === 'figures' && measurement.baseline !== undefined) {
    if (!isSound(runs.get(measurement.baseline))) return new Map();
  }
  return new Map([...runs].filter(([id, run]) => (of?.includes(id) ?? true) && isSound(run)));
}

/**
 * Takes a measurement of runs of a group, by variant; of none that diverged where a model is asked.
 * @param only of this one, where they are not timed in turn; null: of all that it names
 */
export async function measure(
  deps: MeasureDeps,
  measurement: Measurement,
  runs: Runs,
  only: string | null,
): Promise<Record<string, Measured>> {
  const chosen = measurable(measurement, runs);
  if (measurement.kind === 'times')
    return Object.fromEntries(await times(deps, measurement, chosen));
  const measured: Record<string, Measured> = {};
  for (const [variant, run] of chosen) {
    if ((only ?? variant) === variant)
      measured[variant] = await ofOne(deps, runs, measurement, run);
  }
  return measured;
}
