/** JSON files of runs: the schemas that theirs are made of, reading and writing. */
import * as v from 'valibot';
import { parseJson } from '../../config/json.ts';
import { isRecord } from '../../config/paths.ts';
import { numberSchema, refused, show } from '../../config/values.ts';

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];
const MAX_DEPTH = 32;

/** Names that could reach the prototype of an object are refused wherever they stand. */
function checkKeys(value: unknown, path: string, depth = 0): void {
  if (depth > MAX_DEPTH) throw new RangeError(`${path} is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') checkKeys(item, path, depth + 1);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, child] of Object.entries(value)) {
    if (FORBIDDEN.includes(key)) throw new RangeError(`${path} has the key ${show(key)}`);
    checkKeys(child, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

export const whole = (min: number, max: number) => numberSchema(min, max, true);
export const text = (max: number) => {
  const message = refused(`a text of at most ${max} characters`);
  return v.pipe(v.string(message), v.maxLength(max, message));
};
/** Objects of these entries and no others. */
export const object = <T extends v.ObjectEntries>(entries: T) =>
  v.strictObject(entries, ({ expected, received, input }) => {
    if (expected === 'never') return 'is not known';
    return received === 'undefined' ? 'is missing' : `${show(input)} is no object`;
  });
export const flag = v.boolean(refused('true or false'));
export const list = <T extends v.GenericSchema>(item: T, max: number) => {
  const message = refused(`a list of at most ${max}`);
  return v.pipe(v.array(item, message), v.maxLength(max, message));
};
export const choice = <const T extends readonly string[]>(options: T) =>
  v.picklist(options, refused(`one of ${options.join(', ')}`));

/** Any number; JSON has no name for those that are not finite. */
export const anyNumber = v.pipe(
  v.union(
    [v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])],
    refused('a number, "NaN", "Infinity" or "-Infinity"'),
  ),
  v.transform(Number),
);
/** Names of domains become names of columns. */
export const domainName = v.pipe(
  text(64),
  v.regex(/^[\w -]+$/, refused('letters, digits, spaces, _ and -')),
);
/** @throws RangeError with the path of the first value that is refused, and what it must be */
export function checked<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new RangeError(where === null ? issue.message : `${where}: ${issue.message}`);
}

export function jsonOf(bytes: Uint8Array): unknown {
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('it is no UTF-8');
  }
  const value = parseJson(json);
  checkKeys(value, '');
  return value;
}

/** JSON with a line for each entry of the outermost list or object; numbers that are not finite as texts. */
export function jsonBytes(value: unknown): Uint8Array {
  const json = JSON.stringify(
    value,
    (_, child) => (typeof child === 'number' && !Number.isFinite(child) ? String(child) : child),
    1,
  );
  return new TextEncoder().encode(`${json}\n`);
}
