/** Runs of a file into a library, and out of it. */
import { counted, listed } from '../../config/plural.ts';
import type { Library } from '../library.ts';
import type { RunRow } from '../record.ts';
import type { FileProblem, RunRead, RunsRead } from './readRuns.ts';
import type { RunToWrite } from './writeRuns.ts';

export interface Imported {
  added: readonly RunRow[];
  /** Runs that the library has already. */
  known: readonly RunRow[];
  problems: readonly FileProblem[];
}

async function takeIn(library: Library, run: RunRead): Promise<RunRow> {
  const row: RunRow = {
    ...run.row,
    // Nobody trains it here.
    origin: run.row.origin === 'trained' ? 'file' : run.row.origin,
    checkpoints: [],
  };
  const hash = row.text?.hash ?? null;
  const isTextKnown = hash !== null && (await library.ownText(hash)) !== null;
  await library.put(row, await run.parts(), isTextKnown ? null : await run.ownText());
  try {
    for (const { step, isPinned } of run.row.checkpoints) {
      await library.putCheckpoint(row.id, step, await run.checkpoint(step));
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
export async function importRuns(library: Library, read: RunsRead): Promise<Imported> {
  const added: RunRow[] = [];
  const known: RunRow[] = [];
  const problems = [...read.problems];
  for (const run of read.runs) {
    try {
      const there = await library.row(run.row.id);
      if (there === null) added.push(await takeIn(library, run));
      else known.push(there);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push({ path: run.row.name, message, severity: 'error' });
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
export async function* runsOf(
  library: Library,
  ids: readonly string[],
): AsyncGenerator<RunToWrite> {
  for (const id of ids) {
    const row = await library.row(id);
    if (row === null) throw new RangeError(`There is no run "${id}" in the library.`);
    const hash = row.text?.hash ?? null;
    yield {
      row,
      parts: () => library.parts(id),
      checkpoint: (step) => library.checkpoint(id, step),
      ownText: async () => (hash === null ? null : library.ownText(hash)),
    };
  }
}
