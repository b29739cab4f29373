/** What can be done with runs of the library. */
import type { RunRow } from '../../../runs/record.ts';
import type { Lab } from '../../../state/lab.ts';
import { saveFile } from '../../kit/files.ts';

/** The last stored step; null where no checkpoint is stored. */
export function lastCheckpoint({ checkpoints }: RunRow): number | null {
  return checkpoints.at(-1)?.step ?? null;
}

/** Goes on with a run from its last checkpoint. */
export async function goOn({ library, commands }: Lab, row: RunRow): Promise<void> {
  library.getState().hide();
  await commands.goOn(row.id);
}

/** A run of its own from a checkpoint of another one, which stays as it is. */
export async function forkAt({ library, commands }: Lab, row: RunRow, step: number): Promise<void> {
  library.getState().hide();
  await commands.forkStored(row.id, step, {});
}

/** Saves runs with all that is kept of them as one file; own texts only where that is asked for. */
export async function save(lab: Lab, rows: readonly RunRow[], ownText: boolean): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const file = await lab.runFiles.write(ids, { checkpoints: 'all', ownText });
  if (file === null) return;
  const [only] = rows.length === 1 ? rows : [];
  const name = only === undefined ? `${rows.length} runs` : only.name;
  saveFile(`switchyard ${name}.zip`, file, 'application/zip');
}

/** Whether a run was trained on a person's own text, which its file can hold. */
export const hasOwnText = ({ text }: RunRow) => text?.isOwn === true;

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
