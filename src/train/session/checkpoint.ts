/**
 * Checkpoints as safetensors: parameters under the spec's names, AdamW moments as
 * `moment1.<name>` and `moment2.<name>`, what surgeries removed as `surgery.<n>.…`, and in the header's metadata the experiment with its
 * events, the number of steps taken and the data cursor. The batch of a step depends on
 * (`seeds.data`, step) only, so the cursor is the step whose batch comes next.
 */
import { checkConstraints } from '../../config/constraints.ts';
import { isCountHistory } from '../../config/countHistory.ts';
import { engineConfig } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { parseJson } from '../../config/json.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import { parseExperiment } from '../../config/parse.ts';
import { isRecord } from '../../config/paths.ts';
import { counted } from '../../config/plural.ts';
import { MAX_RUN_NAME, MAX_STEPS } from '../../config/settings.ts';
import { settingsOfState, surgeryEvents } from '../../config/surgeryHistory.ts';
import type { StepRecords } from '../../config/telemetry.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../data/safetensors.ts';
import type { EngineState, TensorMap } from '../engine/engine.ts';
import { decodeRecords, encodeRecords, SURGERY_PREFIX } from '../engine/surgeryRecords.ts';
import { encodeElsewhere, HISTORY_PREFIX, readElsewhere } from './elsewhere.ts';
import { errorMessage } from './errors.ts';
import { checkState, FIRST, refuse, SECOND, standing } from './modelState.ts';
import type { Parent } from './recording.ts';

const FORMAT = 'switchyard-checkpoint-1';

export interface Checkpoint {
  experiment: Experiment;
  state: EngineState;
  /** The run that it was taken from; null where it names none. */
  parent?: Parent | null;
  /** Steps up to its own that another program took, without domains. */
  elsewhere?: StepRecords | null;
}

/**
 * What the header says of a checkpoint; what surgeries removed is added to the tensors, and so is what
 * another program recorded of the steps up to its own.
 */
export function checkpointMetadata(
  { experiment, state, parent = null, elsewhere = null }: Checkpoint,
  tensors: SafeTensors,
): Record<string, string> {
  const records = state.surgeries && encodeRecords(state.surgeries, tensors);
  const isLast = elsewhere !== null && elsewhere.firstStep + elsewhere.n - 1 === state.step;
  return {
    format: FORMAT,
    experiment: JSON.stringify(experiment),
    step: String(state.step),
    dataCursor: String(state.step + 1),
    ...(parent && { parent: JSON.stringify(parent) }),
    ...(records && { surgeries: records }),
    ...(isLast && { history: encodeElsewhere(elsewhere, tensors) }),
  };
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { state } = checkpoint;
  const tensors: SafeTensors = new Map();
  const add = (prefix: string, source: TensorMap) => {
    for (const [name, { shape, data }] of source) {
      tensors.set(prefix + name, { dtype: 'F32', shape, data });
    }
  };
  add('', state.parameters);
  add(FIRST, state.firstMoments);
  add(SECOND, state.secondMoments);
  add('', state.countHistories ?? new Map());
  return writeSafetensors(tensors, checkpointMetadata(checkpoint, tensors));
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
    raw = parseJson(json);
  } catch (error) {
    throw refuse(`its experiment is ${errorMessage(error)}`, error);
  }
  const { experiment, problems } = parseExperiment(raw);
  const wrong = [...problems, ...checkConstraints(experiment)].filter(
    ({ severity }) => severity === 'error',
  );
  if (wrong.length > 0)
    throw refuse(`in its experiment, ${wrong.map(({ message }) => message).join('; ')}`);
  return experiment;
}

/** A whole number of the metadata, written in digits. */
function readCount(metadata: Readonly<Record<string, string>>, key: string, name: string): number {
  const text = metadata[key];
  const count = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
  // The cursor is one step ahead of the last.
  if (count <= MAX_STEPS + 1) return count;
  const found = text === undefined ? 'missing' : JSON.stringify(text);
  throw refuse(`its ${name} is ${found}; it must be a whole number from 0 to ${MAX_STEPS}`);
}

function readStep(metadata: Readonly<Record<string, string>>): number {
  const step = readCount(metadata, 'step', 'step');
  const cursor = readCount(metadata, 'dataCursor', 'data cursor');
  if (cursor !== step + 1)
    throw refuse(`its data cursor is ${cursor}, after step ${step} it is ${step + 1}`);
  return step;
}

function readRecords(json: string, tensors: SafeTensors) {
  try {
    return decodeRecords(json, tensors);
  } catch (error) {
    throw refuse(`its surgeries cannot be read (${errorMessage(error)})`, error);
  }
}

/** The file's tensors by what they are; those of surgeries stay aside. */
function stateOf(step: number, tensors: SafeTensors): EngineState {
  const state: EngineState = {
    step,
    parameters: new Map(),
    firstMoments: new Map(),
    secondMoments: new Map(),
  };
  for (const [name, tensor] of tensors) {
    if (name.startsWith(HISTORY_PREFIX)) continue;
    if (tensor.dtype !== 'F32') throw refuse(`"${name}" has dtype ${tensor.dtype}, not F32`);
    if (name.startsWith(SURGERY_PREFIX)) continue;
    const { shape, data } = tensor;
    if (isCountHistory(name)) {
      state.countHistories ??= new Map();
      state.countHistories.set(name, { shape, data });
    } else if (name.startsWith(FIRST))
      state.firstMoments.set(name.slice(FIRST.length), { shape, data });
    else if (name.startsWith(SECOND))
      state.secondMoments.set(name.slice(SECOND.length), { shape, data });
    else state.parameters.set(name, { shape, data });
  }
  return state;
}

/** The model's vocabulary: as the experiment fixes it, else the rows of the embedding. */
function vocabularyOf({ model }: Experiment, { parameters }: EngineState): number {
  const rows = parameters.get('embed.weight')?.shape[0];
  if (rows === undefined) throw refuse('"embed.weight" is missing');
  return model.V ?? rows;
}

/** @throws ConfigInvalid for more or fewer surgeries than the experiment has before the next step */
function checkSurgeries(experiment: Experiment, { step, surgeries = [] }: EngineState): void {
  const done = surgeryEvents(experiment, step).length;
  const due = surgeryEvents(experiment, step + 1).length;
  if (surgeries.length >= done && surgeries.length <= due) return;
  const allowed = done === due ? `${done}` : `${done} to ${due}`;
  throw refuse(
    `it holds ${counted(surgeries.length, 'surgery', 'surgeries')}; its events have ${allowed} by step ${step}`,
  );
}

/**
 * A checkpoint whose every part was looked at: experiment, step, names and shapes of the tensors,
 * and their values. What it returns can be trained on from.
 * @throws ConfigInvalid naming what cannot be used and why
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readFile(bytes);
  if (metadata.format !== FORMAT)
    throw refuse(`its format is "${metadata.format ?? 'none'}", not "${FORMAT}"`);
  const experiment = readExperiment(metadata.experiment);
  const read = stateOf(readStep(metadata), tensors);
  const { surgeries } = metadata;
  const isOperated = [...tensors.keys()].some((name) => name.startsWith(SURGERY_PREFIX));
  if (surgeries !== undefined || isOperated)
    read.surgeries = readRecords(surgeries ?? '[]', tensors);
  checkSurgeries(experiment, read);
  const state = standing(experiment, read);
  const settings = settingsOfState(experiment, state.step, state.surgeries?.length ?? 0);
  checkState(state, engineConfig(settings, vocabularyOf(settings, state)));
  checkValues(state);
  const spaces = layerSpaces(settings);
  const elsewhere = readElsewhere(metadata.history, state.step, tensors, spaces);
  return { experiment, state, parent: readParent(metadata.parent), elsewhere };
}

/** The run that a checkpoint names; one that cannot be read leads nowhere, and does no harm. */
function readParent(json: string | undefined): Parent | null {
  try {
    const parent: unknown = parseJson(json ?? 'null');
    if (!isRecord(parent)) return null;
    const { id, step, name } = parent;
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return null;
    const isStep = Number.isSafeInteger(step) && Number(step) >= 0 && Number(step) <= MAX_STEPS;
    if (!isStep) return null;
    const isNamed = typeof name === 'string' && name.length <= MAX_RUN_NAME;
    return { id, step: Number(step), ...(isNamed && { name }) };
  } catch {
    return null;
  }
}

function isFiniteValue(x: number): boolean {
  return Number.isFinite(x);
}

/** Squared gradients may overflow, which makes a step of 0; nothing makes them negative. */
function isSecondMoment(x: number): boolean {
  return x >= 0;
}

/** What the values of a state's tensors must be, by the prefix of their names. */
const VALUES = [
  { prefix: '', of: 'parameters', isAllowed: isFiniteValue, allowed: 'finite' },
  { prefix: FIRST, of: 'firstMoments', isAllowed: isFiniteValue, allowed: 'finite' },
  { prefix: SECOND, of: 'secondMoments', isAllowed: isSecondMoment, allowed: 'from 0 up' },
] as const;

/** @throws ConfigInvalid naming the first element that would spoil the model at its next step */
function checkValues(state: EngineState): void {
  for (const { prefix, of, isAllowed, allowed } of VALUES) {
    const removed = (state.surgeries ?? []).map((record, i) => {
      const set = of === 'parameters' ? 'values' : of;
      return [`${SURGERY_PREFIX}${i + 1}.${set}`, record?.removed[set]] as const;
    });
    const kept = [...state[of]].map(([name, { data }]) => [prefix + name, data] as const);
    for (const [name, data] of [...kept, ...removed]) {
      const at = data?.findIndex((x) => !isAllowed(x)) ?? -1;
      if (at >= 0)
        throw refuse(`"${name}" is ${data?.[at]} at element ${at}; it must be ${allowed}`);
    }
  }
}
