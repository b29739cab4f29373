/** A run that came back from another program, in the logs of the page: its whole line. */
import { handedBack } from '../runs/handedBack.ts';
import type { Library } from '../runs/library.ts';
import type { RestoreReport } from '../worker/api.ts';
import { refill } from './refill.ts';
import type { RunStore } from './runStore.ts';

/** Shows what the run that was just opened was trained elsewhere, behind what its parent recorded. */
export async function showHandedBack(
  run: RunStore,
  { experiment, domains, runId, elsewhere, parent }: RestoreReport,
  library: Library | null,
): Promise<void> {
  if (elsewhere === null) return;
  const { parts, row } = await handedBack(library, elsewhere, parent, domains.length);
  // Another run may have been opened meanwhile.
  if (run.getState().report?.runId !== runId) return;
  refill(run, experiment, parts, elsewhere.firstStep + elsewhere.n - 1);
  run.getState().set({ seams: row.seams });
}
