/** What can be done with runs of the library. */
import { goesOnFrom, holdsCurvesAlone } from '../../../analysis/seams.ts';
import type { RunRow } from '../../../runs/record.ts';
import type { Lab } from '../../../state/lab.ts';

/** Goes on with a run where it stopped. */
export async function goOn({ commands, library }: Lab, row: RunRow): Promise<void> {
  if (await commands.goOn(row.id)) library.getState().hide();
}

/** A run of its own from a checkpoint of another one, which stays as it is. */
export async function forkAt({ commands, library }: Lab, row: RunRow, step: number): Promise<void> {
  if (await commands.forkStored(row.id, step, {})) library.getState().hide();
}

/** Shows runs in the comparison. */
export function compare({ library, view }: Lab, ids: readonly string[]): void {
  library.getState().select(ids);
  view.getState().set({ sought: { view: 'compare' } });
}

/** Shows a stored run in all views, from the first of them on; in a room that was gone to meanwhile. */
export async function open({ library, view }: Lab, row: RunRow): Promise<void> {
  const from = view.getState().room;
  await library.getState().show(row.id);
  if (library.getState().shown?.head.id !== row.id) return;
  const { room, set } = view.getState();
  set({ room: room === from ? '' : room, zoom: null });
}

/** Asks what a run's last checkpoint is handed over as. */
export function handOver({ view }: Lab, { id, name }: RunRow): void {
  view.getState().set({ sheet: 'handover', handed: { id, name } });
}

/** Why a run cannot be handed over; null where it can. */
export function whyNotHandOver({ experiment, checkpoints }: RunRow): string | null {
  if (experiment === null) return 'Curves of another program have no model';
  return checkpoints.length === 0 ? 'No checkpoint of it is stored' : null;
}

/** Why a run cannot be opened in the other views; null where it can. */
export function whyNotOpen({ experiment }: RunRow): string | null {
  return experiment === null ? 'Curves of another program have nothing else to be shown' : null;
}

/** Why a run cannot go on; null where it can. @param openId the run that is open here */
export function whyNotGoOn(row: RunRow, openId: string | undefined): string | null {
  if (row.experiment === null) return 'Curves of another program cannot go on';
  if (holdsCurvesAlone(row)) return 'Nothing but its curves is here; its settings can train anew';
  if (row.id === openId) return 'It is the run that is open';
  // A run of its own can begin again from its start; of a fork that is its parent's checkpoint.
  const isForkWithout = goesOnFrom(row) && row.checkpoints.length === 0;
  return isForkWithout ? 'It is a fork of which no checkpoint is stored' : null;
}
