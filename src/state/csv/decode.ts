/** Bytes of a text file become text, piece by piece. */

const PIECE_BYTES = 2 ** 20;

/** What a file's first bytes say of its encoding; UTF-8 where they say nothing. */
export function encodingOf([a, b]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return 'utf-8';
}

function linesIn(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
}

/** Line of a piece's first byte that its encoding does not allow, counted from 0. */
function brokenLine(bytes: Uint8Array, encoding: string): number {
  // A letter that began in the piece before is no fault of this one.
  const own = encoding === 'utf-8' ? bytes.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
  const text = new TextDecoder(encoding).decode(bytes.subarray(Math.max(0, own)));
  return linesIn(text.slice(0, Math.max(0, text.indexOf('\uFFFD'))));
}

/**
 * A file's text in pieces, its byte order mark left out.
 * @throws RangeError that names the line of what is no text
 */
export async function* piecesOf(
  file: Blob,
): AsyncGenerator<{ text: string; bytesRead: number; isLast: boolean }> {
  const encoding = encodingOf(new Uint8Array(await file.slice(0, 2).arrayBuffer()));
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  let from = 0;
  do {
    const bytes = new Uint8Array(await file.slice(from, from + PIECE_BYTES).arrayBuffer());
    const isLast = from + PIECE_BYTES >= file.size;
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: !isLast });
    } catch {
      line += brokenLine(bytes, encoding);
      throw new RangeError(`line ${line}: it holds bytes that are no ${encoding.toUpperCase()}`);
    }
    const zero = text.indexOf('\0');
    if (zero >= 0) {
      line += linesIn(text.slice(0, zero));
      throw new RangeError(
        `line ${line}: it holds a zero character; UTF-16 is read with its byte order mark only`,
      );
    }
    line += linesIn(text);
    from = Math.min(file.size, from + PIECE_BYTES);
    yield { text, bytesRead: from, isLast };
  } while (from < file.size);
}
