/** Files of runs, and other programs' checkpoints, as a page asks for them: in a thread of their own, since large ones take seconds. */
import type { Experiment } from '../../config/experiment.ts';
import type { OwnText } from '../../data/ownText.ts';
import type { Foreign } from '../foreign/answers.ts';
import { asCheckpoint, type ForeignFile, readForeign } from '../foreign/foreign.ts';
import type { RawRun } from '../library.ts';
import type { RunParts, RunRow } from '../record.ts';
import { rawFile } from './rawRun.ts';
import { type FileProblem, type RunRead, readRuns } from './readRuns.ts';
import { type WriteOptions, writeRuns } from './writeRuns.ts';

/** Runs by their places in a list. */
export interface ListedRuns {
  parts(i: number): Promise<RunParts>;
  checkpoint(i: number, step: number): Promise<Uint8Array>;
  ownText(i: number): Promise<OwnText | null>;
}

/** What the thread does; the methods of `ListedRuns` are of the file that was read last. */
export interface FilesThread extends ListedRuns {
  read(file: Blob): Promise<{ rows: readonly RunRow[]; problems: readonly FileProblem[] }>;
  /** @param runs what belongs to the rows, by their places */
  write(rows: readonly RunRow[], runs: ListedRuns, options: WriteOptions): Promise<Blob>;
  /** A damaged run as it lies there. */
  writeRaw(id: string, raw: RawRun): Promise<Blob>;
  /** What is told of another program's checkpoint; null for one of this lab, and for what is none. */
  readForeign(bytes: Uint8Array): Promise<Foreign | null>;
  /** The one that was read last as a checkpoint of this lab. */
  asCheckpoint(answers: Experiment): Promise<Uint8Array>;
}

export function filesThread(): FilesThread {
  let found: readonly RunRead[] = [];
  let foreign: ForeignFile | null = null;
  const at = (i: number): RunRead => {
    const run = found[i];
    if (run === undefined) throw new RangeError(`the file has ${found.length} runs, none at ${i}`);
    return run;
  };
  return {
    async read(file) {
      const { runs, problems } = await readRuns(file);
      found = runs;
      return { rows: runs.map(({ row }) => row), problems };
    },
    parts: async (i) => at(i).parts(),
    checkpoint: async (i, step) => at(i).checkpoint(step),
    ownText: async (i) => at(i).ownText(),
    write: (rows, runs, options) =>
      writeRuns(
        rows.map((row, i) => ({
          row,
          parts: () => runs.parts(i),
          checkpoint: (step: number) => runs.checkpoint(i, step),
          ownText: () => runs.ownText(i),
        })),
        options,
      ),
    writeRaw: rawFile,
    async readForeign(bytes) {
      foreign = readForeign(bytes);
      if (foreign === null) return null;
      const { tensors: _, ...told } = foreign;
      return told;
    },
    async asCheckpoint(answers) {
      if (foreign === null) throw new RangeError('no checkpoint was read');
      return asCheckpoint(foreign, answers);
    },
  };
}
