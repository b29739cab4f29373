/**
 * The check sum of a link, `c=…&`: it stands first, over every letter that follows. A link without one
 * is open to be written by hand; one that has it says so when it was cut or changed.
 */
import { hash64 } from './hash.ts';

const KEY = 'c=';
/** Letters alone: nothing that a setting of one letter, should the key be changed into its, would take. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 52⁸ > 2⁴⁵. */
const LENGTH = 8;
const SECOND = Math.floor(LETTERS.length ** LENGTH / 2 ** 32);

/** 45 bits as letters; any change of one character changes the first 32 of them for certain. */
function checkSum(text: string): string {
  const [first, second] = hash64(text.length, (i) => text.charCodeAt(i));
  let rest = first + 2 ** 32 * (second % SECOND);
  let letters = '';
  for (let i = 0; i < LENGTH; i++) {
    letters += LETTERS[rest % LETTERS.length];
    rest = Math.floor(rest / LETTERS.length);
  }
  return letters;
}

/** A link under a check sum, whatever that is of. */
export function withSum(sum: string, text: string): string {
  return `${KEY}${sum}&${text}`;
}

/** A link with its check sum; the empty one has none. */
export function sealed(text: string): string {
  return text === '' ? '' : withSum(checkSum(text), text);
}

/** `none`: no check sum; `broken`: one of another text, or of none. */
export type Seal = 'none' | 'whole' | 'broken';

/** A link apart from its check sum. */
export function unsealed(link: string): { seal: Seal; sum: string; text: string } {
  if (!link.startsWith(KEY)) return { seal: 'none', sum: '', text: link };
  const end = link.indexOf('&');
  const sum = link.slice(KEY.length, end < 0 ? link.length : end);
  const text = end < 0 ? '' : link.slice(end + 1);
  const isWhole = text !== '' && sum === checkSum(text);
  return { seal: isWhole ? 'whole' : 'broken', sum, text };
}
