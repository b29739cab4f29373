/** Speed of the students of a conversion, at its own shape or at one whose FFNs decide. */
import { engineConfig } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Throughput } from '../../train/ladimo/conversion.ts';
import { studentExperiment } from '../../train/ladimo/student.ts';
import {
  demanding,
  MOST_ROUNDS,
  measureThroughput,
  type Timed,
} from '../../train/ladimo/throughput.ts';
import type { Checkpoint } from '../../train/session/checkpoint.ts';
import { switchyardError } from '../../train/session/errors.ts';
import type { ConversionDeps } from './deps.ts';
import { studentOf } from './measure.ts';
import type { Place } from './turns.ts';
import type { ConversionWork } from './work.ts';

/** Experts where those of the settings do not divide the hidden width. */
const USUAL_N = 8;

/** None, the last, the last two, …, all of some layers. */
function upward(layers: readonly number[]): number[][] {
  return [layers.length, ...layers.keys()]
    .sort((a, b) => a - b)
    .map((n) => layers.slice(layers.length - n));
}

function timed(experiment: Experiment, V: number, state: Timed['state']): Timed {
  const { initStd, seeds } = experiment;
  return { config: engineConfig(experiment, V), state, initStd, seedInit: seeds.init };
}

/** Untrained students of the demanding shape, with 0 … L converted layers. */
function demandingModels(teacher: Experiment, { settings }: ConversionWork): Timed[] {
  const dense = demanding(teacher);
  const { V, L } = dense.model;
  const layers = Array.from({ length: L }, (_, layer) => layer);
  const N = dense.model.denseHidden % settings.N === 0 ? settings.N : USUAL_N;
  return upward(layers).map((some) => {
    const shape = { ...settings, N, K: Math.min(settings.K, N), layers: some };
    return timed(some.length === 0 ? dense : studentExperiment(dense, shape), V ?? 0, null);
  });
}

async function ownModels(
  { work, signal }: Place,
  teacher: Checkpoint,
  V: number,
): Promise<Timed[]> {
  const converter = await work.converter(signal);
  const models: Timed[] = [];
  for (const layers of upward(work.converted)) {
    const model = layers.length === 0 ? teacher : await studentOf(work, converter, { layers });
    models.push(timed(model.experiment, V, model.state));
  }
  return models;
}

/** @throws Cancelled while a run trains */
function checkQuiet(deps: ConversionDeps): void {
  if (deps.isTraining())
    throw switchyardError('Cancelled', 'Speed is measured only while nothing trains.');
}

/** @throws RangeError for too few or many rounds; Cancelled where a run trains; as `measureThroughput` */
export async function throughputOf(
  place: Place,
  shape: Throughput['shape'],
  rounds: number,
): Promise<Throughput> {
  const { deps, work, signal } = place;
  checkQuiet(deps);
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS))
    throw new RangeError(`${rounds} rounds; it must be a whole number from 1 to ${MOST_ROUNDS}.`);
  const progress = work.stage('throughput');
  const onProgress = (done: number, total: number) => {
    checkQuiet(deps);
    progress(done, total);
  };
  const teacher = await work.teacher();
  const text = await work.text(signal);
  const isOwn = shape === 'teacher';
  const models = isOwn
    ? await ownModels(place, teacher, text.tokenizer.size)
    : demandingModels(teacher.experiment, work);
  const result = await measureThroughput(await deps.requestDevice(), {
    ...{ models, shape, rounds, signal, onProgress },
    batch: isOwn ? text.validationBatch(0) : null,
    domains: text.domains.length,
  });
  const others = work.state.throughput.filter((one) => one.shape !== shape);
  await work.keep({ throughput: [...others, result] });
  return result;
}
