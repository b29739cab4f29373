/** Names of rows, columns and categories, and the room that they take. */

/** A name; where there is room for few letters only, its short form. */
export type Label = string | LongLabel;

export interface LongLabel {
  label: string;
  short?: string;
  title?: string;
}

/** The name in full, as it is said. */
export function longLabel(label: Label): string {
  return typeof label === 'string' ? label : (label.title ?? label.label);
}

/** What a letter takes on the average in a label of 11 pixels. */
const LETTER = 6.6;

export function labelWidth(text: string): number {
  return text.length * LETTER;
}

/** The name in so many pixels: whole, in its short form, or cut. */
export function fittedLabel(label: Label, width: number): string {
  const [long, short] =
    typeof label === 'string' ? [label, label] : [label.label, label.short ?? label.label];
  if (labelWidth(long) <= width) return long;
  if (labelWidth(short) <= width) return short;
  const letters = Math.floor(width / LETTER) - 1;
  return letters < 2 ? '' : `${short.slice(0, letters)}…`;
}

function longest(labels: readonly Label[]): number {
  const texts = labels.map((label) => (typeof label === 'string' ? label : label.label));
  return Math.max(0, ...texts.map(labelWidth));
}

/** What names at the left of a drawing may take of its width. */
const LEFT_PART = 0.34;

/** Room for the names at the left of a drawing: for the longest, or a part of the whole width. */
export function leftOf(labels: readonly Label[], width: number): number {
  return Math.ceil(Math.min(longest(labels), LEFT_PART * width)) + 10;
}

/** Whether all names are whole at the left of a drawing. */
export function fitLeft(labels: readonly Label[], width: number): boolean {
  return longest(labels) <= LEFT_PART * width;
}

/** Every how many of `count` labels are written, when one has `room` pixels and the widest needs `needed`. */
export function labelStep(room: number, needed: number): number {
  const least = Math.ceil(needed / Math.max(room, 1e-6));
  return [1, 2, 4, 5, 8, 10, 16, 20, 32, 50].find((step) => step >= least) ?? least;
}

/** What a letter takes on the average in the title of an axis. */
const TITLE_LETTER = 5.6;

export function titleWidth(text: string): number {
  return text.length * TITLE_LETTER;
}

/** The title of an axis in lines of at most so many pixels, broken between words. */
export function titleLines(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && titleWidth(longer) > width) lines.push(word);
    else lines.splice(-1, 1, longer);
  }
  return lines;
}
