/** The format of a corpus: one UTF-8 text, documents parted by SEPARATOR, at most MAX_BYTES. */
import { createHash } from 'node:crypto';

/** Form feed: one byte, in no source text, and the old sign for "new page". */
export const SEPARATOR = '\f';

/** Largest corpus, in bytes: "about 1 MB", with room for the whole of Moby-Dick. */
export const MAX_BYTES = 1_250_000;

/** What no document contains: control characters other than tab and line feed, and byte order marks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f\ufeff]/g;

/** Trimmed, without unwanted characters and spaces at line ends; '' when nothing is left. */
export function cleanDocument(text) {
  return text
    .replace(UNWANTED, '')
    .replace(/[ \t]+$/gm, '')
    .trim();
}

/**
 * Joins documents until the next one would pass the cap.
 * @param {string[]} documents
 * @returns {{ text: string, bytes: number, characters: number, documents: number, sha256: string }}
 */
export function assembleText(documents) {
  const kept = [];
  let bytes = 0;
  for (const document of documents.map(cleanDocument).filter((text) => text !== '')) {
    const separator = kept.length === 0 ? 0 : SEPARATOR.length;
    const size = separator + Buffer.byteLength(document) + 1;
    if (bytes + size > MAX_BYTES) break;
    kept.push(`${document}\n`);
    bytes += size;
  }
  const text = kept.join(SEPARATOR);
  return {
    text,
    bytes,
    characters: [...text].length,
    documents: kept.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}
