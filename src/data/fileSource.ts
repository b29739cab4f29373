import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CorpusSource, missingCorpusFile, parseCorpusIndex } from './corpora.ts';
import { productFile } from './productFiles.ts';

/**
 * Corpora of a folder on disk, for Node.
 *
 * @param folder URL of the folder with `index.json`, ending in '/'; the product's own unless
 *   given
 */
export function fileSource(folder: URL = productFile('public/corpora/')): CorpusSource {
  async function read(file: string): Promise<string> {
    try {
      return await readFile(fileURLToPath(new URL(file, folder)), 'utf8');
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw missingCorpusFile(file, reason, cause);
    }
  }
  return {
    index: async () => parseCorpusIndex(await read('index.json')),
    text: (name) => read(`${name}.txt`),
  };
}
