/**
 * Makes a record of every run that takes a step: metrics within seconds, a checkpoint each minute and
 * after edits. Nothing that the storage does stops training, or reaches it as an error.
 */
import type { Emit, SessionEvent } from '../train/session/events.ts';
import type { Opening, RunRecording } from '../train/session/recording.ts';
import { type RecorderDeps, RunRecorder } from './runRecorder.ts';

export type { RecorderDeps } from './runRecorder.ts';

/** Time that storage has to take the rest of a run: another one does not wait any longer for it. */
const CLOSE_MS = 3000;

/** Begins the record of a run that was opened; of another one whenever it returns to its start. */
export function recordRun(deps: RecorderDeps, opening: Opening, emit: Emit): RunRecording {
  const { report, own } = opening;
  let recorder = new RunRecorder(deps, opening, emit);
  let closed: Promise<unknown> = Promise.resolve();

  function beginAnew(): void {
    closed = Promise.all([closed, recorder.close()]);
    const experiment = { ...report.experiment, events: [] };
    const start = { report: { ...report, experiment }, own, state: null };
    recorder = new RunRecorder(deps, { ...start, resumes: null, parent: null }, emit);
  }

  return {
    get id() {
      return recorder.id;
    },
    hear(event: SessionEvent) {
      // Of a run that is open, nothing else is ready: edits and parent are of the one before.
      if (event.type === 'state' && event.state === 'ready') beginAnew();
      recorder.hear(event);
    },
    wants: (moment) => recorder.wants(moment),
    take: (...read) => recorder.take(...read),
    keep: (state) => recorder.keep(state),
    flush: () => recorder.flush(),
    async close() {
      const patience = new Promise((resolve) => setTimeout(resolve, CLOSE_MS));
      await Promise.race([Promise.all([closed, recorder.close()]), patience]);
    },
  };
}
