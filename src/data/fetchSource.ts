/** The only place from which page and worker ask a host for anything. */
import { type CorpusSource, missingCorpusFile, parseCorpusIndex } from './corpora.ts';

/** Where the page is, and so the only place that anything may come from. */
export interface Home {
  /** Absolute URL of the page or its folder: everything is relative to it. */
  base: string;
  /** Origin of the page. */
  origin: string;
}

/**
 * Fetches a file that ships with the product. Where a host points elsewhere, the browser refuses to
 * follow.
 *
 * @param path relative to the page
 * @throws RangeError for an address of another origin; nothing is asked of it
 */
async function fetchOwn(path: string, { base, origin }: Home): Promise<Response> {
  const url = new URL(path, base);
  if (url.origin !== origin)
    throw new RangeError(`${url.href} is not of ${origin}, and nothing is fetched from elsewhere`);
  return fetch(url, { mode: 'same-origin' });
}

/**
 * Text of a recorded result that ships with the product; null where none of that name does.
 * @throws Error where the host does not answer, or refuses
 */
export async function fetchRecorded(name: string, home: Home): Promise<string | null> {
  const response = await fetchOwn(`recorded/${name}.json`, home);
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`recorded/${name}.json: HTTP status ${response.status}`);
  return response.text();
}

/** Corpora of the static host that the page is from, beside the page, whatever its path is. */
export function fetchSource(home: Home): CorpusSource {
  async function read(file: string): Promise<string> {
    let response: Response;
    try {
      response = await fetchOwn(`corpora/${file}`, home);
    } catch (cause) {
      const isRefused = cause instanceof RangeError;
      throw missingCorpusFile(file, isRefused ? cause.message : 'no answer from the host', cause);
    }
    if (!response.ok) throw missingCorpusFile(file, `HTTP status ${response.status}`);
    return response.text();
  }
  return {
    index: async () => parseCorpusIndex(await read('index.json')),
    text: (name) => read(`${name}.txt`),
  };
}
