/** Commands for what comes from a link or file, and goes into one. */
import type { Experiment, Problem } from '../../config/experiment.ts';
import type { OwnText } from '../../worker/api.ts';
import type { Stores, TrainerClient } from '../stores.ts';
import type { FormEdits } from './edit.ts';
import type { Opening } from './opening.ts';
import type { StoredHost } from './stored.ts';

export interface FileCommands {
  /**
   * Takes an experiment from a link or file into the form, in the place of the run that is open;
   * false when it, or its person, would not have that. `name`: where it comes from.
   */
  load(experiment: Experiment, problems: readonly Problem[], name?: string): Promise<boolean>;
  takeOwnText(own: OwnText | null): void;
  /** Checkpoint bytes, or null when it failed. */
  checkpoint(): Promise<Uint8Array | null>;
  /** Opens a checkpoint, `name`; one that cannot be used leaves the open run as it is. */
  restore(bytes: Uint8Array, name?: string): Promise<void>;
}

export function createFileCommands(
  client: TrainerClient,
  { config, run, view }: Stores,
  opening: Opening,
  edits: Pick<FormEdits, 'take'>,
  host: Pick<StoredHost, 'library'> | null,
): FileCommands {
  const { replacing } = opening;

  /** Shows what of a link or file could not be taken, or breaks a rule. */
  function tellProblems(): void {
    const { experiment, problems } = config.getState();
    if (problems.length > 0 || opening.ruleBroken(experiment) !== null)
      view.getState().set({ sheet: 'problems' });
  }

  return {
    async load(experiment, problems, name = 'The link') {
      if (replacing.isOpen() && !(await replacing.mayLoad(name, experiment, problems)))
        return false;
      if (run.getState().phase !== 'empty') await opening.close();
      run.getState().set({ failure: null, stopped: null });
      edits.take(experiment, problems);
      tellProblems();
      return true;
    },
    takeOwnText(own) {
      config.getState().set({ own });
    },
    async checkpoint() {
      return opening.attempt(() => client.checkpoint(), 'The checkpoint was not saved');
    },
    async restore(bytes, name = 'The checkpoint') {
      if (replacing.isOpen()) {
        const { own } = config.getState();
        const check = () => client.checkCheckpoint(bytes, own);
        if ((await replacing.checked(name, check)) === null) return;
        if (!(await replacing.mayGo(name, 'Open it'))) return;
      }
      const report = await opening.openCheckpoint(bytes, name);
      if (report?.elsewhere)
        await (await import('../handedBack.ts')).showHandedBack(run, report, host?.library ?? null);
    },
  };
}
