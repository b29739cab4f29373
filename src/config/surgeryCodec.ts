/** Surgery in links: `d:0-7.n,2:0.0-6` (fresh slots `n`), `i` where all slots stay, `u2` for undo. */
import type { Provenance, Surgery } from './surgery.ts';

/** Key of surgery in the changes of a link. */
export const SURGERY_KEY = 'sg';
const SAME = 'i';
/** Longest list that a link may spell out; lists above a setting's own limit are refused by it. */
export const MAX_LISTED = 256;
/** More lists than a model has layers. */
const MAX_LISTS = 200;

function encodeSources(sources: Provenance): string {
  const runs: { first: number | null; count: number }[] = [];
  for (const source of sources) {
    const run = runs.at(-1);
    const joins =
      run !== undefined &&
      (run.first === null ? source === null : source === run.first + run.count);
    if (joins) run.count++;
    else runs.push({ first: source, count: 1 });
  }
  return runs
    .map(({ first, count }) => {
      if (first === null) return count > 1 ? `n${count}` : 'n';
      return count > 1 ? `${first}-${first + count - 1}` : String(first);
    })
    .join('.');
}

/** Null where the syntax is wrong. */
function decodeSources(text: string, listing: { left: number }): Provenance | null {
  const sources: (number | null)[] = [];
  for (const part of text.split('.', MAX_LISTED + 1)) {
    const match = /^(?:n(\d*)|(\d+)(?:-(\d+))?)$/.exec(part);
    if (match === null) return null;
    const [, fresh, first, last] = match;
    const start = first === undefined ? null : Number(first);
    const count = start === null ? Number(fresh || 1) : Number(last ?? first) - start + 1;
    if (!(count >= 1 && sources.length + count <= MAX_LISTED && count <= listing.left)) return null;
    listing.left -= count;
    for (let i = 0; i < count; i++) sources.push(start === null ? null : start + i);
  }
  return sources;
}

export function encodeSurgery(surgery: Surgery): string {
  if ('undo' in surgery) return `u${surgery.undo}`;
  const lists = Object.entries(surgery.from).map(
    ([name, sources]) => `${name === 'default' ? 'd' : name}:${encodeSources(sources)}`,
  );
  return lists.length === 0 ? SAME : lists.join(',');
}

/**
 * Value of a text; the text itself where the syntax is wrong, for `checkSurgery` to refuse.
 * @param listing sources that may still be spelled out
 */
export function decodeSurgery(text: string, listing = { left: MAX_LISTS * MAX_LISTED }): unknown {
  if (text === SAME) return { from: {} };
  const undo = /^u(\d+)$/.exec(text);
  if (undo) return { undo: Number(undo[1]) };
  const from = new Map<string, Provenance>();
  for (const entry of text.split(',', MAX_LISTS)) {
    const match = /^(d|\d+):(.+)$/.exec(entry);
    const name = match?.[1] === 'd' ? 'default' : (match?.[1] ?? '');
    const sources = decodeSources(match?.[2] ?? '', listing);
    if (match === null || sources === null || from.has(name)) return text;
    from.set(name, sources);
  }
  return { from: Object.fromEntries(from) };
}
