import type { Experiment } from '../../config/experiment.ts';
import { switchyardError } from './errors.ts';
import type { Emit, SessionEvent } from './events.ts';
import type { SessionDeps } from './openRun.ts';
import type { Opening, RunRecording } from './recording.ts';
import { createSession, type Session } from './session.ts';

/** A run to be opened: an experiment, and where it goes on. */
export type KeptRun = Omit<Opening, 'report'> & { experiment: Experiment };

/** Begins to keep a run that was opened. */
export type Recorder = (opening: Opening, emit: Emit) => RunRecording;

/** A run that is open, and who keeps it. */
export interface RecordedRun {
  session: Session;
  recording: RunRecording | null;
}

export interface RecordingDeps extends SessionDeps {
  /** Who begins to keep a run; nothing is kept when absent, or null. */
  recorder?: (() => Promise<Recorder | null>) | undefined;
}

/** Who hears of a run's events, and takes it as soon as it is open. */
export interface Opener {
  deliver: Emit;
  take(run: RecordedRun): void;
}

/** @throws Cancelled where it was given up meanwhile; as `createSession` */
export async function openRecorded(
  deps: RecordingDeps,
  { experiment, ...kept }: KeptRun,
  signal: AbortSignal,
  { deliver, take }: Opener,
): Promise<Session> {
  const { own, state } = kept;
  const recorder = deps.recorder?.();
  let recording: RunRecording | null = null;
  const emit = (event: SessionEvent) => {
    recording?.hear(event);
    deliver(event);
  };
  const session = await createSession(deps, experiment, {
    emit,
    own,
    state,
    signal,
    recording: () => recording,
  });
  const record = await recorder;
  if (signal.aborted) {
    await session.dispose();
    throw switchyardError('Cancelled', 'Another run was opened meanwhile.');
  }
  recording = record?.({ ...kept, report: session.report }, deliver) ?? null;
  take({ session, recording });
  return session;
}

/** Ends a run; what is kept of it ends where training does. */
export async function closeRecorded({ session, recording }: RecordedRun): Promise<void> {
  if (recording !== null && session.state === 'running') await session.pause();
  await session.dispose();
  await recording?.close();
}
