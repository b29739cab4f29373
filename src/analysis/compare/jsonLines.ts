/** Experiments side by side, line by line. */
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import type { Experiment } from '../../config/experiment.ts';
import { isRecord } from '../../config/paths.ts';

/** One line of some JSON texts: each one's own, and whether they differ. */
export interface JsonLine {
  /** Dotted path of what stands in the line; '' for the outermost bracket. */
  path: string;
  /** Null where one has no such line. */
  texts: readonly (string | null)[];
  isDifferent: boolean;
  /** Whether it is no more than where an object begins or ends. */
  isBracket: boolean;
}

/** Whether a value stands in one line: everything but objects of objects. */
function isFlat(value: unknown): boolean {
  if (Array.isArray(value)) return JSON.stringify(value).length <= 60;
  return !isRecord(value) || Object.keys(value).length === 0;
}

/** Lines of a value by the path of what stands in them, in order. */
function linesOf(value: unknown, name: string, path: string, indent: string): [string, string][] {
  const label = name === '' ? '' : `${JSON.stringify(name)}: `;
  if (isFlat(value)) return [[path, `${indent}${label}${JSON.stringify(value)}`]];
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item, i) => [String(i), item])
    : Object.entries(value as object);
  const inner = entries.flatMap(([key, item]) =>
    linesOf(
      item,
      Array.isArray(value) ? '' : key,
      `${path}.${key}`.replace(/^\./, ''),
      `${indent}  `,
    ),
  );
  return [[path, `${indent}${label}${open}`], ...inner, [`${path}/`, `${indent}${close}`]];
}

/** Keys of all objects in one order, so that what belongs together stands in one line. */
function ordered(value: unknown, like: unknown): unknown {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return value;
  const order = isRecord(like) ? Object.keys(like) : [];
  const keys = [
    ...order.filter((key) => Object.hasOwn(value, key)),
    ...Object.keys(value)
      .filter((key) => !order.includes(key))
      .sort(),
  ];
  return Object.fromEntries(
    keys.map((key) => [key, ordered(value[key], isRecord(like) ? like[key] : undefined)]),
  );
}

/**
 * Lines of several experiments beside each other. Keys stand in the order of the defaults; a line
 * that one of them lacks stands where the others have it.
 */
export function jsonLines(experiments: readonly Experiment[]): JsonLine[] {
  const texts = experiments.map(
    (experiment) => new Map(linesOf(ordered(experiment, DEFAULTS_V1), '', '', '')),
  );
  const paths = texts.reduce<string[]>((all, lines) => merged(all, [...lines.keys()]), []);
  return paths.map((path) => {
    const own = texts.map((lines) => lines.get(path) ?? null);
    return {
      path: path.replace(/\/$/, ''),
      texts: own,
      isDifferent: new Set(own).size > 1,
      isBracket: own.every((text) => text === null || /[{[]$|^\s*[\]}]$|: (\{\}|\[\])$/.test(text)),
    };
  });
}

/** All entries of two lists that agree on the order of what they share. */
function merged(a: readonly string[], b: readonly string[]): string[] {
  const inA = new Set(a);
  const result: string[] = [];
  let next = 0;
  for (const entry of b) {
    if (!inA.has(entry)) {
      result.push(entry);
      continue;
    }
    const at = a.indexOf(entry, next);
    if (at < 0) continue;
    result.push(...a.slice(next, at + 1));
    next = at + 1;
  }
  return [...new Set([...result, ...a.slice(next)])];
}
