import type { Experiment, JsonValue } from './experiment.ts';

/** Keys that a path may never name: they would reach the prototype of an object. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own property `key` of a value, or undefined: never looks at the prototype. */
export function ownValue(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Value at a dotted path of anything, own keys only; undefined where a part is missing. */
export function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>(ownValue, root);
}

/** Value at a dotted path; undefined for a term that is absent (`losses.switch.alpha`). */
export function getPath(experiment: Experiment, path: string): JsonValue | undefined {
  // An experiment is JSON all the way down.
  return valueAt(experiment, path) as JsonValue | undefined;
}

function withValue(node: unknown, parts: readonly string[], value: unknown): unknown {
  const [key, ...rest] = parts;
  if (key === undefined) return value;
  if (FORBIDDEN.has(key)) throw new RangeError(`"${key}" cannot be part of a path`);
  const copy: Record<string, unknown> = isRecord(node) ? { ...node } : {};
  const child = withValue(ownValue(node, key), rest, value);
  if (child === undefined) delete copy[key];
  else copy[key] = child;
  return copy;
}

/** Paths whose null means that the named ancestor is absent from the experiment. */
function absentNode(path: string): string | null {
  if (path === 'experts.perLayer') return path;
  return path.startsWith('losses.') ? path.split('.').slice(0, 2).join('.') : null;
}

/**
 * Copy of a tree with one value replaced, unchecked; untouched branches are shared. Null on a loss
 * weight removes its term, null on `experts.perLayer` removes the layers' own expert spaces.
 */
export function setAt(root: unknown, path: string, value: unknown): unknown {
  const absent = value === null ? absentNode(path) : null;
  return withValue(root, (absent ?? path).split('.'), absent === null ? value : undefined);
}

/** `setAt` for an experiment and a value that its row takes (`checkValue`). */
export function setPath(experiment: Experiment, path: string, value: JsonValue): Experiment {
  // Same structure as before, since the value has been checked against the row of its path.
  return setAt(experiment, path, value) as Experiment;
}
