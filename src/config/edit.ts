/** Changing an experiment: single values, live events, and what the engine is built from. */
import type { Change, EngineConfig, Experiment, ExperimentEvent } from './experiment.ts';
import { getPath, isRecord, setPath } from './paths.ts';
import { SETTINGS, settingAt } from './schema.ts';
import { isSurgical, surgeryOf } from './surgery.ts';

export { getPath, setPath } from './paths.ts';

/** Whether a change of this path takes effect in a running model, as an event. */
export function isLive(path: string): boolean {
  return settingAt(path)?.badge === 'live';
}

/**
 * Whether a change of this path acts on a model that takes no more steps: on what it computes, and
 * so on its samples. Everything else that is live acts on steps alone.
 */
export function actsWithoutSteps(path: string): boolean {
  const group = settingAt(path)?.group;
  return group === 'router' || group === 'experts';
}

/** Paths of a change that a running model cannot take: those that are not live and no surgery. */
export function fixedPaths(change: Change): string[] {
  return Object.keys(change).filter((path) => !isLive(path) && !isSurgical(path, change));
}

/**
 * Copy of the experiment with every path of the change set. Values are taken as they are: check
 * what a person typed with `parseChange` first.
 * @throws RangeError for a path that is no setting
 */
export function applyChange(experiment: Experiment, change: Change): Experiment {
  let next = experiment;
  for (const [path, value] of Object.entries(change)) {
    // What slots derive from concerns the engine; the new expert space stands beside it.
    if (path === 'surgery') continue;
    if (settingAt(path) === undefined) throw new RangeError(`"${path}" is not a setting`);
    next = setPath(next, path, value);
  }
  return next;
}

/**
 * Settings in force at a step (steps count from 1): all events up to and including those before
 * that step applied, in order. `events` itself stays as it is.
 */
export function experimentAtStep(experiment: Experiment, step: number): Experiment {
  return experiment.events.reduce(
    (now, [at, change]) => (at <= step ? applyChange(now, change) : now),
    experiment,
  );
}

/** Settings in force of a run that has taken so many steps: those that its next step takes. */
export function settingsInForce(experiment: Experiment, stepsTaken: number): Experiment {
  return experimentAtStep(experiment, stepsTaken + 1);
}

/**
 * The experiment with a change recorded before a step; merged into the last event of that step if
 * there is one, the later value winning. A surgery is an event of its own.
 * @throws RangeError for a step below 1 or a path that is not live
 */
export function recordEvent(experiment: Experiment, step: number, change: Change): Experiment {
  if (!Number.isInteger(step) || step < 1)
    throw new RangeError(`step ${step} is not a whole number from 1`);
  const [refused] = fixedPaths(change);
  if (refused !== undefined) throw new RangeError(`"${refused}" cannot change while a model runs`);

  const before = experiment.events.filter(([at]) => at <= step);
  const after = experiment.events.filter(([at]) => at > step);
  const last = before.at(-1);
  const joins = last?.[0] === step && surgeryOf(last[1]) === null && surgeryOf(change) === null;
  const event: ExperimentEvent = [step, joins ? { ...last[1], ...change } : change];
  return { ...experiment, events: [...(joins ? before.slice(0, -1) : before), event, ...after] };
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** Paths of the settings in which two experiments differ, in schema order. */
export function changedPaths(a: Experiment, b: Experiment): string[] {
  return SETTINGS.map(({ path }) => path).filter(
    (path) => !sameValue(getPath(a, path) ?? null, getPath(b, path) ?? null),
  );
}

/**
 * What the engine is built from: a golden case's `config`, for a tokenizer of `vocabulary` entries.
 * @throws RangeError when the experiment fixes fewer entries than the tokenizer has
 */
export function engineConfig(experiment: Experiment, vocabulary: number): EngineConfig {
  const { model, router, experts, losses, optimizer, batch, seeds } = experiment;
  const V = model.V ?? vocabulary;
  if (V < vocabulary)
    throw new RangeError(`vocabulary V is ${V}; the tokenizer has ${vocabulary} entries`);
  return { model: { ...model, V }, router, experts, losses, optimizer, batch, seed: seeds.drop };
}
