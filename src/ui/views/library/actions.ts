/** What can be done with runs of the library. */
import type { RunRow } from '../../../runs/record.ts';
import type { Lab } from '../../../state/lab.ts';

/** The last stored step; null where no checkpoint is stored. */
export function lastCheckpoint({ checkpoints }: RunRow): number | null {
  return checkpoints.at(-1)?.step ?? null;
}

/** Opens a checkpoint of a run; training goes on from there. */
async function openCheckpoint({ library, commands }: Lab, row: RunRow, step: number) {
  const { text } = row;
  if (text?.isOwn && text.hash !== null) {
    const own = await library.getState().ownText(text.hash);
    if (own !== null) commands.takeOwnText(own);
  }
  const bytes = await library.getState().checkpoint(row.id, step);
  if (bytes === null) return;
  library.getState().hide();
  await commands.restore(bytes, `${row.name} at step ${step.toLocaleString('en')}`);
}

/** Goes on with a run from its last checkpoint. */
export async function goOn(lab: Lab, row: RunRow): Promise<void> {
  const step = lastCheckpoint(row);
  if (step !== null) await openCheckpoint(lab, row, step);
}

/** A run of its own from a checkpoint of another one, which stays as it is. */
export async function forkAt(lab: Lab, row: RunRow, step: number): Promise<void> {
  await openCheckpoint(lab, row, step);
}

/** Shows runs in the comparison. */
export function compare({ library, view }: Lab, ids: readonly string[]): void {
  library.getState().select(ids);
  view.getState().set({ sought: { view: 'compare' } });
}

/** Shows a stored run in all views, from the first of them on. */
export async function open({ library, view }: Lab, row: RunRow): Promise<void> {
  await library.getState().show(row.id);
  if (library.getState().shown?.head.id === row.id) view.getState().set({ room: '', zoom: null });
}

/** Why a run cannot be opened in the other views; null where it can. */
export function whyNotOpen({ experiment }: RunRow): string | null {
  return experiment === null ? 'Curves of another program have nothing else to be shown' : null;
}

/** Why a run cannot go on; null where it can. */
export function whyNotGoOn(row: RunRow): string | null {
  if (row.experiment === null) return 'Curves of another program cannot go on';
  return lastCheckpoint(row) === null ? 'No checkpoint of it is stored' : null;
}
