/** JSON files of runs, read and written. */
import { parseJson } from '../../config/json.ts';
import { isRecord } from '../../config/paths.ts';
import { show } from '../../config/values.ts';

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

/** @throws RangeError, as the end of a sentence, for what is no JSON or has a forbidden key */
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
