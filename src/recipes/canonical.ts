/** One text and one digest for equal JSON, whatever the order of its keys. */
import { hash64 } from '../config/hash.ts';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]),
  );
}

/** JSON with keys in order of their names, at every depth. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** 16 hexadecimal digits of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  const bytes = new TextEncoder().encode(canonical(value));
  const halves = hash64(bytes.length, (i) => bytes[i]!);
  return halves.map((half) => half.toString(16).padStart(8, '0')).join('');
}
