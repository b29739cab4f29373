import type { Lab } from '../../state/lab.ts';
import { saveFile } from '../kit/files.ts';
import { saveExperiment } from './share.ts';

/** Ids of the library's rows among the open run and, where asked for, those that are drawn beside it. */
async function storedIds(lab: Lab, withBesides: boolean): Promise<string[]> {
  const { run, kept, library } = lab;
  const open = run.getState().recording?.id;
  const besides = withBesides ? kept.getState().runs.filter(({ isVisible }) => isVisible) : [];
  const wanted = new Set([...(open === undefined ? [] : [open]), ...besides.map(({ id }) => id)]);
  await library.getState().read();
  const stored = new Set(library.getState().rows.map(({ id }) => id));
  return [...wanted].filter((id) => stored.has(id));
}

/**
 * Saves what is shared as a file: the runs with all that they recorded and their last checkpoints; of one
 * that took no step, or that nobody keeps, the experiment.
 */
export async function saveShared(lab: Lab, withBesides: boolean): Promise<void> {
  const ids = await storedIds(lab, withBesides);
  if (ids.length === 0) {
    saveExperiment(lab);
    return;
  }
  const blob = await lab.runFiles.write(ids, { checkpoints: 'last', ownText: false });
  if (blob !== null)
    saveFile(
      ids.length === 1 ? 'switchyard-run.zip' : 'switchyard-runs.zip',
      blob,
      'application/zip',
    );
}
