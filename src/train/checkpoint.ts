/**
 * Checkpoints as safetensors: parameters under the spec's names, AdamW moments as
 * `moment1.<name>` and `moment2.<name>`, what surgeries removed as `surgery.<n>.…`, and in the header's metadata the experiment with its
 * events, the number of steps taken and the data cursor. The batch of a step depends on
 * (`seeds.data`, step) only, so the cursor is the step whose batch comes next.
 */
import type { EngineConfig, Experiment } from '../config/experiment.ts';
import { initialWeight } from '../config/initialWeights.ts';
import { elementCount, parameterShapes } from '../config/parameterShapes.ts';
import { parseExperiment } from '../config/parse.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../data/safetensors.ts';
import type { EngineState, TensorMap } from './engine.ts';
import { errorMessage, switchyardError } from './errors.ts';
import { decodeRecords, encodeRecords, SURGERY_PREFIX } from './surgeryRecords.ts';

const FORMAT = 'switchyard-checkpoint-1';
const FIRST = 'moment1.';
const SECOND = 'moment2.';

export interface Checkpoint {
  experiment: Experiment;
  state: EngineState;
}

/** State of a model before its first step (docs/model.md, "Initial weights"). */
export function initialState(config: EngineConfig, initStd: number, seedInit: number): EngineState {
  const entries = parameterShapes(config);
  const zeros = (): TensorMap =>
    new Map(
      entries.map(({ name, shape }) => [
        name,
        { shape, data: new Float32Array(elementCount(shape)) },
      ]),
    );
  const parameters: TensorMap = new Map(
    entries.map((entry) => [
      entry.name,
      { shape: entry.shape, data: initialWeight(entry, initStd, seedInit) },
    ]),
  );
  return { step: 0, parameters, firstMoments: zeros(), secondMoments: zeros() };
}

/** Bytes that a state takes in memory. */
export function stateBytes({ parameters }: EngineState): number {
  let elements = 0;
  for (const { data } of parameters.values()) elements += data.length;
  return 3 * 4 * elements;
}

export function encodeCheckpoint({ experiment, state }: Checkpoint): Uint8Array {
  const tensors: SafeTensors = new Map();
  const add = (prefix: string, source: TensorMap) => {
    for (const [name, { shape, data }] of source) {
      tensors.set(prefix + name, { dtype: 'F32', shape, data });
    }
  };
  add('', state.parameters);
  add(FIRST, state.firstMoments);
  add(SECOND, state.secondMoments);
  const { surgeries } = state;
  const records = surgeries && encodeRecords(surgeries, tensors);
  return writeSafetensors(tensors, {
    format: FORMAT,
    experiment: JSON.stringify(experiment),
    step: String(state.step),
    dataCursor: String(state.step + 1),
    ...(records && { surgeries: records }),
  });
}

function refuse(message: string, cause?: unknown): Error {
  return switchyardError('ConfigInvalid', `This checkpoint cannot be used: ${message}.`, cause);
}

function readFile(bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  try {
    return readSafetensors(bytes);
  } catch (error) {
    throw refuse(errorMessage(error), error);
  }
}

function readExperiment(json: string | undefined): Experiment {
  if (json === undefined) throw refuse('it names no experiment');
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (error) {
    throw refuse(`its experiment is no JSON (${errorMessage(error)})`, error);
  }
  const { experiment, problems } = parseExperiment(raw);
  const wrong = problems.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw refuse(wrong.map(({ message }) => message).join('; '));
  return experiment;
}

function readStep(metadata: Readonly<Record<string, string>>): number {
  const step = Number(metadata.step);
  if (!Number.isInteger(step) || step < 0) throw refuse(`its step is ${metadata.step}`);
  if (Number(metadata.dataCursor) !== step + 1)
    throw refuse(`its data cursor is ${metadata.dataCursor}, after step ${step} it is ${step + 1}`);
  return step;
}

function readRecords(json: string, tensors: SafeTensors) {
  try {
    return decodeRecords(json, tensors);
  } catch (error) {
    throw refuse(`its surgeries cannot be read (${errorMessage(error)})`, error);
  }
}

/**
 * @throws ConfigInvalid for a file that is no checkpoint of this format, or whose experiment has a
 *   value out of range
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readFile(bytes);
  if (metadata.format !== FORMAT)
    throw refuse(`its format is "${metadata.format ?? 'none'}", not "${FORMAT}"`);
  const experiment = readExperiment(metadata.experiment);
  const step = readStep(metadata);
  const state: EngineState = {
    step,
    parameters: new Map(),
    firstMoments: new Map(),
    secondMoments: new Map(),
  };
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== 'F32') throw refuse(`"${name}" has dtype ${tensor.dtype}, not F32`);
    if (name.startsWith(SURGERY_PREFIX)) continue;
    const { shape, data } = tensor;
    if (name.startsWith(FIRST)) state.firstMoments.set(name.slice(FIRST.length), { shape, data });
    else if (name.startsWith(SECOND))
      state.secondMoments.set(name.slice(SECOND.length), { shape, data });
    else state.parameters.set(name, { shape, data });
  }
  if (metadata.surgeries !== undefined) state.surgeries = readRecords(metadata.surgeries, tensors);
  return { experiment, state };
}

/**
 * Compares a state's tensors with the parameter table of a model.
 * @throws ConfigInvalid naming the first tensor that is missing, left over or of another shape
 */
export function checkState(state: EngineState, config: EngineConfig): void {
  const table = parameterShapes(config);
  const names = new Set(table.map(({ name }) => name));
  for (const [group, tensors] of [
    ['', state.parameters],
    [FIRST, state.firstMoments],
    [SECOND, state.secondMoments],
  ] as const) {
    for (const { name, shape } of table) {
      const found = tensors.get(name);
      if (found === undefined) throw refuse(`"${group}${name}" is missing`);
      if (found.shape.join() !== shape.join())
        throw refuse(`"${group}${name}" has shape [${found.shape}], the model needs [${shape}]`);
    }
    const extra = [...tensors.keys()].find((name) => !names.has(name));
    if (extra !== undefined) throw refuse(`the model has no parameter "${group}${extra}"`);
  }
}
