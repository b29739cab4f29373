/** Runs of a file into a library, and out of it. */
import { counted, listed } from '../../config/plural.ts';
import type { OwnText } from '../../data/ownText.ts';
import type { Library } from '../library.ts';
import { freeColor } from '../newRow.ts';
import type { RunRow } from '../record.ts';
import type { FileProblem } from './readRuns.ts';
import type { ListedRuns } from './thread.ts';

export interface Imported {
  added: readonly RunRow[];
  /** Runs that the library has already. */
  known: readonly RunRow[];
  problems: readonly FileProblem[];
}

/** What a file gave: rows, and what belongs to them by their places. */
export interface FoundRuns {
  rows: readonly RunRow[];
  problems: readonly FileProblem[];
  runs: ListedRuns;
}

/** The own text of a run, where the library does not have it. */
async function newText(library: Library, { rows, runs }: FoundRuns, i: number) {
  const hash = rows[i]?.text?.hash ?? null;
  if (hash === null || (await library.ownText(hash)) !== null) return null;
  return runs.ownText(i);
}

/** @param others rows of the library, whose colours are taken */
async function takeIn(
  library: Library,
  found: FoundRuns,
  i: number,
  others: readonly RunRow[],
): Promise<RunRow> {
  const given = found.rows[i]!;
  const row: RunRow = {
    ...given,
    // Nobody trains it here.
    origin: given.origin === 'trained' ? 'file' : given.origin,
    color: others.some(({ color }) => color === given.color) ? freeColor(others) : given.color,
    checkpoints: [],
  };
  await library.put(row, await found.runs.parts(i), await newText(library, found, i));
  try {
    // Of those that are not pinned, the library keeps the last: the others first.
    const inTurn = given.checkpoints.toSorted((a, b) => Number(b.isPinned) - Number(a.isPinned));
    for (const { step, isPinned } of inTurn) {
      await library.putCheckpoint(row.id, step, await found.runs.checkpoint(i, step));
      if (isPinned) await library.pin(row.id, step, true);
    }
  } catch (error) {
    // A run is there whole or not at all.
    await (await library.remove([row.id])).forget();
    throw error;
  }
  return row;
}

/**
 * Puts the runs of a file into a library. A run that is there already, by its id, stays as it is.
 * What cannot be stored is a problem; never rejects for it.
 */
export async function importRuns(library: Library, found: FoundRuns): Promise<Imported> {
  const added: RunRow[] = [];
  const known: RunRow[] = [];
  const problems = [...found.problems];
  const others = await library.rows();
  for (const [i, { id, name }] of found.rows.entries()) {
    try {
      const there = await library.row(id);
      if (there === null) added.push(await takeIn(library, found, i, [...others, ...added]));
      else known.push(there);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ path: name, message, severity: 'error' });
    }
  }
  return { added, known, problems };
}

const named = (rows: readonly RunRow[]) =>
  listed(
    rows.map(({ name }) => name),
    ', ',
  );

/** What came in, in a few sentences. */
export function importSummary(file: string, { added, known, problems }: Imported): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const sentences = [
    added.length > 0 && `${counted(added.length, 'run')} came in from ${file}: ${named(added)}.`,
    known.length > 0 &&
      `${counted(known.length, 'run')} ${known.length === 1 ? 'was' : 'were'} there already: ${named(known)}.`,
    errors.length > 0 &&
      `${added.length + known.length === 0 ? `${file} was not opened` : 'Not taken'}: ${listed(
        errors.map(({ path, message }) => `${path} ${message}`.trim()),
      )}.`,
  ];
  return sentences.filter((sentence) => sentence !== false).join(' ');
}

/** Runs of a library, to be written. @throws RangeError for an unknown run */
export async function runsOf(
  library: Library,
  ids: readonly string[],
): Promise<{ rows: RunRow[]; runs: ListedRuns }> {
  const rows: RunRow[] = [];
  for (const id of ids) {
    const row = await library.row(id);
    if (row === null) throw new RangeError(`There is no run "${id}" in the library.`);
    rows.push(row);
  }
  const idAt = (i: number) => rows[i]?.id ?? '';
  return {
    rows,
    runs: {
      parts: (i) => library.parts(idAt(i)),
      checkpoint: (i, step) => library.checkpoint(idAt(i), step),
      async ownText(i): Promise<OwnText | null> {
        const hash = rows[i]?.text?.hash ?? null;
        return hash === null ? null : library.ownText(hash);
      },
    },
  };
}
