/** Experiments in files: as the page and the commands write them, or inside a file of metrics. */
import { parseJson } from './json.ts';
import { isUnreadable, type Parsed, parseExperiment } from './parse.ts';
import { isRecord } from './paths.ts';
import { listed } from './plural.ts';
import { SETTINGS } from './schema.ts';
import { show } from './values.ts';

const BLOCKS: readonly string[] = [
  ...new Set(SETTINGS.map(({ path }) => path.split('.')[0] ?? path)),
];

/** Experiments of metrics files stand inside of them. */
function experimentIn(json: Record<string, unknown>): unknown {
  return isRecord(json.experiment) ? json.experiment : json;
}

/** Whether an object has any block of an experiment, or is the default one: a version alone. */
function isExperiment(raw: Record<string, unknown>): boolean {
  const keys = Object.keys(raw);
  return keys.some((key) => BLOCKS.includes(key)) || keys.join() === 'version';
}

/**
 * Reads an experiment from a file's text.
 * @param name the file's, for messages
 * @returns the experiment, and everything that was refused
 * @throws RangeError, naming the file and the reason, for one that holds no experiment, or nothing
 *   that could be taken
 */
export function readExperimentFile(name: string, text: string): Parsed {
  const refuse = (reason: string) => new RangeError(`${name} is no experiment: ${reason}.`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new RangeError(`${name} is ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (!isRecord(json)) throw refuse(`it holds ${show(json)}, not an object of settings`);
  const raw = experimentIn(json);
  if (!isRecord(raw) || !isExperiment(raw)) {
    const keys = listed(Object.keys(json), ', ') || 'nothing';
    throw refuse(`it has none of ${BLOCKS.join(', ')}; it has ${keys}`);
  }
  const parsed = parseExperiment(raw);
  if (isUnreadable(parsed)) throw refuse(listed(parsed.problems.map(({ message }) => message)));
  return parsed;
}
