/** From the choice of a teacher to its checkpoint. */
import { goesOnFrom } from '../../analysis/seams.ts';
import { settingsInForce } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { MAX_STEPS } from '../../config/settings.ts';
import { surgeryEvents } from '../../config/surgeryHistory.ts';
import type { OwnText } from '../../data/ownText.ts';
import { sha256Hex } from '../../data/textHash.ts';
import type { Teacher, TeacherChoice } from '../../train/ladimo/conversion.ts';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../train/session/checkpoint.ts';
import type { SessionEvent } from '../../train/session/events.ts';
import { createSession } from '../../train/session/session.ts';
import { storedModel } from '../asides.ts';
import type { ConversionDeps } from './deps.ts';

export interface FoundTeacher {
  teacher: Teacher;
  /** Its checkpoint; null for one that is to be trained first. */
  bytes: Uint8Array<ArrayBuffer> | null;
  own: OwnText | null;
}

const copyOf = (bytes: Uint8Array) => Uint8Array.from(bytes);

/** A checkpoint of which nothing but the model and its step is left: moments play no part. */
function bytesOf({ experiment, state }: Checkpoint): Uint8Array<ArrayBuffer> {
  return copyOf(encodeCheckpoint({ experiment, state }));
}

/** Whether nothing but the experiment made the model: no parent, no surgery. */
function madeAlone(experiment: Experiment, step: number, hasParent: boolean): boolean {
  return !hasParent && surgeryEvents(experiment, step + 1).length === 0;
}

/**
 * @throws RangeError for an unknown run or step; ConfigInvalid for a file that is no checkpoint, or
 *   where no run is open
 */
export async function findTeacher(
  deps: Pick<ConversionDeps, 'library' | 'live'>,
  choice: TeacherChoice,
  own: OwnText | null,
): Promise<FoundTeacher> {
  if (choice !== 'live' && 'experiment' in choice) {
    const { experiment, steps: step } = choice;
    const teacher = { name: `a link’s run at step ${step}`, run: null, digest: null, step };
    return { teacher: { ...teacher, experiment, isReplayable: true }, bytes: null, own };
  }
  const found = await modelOf(deps, choice, own);
  const { experiment, state } = found.model;
  const bytes = bytesOf(found.model);
  const { step } = state;
  const { name, run, isAlone } = found;
  const digest = await sha256Hex(bytes);
  const isReplayable = isAlone && madeAlone(experiment, step, false);
  const teacher = { name, run, digest, step, experiment, isReplayable };
  return { teacher, bytes, own: found.own };
}

/** The experiment of a teacher, without its weights: the settings in force. @throws as `findTeacher` */
export async function teacherExperiment(
  deps: Pick<ConversionDeps, 'library' | 'live' | 'liveExperiment'>,
  choice: TeacherChoice,
): Promise<Experiment> {
  if (choice === 'live') return settingsInForce(await deps.liveExperiment(), MAX_STEPS);
  if ('experiment' in choice) return settingsInForce(choice.experiment, choice.steps);
  if ('file' in choice) return (await findTeacher(deps, choice, null)).teacher.experiment;
  const row = await (await deps.library()).row(choice.run);
  if (row?.experiment)
    return settingsInForce(row.experiment, choice.step ?? row.checkpoints.at(-1)?.step ?? 0);
  throw new RangeError(`There is no run "${choice.run}" with an experiment in the library.`);
}

interface Found {
  name: string;
  run: string | null;
  model: Checkpoint;
  own: OwnText | null;
  /** Whether it was trained here from its experiment's start. */
  isAlone: boolean;
}

async function modelOf(
  deps: Pick<ConversionDeps, 'library' | 'live'>,
  choice: Exclude<TeacherChoice, { experiment: Experiment }>,
  own: OwnText | null,
): Promise<Found> {
  if (choice !== 'live' && 'file' in choice) {
    const { experiment, state, parent = null } = decodeCheckpoint(choice.bytes);
    return {
      name: choice.file,
      run: parent?.id ?? null,
      model: { experiment, state },
      own,
      isAlone: choice.isReplayable ?? false,
    };
  }
  const library = await deps.library();
  const live = choice === 'live' ? await deps.live() : null;
  const run = choice === 'live' ? (live?.run ?? null) : choice.run;
  const row = run === null ? null : await library.row(run);
  const model =
    live ?? (await storedModel(library, run ?? '', choice === 'live' ? null : choice.step));
  const name = row?.name ?? 'the open run';
  const isAlone = row === null ? false : !goesOnFrom(row) && row.origin !== 'curves';
  return { name, run, model, own: model.own ?? own, isAlone };
}

/** The teacher as it is converted: the settings in force at its step. */
export function teacherModel(bytes: Uint8Array): Checkpoint {
  const { experiment, state } = decodeCheckpoint(bytes);
  return { experiment: { ...settingsInForce(experiment, state.step), events: [] }, state };
}

/** Trains what a link names. @throws as a session does, and Cancelled */
export async function trainTeacher(
  deps: ConversionDeps,
  { experiment, step }: Teacher,
  {
    own,
    signal,
    onProgress,
  }: {
    own: OwnText | null;
    signal: AbortSignal;
    onProgress: (done: number, total: number) => void;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  let failure: string | null = null;
  const emit = (event: SessionEvent) => {
    if (event.type === 'steps') onProgress(event.records.firstStep + event.records.n - 1, step);
    if (event.type === 'stopped' && event.reason.kind !== 'finished')
      failure = event.reason.message;
  };
  const session = await createSession(deps, experiment, { emit, own, signal, snapshotEvery: 0 });
  const stop = () => void session.pause();
  signal.addEventListener('abort', stop);
  try {
    if (step > 0) await session.runTo(step);
    signal.throwIfAborted();
    if (session.stepsTaken < step)
      throw new Error(`The teacher stopped at step ${session.stepsTaken} of ${step}: ${failure}`);
    const state = await session.readState();
    return bytesOf({ experiment: session.experiment, state });
  } finally {
    signal.removeEventListener('abort', stop);
    await session.dispose();
  }
}
