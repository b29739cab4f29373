import type { Experiment } from '../../config/experiment.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';
import {
  closeRecorded,
  type KeptRun,
  type Opener,
  openRecorded,
  type RecordedRun,
  type RecordingDeps,
} from './recordedRun.ts';
import type { Session } from './session.ts';

/** @throws ConfigInvalid where an experiment does not have the batches of an open run */
async function checkBatches({ experiment }: Session, other: Experiment): Promise<void> {
  const { unlikeBatches } = await import('../../analysis/compare/pairs.ts');
  const reasons = unlikeBatches(experiment, other);
  if (reasons.length > 0) throw switchyardError('ConfigInvalid', reasons.join(' '));
}

/** What keeps a run from being opened beside another; says what that one holds where memory is short. */
function tooLargeBeside({ report }: Session, error: unknown): unknown {
  if (errorCode(error) !== 'ModelTooLarge') return error;
  const held = `${(report.gpuBytes / 2 ** 20).toFixed(1)} MiB`;
  return switchyardError('ModelTooLarge', `Beside A, which holds ${held}: ${errorMessage(error)}`);
}

/** The run beside the open one, with which it takes turns on the same batches; one at a time. */
export class BesideRun {
  #first: Session | null = null;
  #run: RecordedRun | null = null;
  #opening: AbortController | null = null;

  get run(): RecordedRun | null {
    return this.#run;
  }

  /**
   * Opens it, and pauses the first.
   * @throws ConfigInvalid where the batches are not the same, with the settings in which they part;
   *   ModelTooLarge where both together find no memory; as `openRecorded`
   */
  async open(
    first: Session,
    kept: KeptRun,
    deps: RecordingDeps,
    deliver: Opener['deliver'],
  ): Promise<Session> {
    const closed = this.close();
    const opening = new AbortController();
    this.#opening = opening;
    const take = (run: RecordedRun) => {
      this.#run = run;
    };
    try {
      await checkBatches(first, kept.experiment);
      await closed;
      await first.pause();
      const second = await openRecorded(deps, kept, opening.signal, { deliver, take });
      // The text is known by now.
      await checkBatches(first, second.experiment);
      if (opening.signal.aborted) throw switchyardError('Cancelled', 'The run was closed.');
      this.#first = first;
      first.takeTurnsWith(second);
      second.takeTurnsWith(first);
      return second;
    } catch (error) {
      if (this.#opening === opening) await this.close();
      throw tooLargeBeside(first, error);
    } finally {
      if (this.#opening === opening) this.#opening = null;
    }
  }

  /** Closes the one that is open or opening; the first waits for nobody any more. */
  async close(): Promise<void> {
    this.#opening?.abort();
    this.#opening = null;
    this.#first?.takeTurnsWith(null);
    this.#first = null;
    const run = this.#run;
    this.#run = null;
    if (run !== null) await closeRecorded(run);
  }
}

export async function halt(sessions: readonly Session[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.pause()));
}

/** Ends training; of two runs that took turns, both have the same steps then. */
export async function pauseTogether(sessions: readonly Session[]): Promise<void> {
  const [first, second] = sessions;
  const wereRunning = first?.state === 'running' && second?.state === 'running';
  await halt(sessions);
  if (!wereRunning || Math.abs(first.stepsTaken - second.stepsTaken) !== 1) return;
  const behind = first.stepsTaken < second.stepsTaken ? first : second;
  if (behind.state === 'paused') await behind.step();
}

/** One step: of all runs that have the same steps, or of those that are behind. */
export async function stepTogether(sessions: readonly Session[]): Promise<void> {
  await halt(sessions);
  const least = Math.min(...sessions.map(({ stepsTaken }) => stepsTaken));
  const behind = sessions.filter(({ stepsTaken }) => stepsTaken === least);
  await Promise.all(behind.map((session) => session.step()));
}
