/** From a stored run to one that can train: where it stopped, or as a fork. */
import { goesOnFrom, holdsCurvesAlone } from '../analysis/seams.ts';
import { settingsInForce } from '../config/edit.ts';
import type { Change } from '../config/experiment.ts';
import { decodeCheckpoint } from '../train/session/checkpoint.ts';
import { switchyardError } from '../train/session/errors.ts';
import { forked } from '../train/session/fork.ts';
import type { KeptRun } from '../train/session/recordedRun.ts';
import type { Library } from './library.ts';
import type { RunLocks } from './locks.ts';
import type { RunRow } from './record.ts';

function refuse(message: string): Error {
  return switchyardError('ConfigInvalid', message);
}

async function ownTextOf(library: Library, { text, name }: RunRow) {
  if (text === null || !text.isOwn) return null;
  const own = text.hash === null ? null : await library.ownText(text.hash);
  if (own === null)
    throw switchyardError('DataMissing', `The own text of "${name}" is not stored any more.`);
  return own;
}

/** The run from its last checkpoint, or from its start where it has none. */
async function resumed(library: Library, row: RunRow): Promise<KeptRun> {
  const { id, experiment, parent } = row;
  if (experiment === null || holdsCurvesAlone(row))
    throw refuse(`"${row.name}" holds curves alone; nothing of it can train.`);
  const last = row.checkpoints.at(-1);
  const own = await ownTextOf(library, row);
  const kept = { experiment, own, resumes: id, parent };
  if (last === undefined && goesOnFrom(row))
    throw refuse(`"${row.name}" is a fork of which no checkpoint is stored.`);
  if (last === undefined) return { ...kept, state: null };
  const { state } = decodeCheckpoint(await library.checkpoint(id, last.step));
  // The record's events reach further than the checkpoint's: what was edited since is done again.
  return { ...kept, state };
}

/** A run of its own that goes on where the other stood, under changed settings. */
async function forkOf(
  library: Library,
  row: RunRow,
  step: number | null,
  change: Change,
): Promise<KeptRun> {
  const at = step ?? row.checkpoints.at(-1)?.step;
  if (at === undefined) throw refuse(`No checkpoint of "${row.name}" is stored.`);
  const { experiment, state } = decodeCheckpoint(await library.checkpoint(row.id, at));
  const now = { ...settingsInForce(experiment, at), events: [] };
  return {
    ...forked(now, change, state),
    own: await ownTextOf(library, row),
    resumes: null,
    parent: { id: row.id, step: at },
  };
}

/**
 * What is to be opened of a stored run; the lock of one that goes on is held then.
 * @param step of the checkpoint that a fork begins with; null: of the last one
 * @param change what a fork changes; null with a null `step`: the run itself goes on
 * @throws RangeError for an unknown run or checkpoint; ConfigInvalid for a run that is open
 *   elsewhere or cannot train, or a change that breaks a rule; DataMissing for a lost own text
 */
export async function keptRun(
  library: Library,
  locks: RunLocks,
  id: string,
  { step, change }: { step: number | null; change: Change | null },
): Promise<KeptRun> {
  const row = await library.row(id);
  if (row === null) throw new RangeError(`There is no run "${id}" in the library.`);
  if (step !== null || change !== null) return forkOf(library, row, step, change ?? {});
  if (!(await locks.hold(id))) throw refuse(`"${row.name}" is open in another tab.`);
  try {
    return await resumed(library, row);
  } catch (error) {
    locks.release(id);
    throw error;
  }
}
