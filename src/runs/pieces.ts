/** Large values in pieces, as the database takes them. */

/** Largest piece. */
export const PIECE_BYTES = 64 * 2 ** 20;

/** Pieces, each of which fills its buffer: of a view, the whole buffer would be written. */
export function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const isWhole = bytes.length === bytes.buffer.byteLength && bytes.length <= PIECE_BYTES;
  if (isWhole) return [bytes];
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    pieces.push(bytes.slice(at, at + PIECE_BYTES));
  return pieces;
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
