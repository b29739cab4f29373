/** Commands that take a run back to where it was: to its start, or to its last checkpoint. */
import type { Change, Experiment } from '../../config/experiment.ts';
import { changeOf, pendingPaths } from '../configStore.ts';
import { failureOf } from '../failure.ts';
import { RESET_WITHOUT_ASKING, whatStays } from '../replacing.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { Opening } from './opening.ts';

export interface AgainCommands {
  reset(): Promise<void>;
  /** Resets, but asks first where many steps of training would be lost. */
  askReset(): Promise<void>;
  /** After a lost device: the trainer's last checkpoint, else the run from its start. */
  recover(): Promise<void>;
}

export function createAgainCommands(
  client: TrainerClient,
  { config, run }: Stores,
  opening: Opening,
): AgainCommands {
  const { attempt, replacing } = opening;
  /** Puts edits that waited for another model on top of one that has come, and sends it their live part. */
  async function put(waiting: Change): Promise<void> {
    const inForce = config.getState().experiment;
    config.getState().edit(waiting);
    await opening.sendRest(inForce);
  }

  const commands: AgainCommands = {
    async reset() {
      const { running, experiment } = config.getState();
      const { phase, step } = run.getState();
      if (running === null || phase === 'opening') return;
      const kept = changeOf(experiment, pendingPaths(config.getState(), step));
      const done = await attempt(async () => {
        await client.reset();
        return true;
      }, 'The run was not reset');
      if (done === null) return;
      const base: Experiment = { ...running, events: [] };
      run.getState().cleared();
      config.getState().set({ running: base, experiment: base, refused: {}, sent: [] });
      config.getState().follow(kept);
      opening.forgetModel();
      // After its end a run takes no live edits, from its start it does; else they were staged.
      if (phase === 'failed' || phase === 'finished') await opening.sendRest(base);
    },
    async askReset() {
      if (run.getState().phase === 'opening') return;
      const reason = `Reset takes the run back to its initial weights and drops the live changes. ${whatStays(run.getState())}`;
      const question = { name: 'Reset', action: 'Reset', reason, problems: [] };
      const mustAsk = run.getState().step > RESET_WITHOUT_ASKING;
      if (!mustAsk || (await replacing.ask(question))) await commands.reset();
    },
    async recover() {
      const { running, experiment } = config.getState();
      const waiting = changeOf(experiment, pendingPaths(config.getState(), run.getState().step));
      const bytes = await client.checkpoint().catch(failureOf);
      const isLost = 'code' in bytes && bytes.code === 'DeviceLost';
      if (!('code' in bytes)) {
        const opened = await opening.openCheckpoint(bytes, 'The last checkpoint');
        if (opened !== null) await put(waiting);
      } else if (isLost || (await replacing.mayGo('The run from its start', 'Start anew'))) {
        if (await opening.open(running ?? experiment)) await put(waiting);
      }
    },
  };
  return commands;
}
