/** Where the tokens of a passage stand: in lines, as text does. */
import type { CellPlace } from '../../kit/figure/cursor.ts';
import type { Box } from '../../kit/figure/hatch.ts';

export const LETTER_PX = 7.3;
export const SIGN_PX = 6;
/** Heights within a token: its text, the bar of its slots, and its number. */
export const TEXT_PX = 20;
export const BAR_PX = 6;
export const NUMBER_PX = 13;
const GAP_PX = 2;

export interface Lines {
  boxes: readonly Box[];
  /** Line of every token. */
  line: readonly number[];
  bottom: number;
}

/** Wide letters of the East take the room of two. */
function letters(text: string): number {
  let n = 0;
  for (const letter of text)
    n += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u.test(letter)
      ? 1.7
      : 1;
  return n;
}

/**
 * @param texts of the tokens; a line ends behind one that ends in a line break
 * @param signs what stands below each; '' where nothing does
 */
export function linesOf(
  texts: readonly string[],
  signs: readonly string[],
  { width, height }: { width: number; height: number },
): Lines {
  const boxes: Box[] = [];
  const line: number[] = [];
  let [x, row] = [0, 0];
  for (const [u, text] of texts.entries()) {
    const room = Math.max(letters(text) * LETTER_PX, letters(signs[u] ?? '') * SIGN_PX) + 5;
    const wide = Math.min(width, Math.ceil(room));
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    boxes.push({ x, y: row * (height + GAP_PX), width: wide - 1, height });
    line.push(row);
    x += wide;
    if (text.endsWith('↵')) [x, row] = [0, row + 1];
  }
  return { boxes, line, bottom: ((line.at(-1) ?? -1) + 1) * (height + GAP_PX) };
}

export function tokenAt({ boxes }: Lines, x: number, y: number): CellPlace | null {
  const column = boxes.findIndex(
    (box) => x >= box.x && x <= box.x + box.width + 1 && y >= box.y && y < box.y + box.height + 2,
  );
  return column < 0 ? null : { row: 0, column };
}

/** The token of the next line, or of the one before, that stands nearest. */
export function lineMove({ boxes, line }: Lines, key: string, from: number): CellPlace | null {
  const by = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  const own = boxes[from];
  if (by === 0 || own === undefined) return null;
  const wanted = (line[from] ?? 0) + by;
  const middle = own.x + own.width / 2;
  let [best, distance] = [from, Number.POSITIVE_INFINITY];
  for (const [u, box] of boxes.entries()) {
    const away = Math.abs(box.x + box.width / 2 - middle);
    if (line[u] === wanted && away < distance) [best, distance] = [u, away];
  }
  return { row: 0, column: best };
}
