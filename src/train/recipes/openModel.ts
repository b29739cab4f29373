/** The model that a run came to, opened to be measured; nothing of the run is changed by it. */
import { engineConfig, settingsInForce } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { settingsOfState } from '../../config/surgeryHistory.ts';
import type { PreparedText } from '../../data/types.ts';
import { FaultGuard, type TrainingDevice } from '../device/trainingDevice.ts';
import type { Asked } from '../engine/asked.ts';
import type { Engine } from '../engine/engine.ts';
import { ANSWERS, type InspectionKind, type Inspections } from '../engine/inspections.ts';
import type { SessionDeps } from '../session/openRun.ts';
import { goOn } from './stopping.ts';
import type { TrainedRun } from './trainedRun.ts';

/** What of a run a model is opened from. */
export type ModelOfRun = Pick<TrainedRun, 'experiment' | 'state'>;

/** Of what is measured somebody hears, and may stop it. */
export interface MeasuringDeps extends SessionDeps {
  /** Ends it with the answer of the device that is waited for. */
  signal?: AbortSignal | undefined;
  /** Hears of every step that a measured model is trained on, counted from 1. */
  onSteps?: ((steps: number) => void) | undefined;
}

export interface OpenModel {
  engine: Engine;
  text: PreparedText;
  /** In force at the next step. */
  settings: Experiment;
  inspect<K extends InspectionKind>(
    kind: K,
    ask: Inspections[K]['ask'],
  ): Promise<Inspections[K]['answer']>;
  /** Rejects as soon as the device is at fault, and where nobody waits any more. */
  watch<T>(answer: Promise<T>): Promise<T>;
  close(): void;
}

const quiet = { onProgress: () => undefined, signal: undefined };

export function textOf(deps: SessionDeps, experiment: Experiment): Promise<PreparedText> {
  return deps.prepareText(experiment, null, quiet);
}

async function engineOf(
  device: TrainingDevice,
  { experiment, state }: ModelOfRun,
  text: PreparedText,
): Promise<Engine> {
  const settings = settingsOfState(experiment, state.step, state.surgeries?.length ?? 0);
  const engine = await device.createEngine(engineConfig(settings, text.tokenizer.size), {
    domains: text.domains.length,
    initStd: settings.initStd,
    seedInit: settings.seeds.init,
  });
  engine.loadState(state);
  return engine;
}

/** @throws ModelTooLarge, KernelCompile, DeviceLost, Cancelled */
export async function openModel(deps: MeasuringDeps, model: ModelOfRun): Promise<OpenModel> {
  const { experiment, state } = model;
  const text = await textOf(deps, experiment);
  const device = await deps.requestDevice();
  const guard = new FaultGuard(device);
  const engine = await guard.watch(engineOf(device, model, text));
  const watch = async <T>(answer: Promise<T>): Promise<T> => {
    const given = await guard.watch(answer);
    goOn(deps.signal);
    return given;
  };
  const settings = settingsInForce(experiment, state.step);
  const { evaluation } = settings;
  const asked: Asked = { engine, text, step: state.step + 1, evaluation };
  return {
    engine,
    text,
    settings,
    inspect: (kind, ask) => watch(ANSWERS[kind](asked, ask)),
    watch,
    close: () => engine.destroy(),
  };
}

/** Uses a model, and frees what it holds. */
export async function withModel<T>(
  deps: MeasuringDeps,
  run: ModelOfRun,
  use: (model: OpenModel) => Promise<T>,
): Promise<T> {
  const model = await openModel(deps, run);
  try {
    return await use(model);
  } finally {
    model.close();
  }
}
