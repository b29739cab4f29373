import { type CorpusSource, missingCorpusFile, parseCorpusIndex } from './corpora.ts';

/**
 * Corpora of a static host.
 *
 * @param base absolute URL of the folder that holds `corpora/`, e.g. `document.baseURI` of the
 *   page: everything is relative to it, so the product works from any path
 */
export function fetchSource(base: string): CorpusSource {
  async function read(file: string): Promise<string> {
    let response: Response;
    try {
      response = await fetch(new URL(`corpora/${file}`, base));
    } catch (cause) {
      throw missingCorpusFile(file, 'no answer from the host', cause);
    }
    if (!response.ok) throw missingCorpusFile(file, `HTTP status ${response.status}`);
    return response.text();
  }
  return {
    index: async () => parseCorpusIndex(await read('index.json')),
    text: (name) => read(`${name}.txt`),
  };
}
