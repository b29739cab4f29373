import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkOwnSize, type OwnText, ownTextOfBytes } from '../data/ownText.ts';

/** A file as own text; one above the limit is not read at all. */
export async function readOwnText(path: string): Promise<OwnText> {
  const name = basename(path);
  checkOwnSize(name, (await stat(path)).size);
  return ownTextOfBytes(name, await readFile(path));
}
