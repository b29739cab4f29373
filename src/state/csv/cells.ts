/** What a cell says. */

/** Largest step that is read. */
export const MAX_STEP = 1e12;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(inf|infinity|nan|na|n\/a)$/i;

/**
 * A cell's number: null for an empty cell, which says nothing; NaN for what is logged in place of a
 * finite number (inf, nan, NA …).
 * @param hasDecimalComma "2,5" is a number, as where cells are separated by semicolons
 * @throws RangeError for any other text
 */
export function numberOf(
  cell: string | undefined,
  title: string,
  line: number,
  hasDecimalComma: boolean,
): number | null {
  let text = cell?.trim() ?? '';
  if (text === '') return null;
  if (hasDecimalComma) text = text.replace(',', '.');
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : Number.NaN;
  }
  if (NOT_FINITE.test(text)) return Number.NaN;
  throw new RangeError(`line ${line}: ${title} '${text.slice(0, 40)}' is not a number`);
}

/** @throws RangeError for what is no whole number from 0 to `MAX_STEP` */
export function stepIn(cell: string | undefined, line: number): number {
  const text = cell?.trim() ?? '';
  const step = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isInteger(step) && step >= 0 && step <= MAX_STEP) return step;
  throw new RangeError(
    `line ${line}: step '${text.slice(0, 40)}' is not a whole number from 0 to ${MAX_STEP}`,
  );
}
