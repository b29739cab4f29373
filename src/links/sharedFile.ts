/** Links as files: what `npm run link -- decode` writes, and `encode` takes back. */
import { sameValue } from '../config/edit.ts';
import type { Experiment, Problem } from '../config/experiment.ts';
import { readExperimentFile } from '../config/experimentFile.ts';
import { parseJson } from '../config/json.ts';
import { isRecord } from '../config/paths.ts';
import { isViewKey } from '../config/permalink.ts';
import type { RunDigest } from './digest.ts';
import { decodeDigests, encodeDigests } from './digestCodec.ts';
import { MAX_RUNS, type Shared } from './share.ts';

export interface SharedFile extends Shared {
  view: [key: string, text: string][];
  problems: Problem[];
}

/** Results as they were decoded. @throws RangeError for any others */
function checkedResult(name: string, raw: unknown): RunDigest | null {
  if (raw === null || raw === undefined) return null;
  const refused = new RangeError(`${name}: its results are not as "decode" writes them.`);
  try {
    const [read] = decodeDigests(encodeDigests([raw as RunDigest]), 1);
    if (read === undefined || !sameValue(read, raw)) throw refused;
    return read;
  } catch {
    throw refused;
  }
}

function viewOf(raw: unknown): [string, string][] {
  if (!isRecord(raw)) return [];
  return Object.entries(raw).flatMap(([key, text]): [string, string][] =>
    isViewKey(key) && typeof text === 'string' && /^[\w.,:~-]*$/.test(text) ? [[key, text]] : [],
  );
}

/** Experiments of a file, each read as a file of its own. */
function experimentsOf(name: string, json: unknown, text: string) {
  const list = isRecord(json) && Array.isArray(json.experiments) ? json.experiments : null;
  if (list === null) {
    const { experiment, problems } = readExperimentFile(name, text);
    return { experiments: [experiment], problems };
  }
  if (list.length < 1 || list.length > MAX_RUNS)
    throw new RangeError(`${name} holds ${list.length} experiments; 1 to ${MAX_RUNS} are allowed.`);
  const experiments: Experiment[] = [];
  const problems: Problem[] = [];
  list.forEach((raw, i) => {
    const parsed = readExperimentFile(`${name}, run ${i + 1},`, JSON.stringify(raw) ?? '');
    experiments.push(parsed.experiment);
    for (const problem of parsed.problems)
      problems.push({ ...problem, message: `run ${i + 1}: ${problem.message}` });
  });
  return { experiments, problems };
}

/**
 * Reads a file of one or several experiments, with results or without.
 * @param name the file's, for messages
 * @throws RangeError, naming the file and the reason, for one that holds no experiment
 */
export function readSharedFile(name: string, text: string): SharedFile {
  let json: unknown = null;
  try {
    json = parseJson(text);
  } catch {
    // Told by the reader of experiments, with the file's name.
  }
  const { experiments, problems } = experimentsOf(name, json, text);
  const raw = isRecord(json) ? (json.results ?? [json.result ?? null]) : [];
  const given = Array.isArray(raw) ? raw : [];
  const results = experiments.map((_, i) => checkedResult(name, given[i]));
  return { experiments, results, view: viewOf(isRecord(json) ? json.view : null), problems };
}
