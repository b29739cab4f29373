/** What becomes of edits that wait for a new model. */
import { settingsInForce } from '../../config/edit.ts';
import { changeOf, pendingPaths, withSent } from '../configStore.ts';
import { failureOf } from '../failure.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { FormEdits } from './edit.ts';
import type { Opening } from './opening.ts';

export interface PendingCommands {
  /** Opens a new model with the form's values; trains on if the old one did. */
  applyPending(): Promise<void>;
  discardPending(): void;
  /**
   * A run of its own with the form's values that goes on where this one stands, as far as these
   * leave the model's parameters as they are; else it starts anew.
   */
  forkPending(): Promise<void>;
}

export function createPendingCommands(
  client: TrainerClient,
  { config, run }: Stores,
  opening: Opening,
  edits: Pick<FormEdits, 'set'>,
): PendingCommands {
  const { attempt, replacing } = opening;
  return {
    async applyPending() {
      const wasRunning = run.getState().phase === 'running';
      if ((await opening.replace(opening.formExperiment())) && wasRunning)
        await attempt(() => client.start());
    },
    discardPending() {
      const { running, sent } = config.getState();
      if (running === null) return;
      const { step } = run.getState();
      const now = withSent(settingsInForce(running, step), sent);
      const change = changeOf(now, pendingPaths(config.getState(), step));
      // Taken back, the edits wait again.
      edits.set(change, () => false);
    },
    async forkPending() {
      const refusal = opening.refusalOf(opening.formExperiment());
      if (refusal !== null) {
        run.getState().set({ failure: refusal });
        return;
      }
      const { step } = run.getState();
      // Live settings too: a run that stopped by itself took none.
      const { experiment } = config.getState();
      const change = changeOf(experiment, pendingPaths(config.getState(), step));
      const bytes = await attempt(() => client.fork(change), 'The run was not forked');
      if (bytes === null) return;
      const { own } = config.getState();
      const check = () => client.checkCheckpoint(bytes, own);
      const refuse = (error: unknown) =>
        run.getState().set({ failure: failureOf(error, 'The fork was not opened') });
      const head = await replacing.checked('The fork', check, refuse);
      if (head === null) return;
      // A fork that goes on has all that was trained.
      const isLoss = head.step < step;
      if (isLoss && !(await replacing.mayGo('A model that starts anew', 'Start anew'))) return;
      await opening.openCheckpoint(bytes, 'The fork');
    },
  };
}
