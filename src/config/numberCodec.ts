/** Numbers as text in links: exact, in as few letters as there are. */

const NUMBER = /^-?\d+(\.\d+)?(e-?\d+)?$/;

export function encodeNumber(x: number): string {
  const plain = String(x).replace('e+', 'e');
  const isEasy = x === 0 || (Math.abs(x) >= 1e-3 && Math.abs(x) < 1e6);
  const exponential = x.toExponential().replace('e+', 'e');
  return isEasy || plain.length <= exponential.length ? plain : exponential;
}

/** The number, or the text itself where it is none. */
export function decodeNumber(text: string): number | string {
  return NUMBER.test(text) ? Number(text) : text;
}
