/**
 * Reading an experiment from anything: only own keys are looked at, every value is checked against
 * its row, and what cannot be taken falls back to its default and is listed.
 */
import { DEFAULTS_V1 } from './defaults.ts';
import { changedPaths } from './edit.ts';
import type { Change, Experiment, ExperimentEvent, JsonValue, Problem } from './experiment.ts';
import { isRecord, ownValue, setPath, valueAt } from './paths.ts';
import { counted } from './plural.ts';
import { SETTINGS, settingAt } from './schema.ts';
import { MAX_STEPS, type Setting } from './settings.ts';
import { checkSurgery, isSurgical } from './surgery.ts';
import { checkValue, show } from './values.ts';
import { migrate, readVersions, VERSIONS } from './versions.ts';

/** Most events of one experiment. */
export const MAX_EVENTS = 10_000;
/** What is wrong with events is listed so far. */
const MAX_LISTED = 50;
/** Deepest nesting that is read; the deepest setting has 5 levels. */
const MAX_DEPTH = 16;

/** Selections that K says nothing of, and `randomDrop`, whose 2 is no choice. */
const UNCOUNTED: readonly unknown[] = ['topp', 'randomDrop', 'adaptive'];

export interface Parsed {
  experiment: Experiment;
  problems: Problem[];
}

/** Whether nothing of what was given could be taken: the experiment is the defaults. */
export function isUnreadable({ experiment, problems }: Parsed): boolean {
  const hasError = problems.some(({ severity }) => severity === 'error');
  return hasError && changedPaths(experiment, DEFAULTS_V1).length === 0;
}

function error(path: string, message: string): Problem {
  return { path, message, severity: 'error' };
}

/** Deep copy with own keys only, on plain objects; deeper levels than `MAX_DEPTH` are cut off. */
function ownCopy(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item) => ownCopy(item, depth + 1));
  if (!isRecord(value)) return value;
  // fromEntries defines own properties, so that a key "__proto__" is a key like any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, ownCopy(child, depth + 1)]),
  );
}

/**
 * Checks a live change: paths to new values. What cannot be taken is left out and listed.
 */
export function parseChange(raw: unknown): { change: Change; problems: Problem[] } {
  if (!isRecord(raw))
    return { change: {}, problems: [error('', `${show(raw)} is not an object of changed values`)] };
  const change: Record<string, JsonValue> = {};
  const problems: Problem[] = [];
  for (const [path, value] of Object.entries(raw)) {
    const setting = settingAt(path);
    if (path === 'surgery') {
      const checked = checkSurgery(ownCopy(value));
      if (checked.ok) change[path] = checked.value;
      else problems.push(error(path, `${show(value)} is not allowed: ${checked.message}`));
    } else if (setting === undefined) problems.push(error(path, `${show(path)} is not a setting`));
    else if (setting.badge !== 'live' && !isSurgical(path, raw))
      problems.push(error(path, `${setting.label} cannot change while a model runs`));
    else {
      const checked = checkValue(setting, ownCopy(value));
      if (checked.ok) change[path] = checked.value;
      else problems.push(error(path, checked.message));
    }
  }
  return { change, problems };
}

function parseEvents(raw: unknown): { events: ExperimentEvent[]; problems: Problem[] } {
  if (!Array.isArray(raw))
    return { events: [], problems: [error('events', `events: ${show(raw)} is not a list`)] };
  if (raw.length > MAX_EVENTS)
    return {
      events: [],
      problems: [
        error('events', `${counted(raw.length, 'event')}; at most ${MAX_EVENTS} are allowed`),
      ],
    };
  const events: ExperimentEvent[] = [];
  const problems: Problem[] = [];
  for (const [i, entry] of raw.entries()) {
    if (problems.length >= MAX_LISTED) {
      const message = `events ${i + 1} to ${raw.length} are left out: too many before are wrong`;
      problems.push(error('events', message));
      break;
    }
    const [step, change]: unknown[] = Array.isArray(entry) && entry.length === 2 ? entry : [];
    const isStep =
      typeof step === 'number' && Number.isInteger(step) && step >= 1 && step <= MAX_STEPS;
    if (!isStep) {
      const allowed = `[step from 1 to ${MAX_STEPS}, change]`;
      problems.push(error('events', `event ${i + 1}: ${show(entry)} is not ${allowed}`));
      continue;
    }
    const parsed = parseChange(change);
    for (const problem of parsed.problems)
      problems.push(error('events', `event at step ${step}: ${problem.message}`));
    if (Object.keys(parsed.change).length > 0) events.push([step, parsed.change]);
    else if (parsed.problems.length === 0)
      problems.push(error('events', `event at step ${step} changes nothing`));
  }
  return { events: inOrder(events, problems), problems };
}

/** Events by their steps; what stood in another order is listed. */
function inOrder(events: readonly ExperimentEvent[], problems: Problem[]): ExperimentEvent[] {
  events.forEach(([step], i) => {
    const before = events[i - 1]?.[0] ?? 0;
    if (step >= before || problems.length >= MAX_LISTED) return;
    const message = `event ${i + 1} at step ${step} stands after one at step ${before}; the events are put in order`;
    problems.push(error('events', message));
  });
  return [...events].sort(([a], [b]) => a - b);
}

function unknownKeys(raw: Record<string, unknown>, prefix: string): Problem[] {
  return Object.entries(raw).flatMap(([key, value]) => {
    const path = prefix + key;
    // A path of events and links, where a file has blocks.
    if (key.includes('.'))
      return [error(path, `unknown setting ${show(path)} was ignored; a block is an object`)];
    if (path === 'version' || settingAt(path) !== undefined) return [];
    const isBlock = SETTINGS.some((setting) => setting.path.startsWith(`${path}.`));
    if (!isBlock) return [error(path, `unknown setting ${show(path)} was ignored`)];
    if (isRecord(value)) return unknownKeys(value, `${path}.`);
    return [error(path, `${path}: ${show(value)} is not an object; its defaults are used`)];
  });
}

/** Loss terms that are given without what they are weighted by. */
function bareTerms({ losses }: Record<string, unknown>): Problem[] {
  return SETTINGS.flatMap((setting) => {
    const [group, term, member] = setting.path.split('.');
    if (group !== 'losses' || term === undefined || member === undefined) return [];
    const given = ownValue(losses, term);
    if (!isRecord(given) || Object.hasOwn(given, member)) return [];
    const path = `${group}.${term}`;
    const message = `${path}: ${show(given)} has no ${show(member)}. ${textOf(setting)} is used instead`;
    return [error(path, message)];
  });
}

/** Brings `raw` to the current version; null when its version cannot be read. */
function atCurrentVersion(
  raw: Record<string, unknown>,
  problems: Problem[],
): Record<string, unknown> | null {
  const version = ownValue(raw, 'version');
  if (version === undefined) {
    const message = `no version is given; read as version ${VERSIONS.current}`;
    problems.push({ path: 'version', message, severity: 'warning' });
    return raw;
  }
  const isKnown = typeof version === 'number' && Object.hasOwn(VERSIONS.defaults, version);
  if (isKnown) return migrate(raw, version);
  const message = `version ${show(version)} cannot be read; this program reads ${readVersions()}`;
  problems.push(error('version', message));
  return null;
}

/** Value that the input gives for a row; undefined where it leaves the row to its default. */
function givenValue(raw: Record<string, unknown>, setting: Setting): unknown {
  const value = valueAt(raw, setting.path);
  if (value !== undefined) return value;
  // A loss that is not in a given `losses` block is off, whatever the default is.
  const term = setting.path.split('.').slice(0, 2).join('.');
  const isAbsentTerm =
    setting.group === 'losses' && isRecord(raw.losses) && valueAt(raw, term) === undefined;
  return isAbsentTerm ? null : undefined;
}

/** A row's default where it is short. */
function textOf({ default: value }: Setting): string {
  return typeof value === 'object' && value !== null ? 'The default' : show(value);
}

/**
 * Reads an experiment. Never throws. Settings that are left out have their defaults; loss terms
 * that a given `losses` block leaves out are off. `K: null` is taken where the selection does not
 * use K, as in golden cases. Rules across fields are `checkConstraints`.
 * @returns a complete experiment, and everything that was refused, with value and allowed range
 */
export function parseExperiment(input: unknown): Parsed {
  const problems: Problem[] = [];
  const copy = ownCopy(input);
  if (!isRecord(copy))
    return {
      experiment: DEFAULTS_V1,
      problems: [error('', `${show(input)} is not an experiment; the defaults are used`)],
    };
  const raw = atCurrentVersion(copy, problems);
  if (raw === null) return { experiment: DEFAULTS_V1, problems };
  problems.push(...unknownKeys(raw, ''), ...bareTerms(raw));

  let experiment: Experiment = DEFAULTS_V1;
  for (const setting of SETTINGS) {
    const value = givenValue(raw, setting);
    if (value === undefined) continue;
    if (setting.kind === 'events') {
      const parsed = parseEvents(value);
      problems.push(...parsed.problems);
      experiment = { ...experiment, events: parsed.events };
      continue;
    }
    const isUnusedK = setting.path === 'router.K' && value === null;
    if (isUnusedK && UNCOUNTED.includes(valueAt(raw, 'router.selection'))) continue;
    const checked = checkValue(setting, value);
    if (checked.ok) experiment = setPath(experiment, setting.path, checked.value);
    else
      problems.push(error(setting.path, `${checked.message}. ${textOf(setting)} is used instead`));
  }
  return { experiment, problems };
}
