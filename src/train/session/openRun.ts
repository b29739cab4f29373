/** From an experiment to a run that can take its first step. */
import { checkConstraints } from '../../config/constraints.ts';
import { engineConfig } from '../../config/edit.ts';
import type { Experiment, Problem } from '../../config/experiment.ts';
import type { DomainDocuments } from '../../data/documents.ts';
import type { PreparedText } from '../../data/types.ts';
import type { TrainingDevice } from '../device/trainingDevice.ts';
import type { EngineState } from '../engine/engine.ts';
import { checkRunFits } from '../engine/fits.ts';
import { EngineRun, settingsOf } from './engineRun.ts';
import { switchyardError } from './errors.ts';
import type { CheckReport, Emit, OwnText, SessionReport } from './events.ts';
import { LiveSettings } from './liveSettings.ts';
import { openOverLosses } from './lossGuard.ts';
import { checkState, standing } from './modelState.ts';

/** What a session needs from where it runs: a browser's worker or Node. */
export interface SessionDeps {
  /** A device that works; a new one after the last was lost. */
  requestDevice(): Promise<TrainingDevice>;
  /**
   * Texts, tokenizer and batches of an experiment.
   * @throws DataMissing for a text that is not there or has another hash, ConfigInvalid for one
   *   that cannot be used, Cancelled after the signal
   */
  prepareText(
    experiment: Experiment,
    own: OwnText | null,
    options: {
      onProgress: (stage: 'data' | 'tokenizer', done: number, total: number) => void;
      signal: AbortSignal | undefined;
    },
  ): Promise<PreparedText>;
  /** The documents of the same text, for probe tasks: none can be asked when absent. */
  readDocuments?(experiment: Experiment, own: OwnText | null): Promise<DomainDocuments[]>;
}

export interface OpenOptions {
  emit: Emit;
  own?: OwnText | null;
  /** Where training goes on, e.g. from a checkpoint of the same experiment. */
  state?: EngineState | null;
  signal?: AbortSignal;
}

export interface OpenedRun {
  run: EngineRun;
  text: PreparedText;
  settings: LiveSettings;
  report: SessionReport;
}

/** Warnings of an experiment. @throws ConfigInvalid where a rule is broken, with all messages */
function checked(experiment: Experiment): Problem[] {
  const problems = checkConstraints(experiment).map(({ path, message, severity }) => ({
    path,
    message,
    severity,
  }));
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw switchyardError('ConfigInvalid', errors.map(({ message }) => message).join('; '));
  return problems;
}

/** Vocabulary that kernels are compiled for until the text tells: it decides no more than the head's tiles. */
const LIKELY_V = 256;

/** Compiles kernels beside the preparation of the text. What goes wrong shows when the engine is made. */
async function compileAhead(device: TrainingDevice, experiment: Experiment): Promise<void> {
  await device.compileAhead(engineConfig(experiment, experiment.model.V ?? LIKELY_V));
}

/** The experiment as it runs: size of the vocabulary and hash of the text written into it. */
function completed(experiment: Experiment, text: PreparedText): Experiment {
  let V: number;
  try {
    V = engineConfig(experiment, text.tokenizer.size).model.V;
  } catch (error) {
    throw switchyardError('ConfigInvalid', error instanceof Error ? error.message : String(error));
  }
  const { model, data } = experiment;
  return { ...experiment, model: { ...model, V }, data: { ...data, hash: text.hash } };
}

const USUAL_PROMPT = 'The ';
/** Tokens of a validation text that stand in for it. */
const PROMPT_TOKENS = 8;

/** A prompt that the tokenizer can read: the usual one, else the opening of a validation text. */
function readablePrompt({ tokenizer, validationBatch }: PreparedText): string {
  try {
    if (tokenizer.encode(USUAL_PROMPT).length > 0) return USUAL_PROMPT;
  } catch {
    // The texts do not have these characters.
  }
  return tokenizer.decode(validationBatch(0).tokens.subarray(0, PROMPT_TOKENS));
}

function reportOf(run: EngineRun, text: PreparedText, experiment: Experiment, problems: Problem[]) {
  const { engine, device } = run;
  return {
    adapter: device.adapter,
    experiment,
    problems,
    vocabulary: text.tokenizer.size,
    parameters: engine.parameterCount,
    gpuBytes: engine.gpuBytes,
    tokens: {
      training: text.trainingTokens,
      validation: text.validationTokens,
      characters: text.characters,
    },
    unigramEntropy: text.unigramEntropy,
    charactersPerToken: text.charactersPerToken,
    prompt: readablePrompt(text),
    domains: [...text.domains],
    layers: engine.layers.map((space) => ({ ...space })),
  };
}

/**
 * Whether `openRun` would open it, as far as that shows beside a run that trains on: rules, text,
 * tokenizer and the state's tensors.
 * @returns what decides how large its buffers are
 * @throws as `openRun` does
 */
export async function checkRun(
  deps: SessionDeps,
  experiment: Experiment,
  { own = null, state = null, signal }: Omit<OpenOptions, 'emit'>,
): Promise<CheckReport> {
  checked(experiment);
  const text = await deps.prepareText(experiment, own, { onProgress: () => undefined, signal });
  const complete = completed(experiment, text);
  const config = engineConfig(settingsOf(complete, state), text.tokenizer.size);
  if (state !== null) checkState(standing(complete, state), config);
  return { step: state?.step ?? 0, config, domains: text.domains.length };
}

/**
 * Checks the experiment, prepares text, device and engine, and loads the state where one is given.
 *
 * @throws errors named ConfigInvalid, DataMissing, NoWebGPU, ModelTooLarge, KernelCompile,
 *   DeviceLost, or Cancelled after the signal
 */
export async function openRun(
  deps: SessionDeps,
  experiment: Experiment,
  { emit, own = null, state = null, signal }: OpenOptions,
): Promise<OpenedRun> {
  const problems = checked(experiment);
  const stopIfCancelled = () => {
    if (signal?.aborted) throw switchyardError('Cancelled', 'Opening the run was cancelled.');
  };
  emit({ type: 'state', state: 'opening', step: 0 });
  const device = await deps.requestDevice();
  await checkRunFits(experiment, null, 1, device.adapter);
  stopIfCancelled();
  compileAhead(device, settingsOf(experiment, state)).catch(() => undefined);
  const text = await deps.prepareText(experiment, own, {
    onProgress: (stage, done, total) => emit({ type: 'progress', stage, done, total }),
    signal,
  });
  stopIfCancelled();
  const complete = completed(experiment, text);
  const settings = new LiveSettings(complete);
  await checkRunFits(experiment, text.tokenizer.size, text.domains.length, device.adapter);
  const first = settingsOf(complete, state);
  const begun = state && standing(complete, state);
  const run = await openOverLosses(
    device,
    () => deps.requestDevice(),
    state?.step ?? 0,
    (on) => EngineRun.open(on, first, text, begun, emit),
  );
  if (signal?.aborted) run.close();
  stopIfCancelled();
  return { run, text, settings, report: reportOf(run, text, complete, problems) };
}
