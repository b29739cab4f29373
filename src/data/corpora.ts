/** The corpora that ship with the product: format, index, and where they are read from. */
import { ownValue, valueAt } from '../config/paths.ts';
import { DataError } from './dataError.ts';

/** Parts the documents of a text (form feed: one byte in UTF-8). Own texts may use it too. */
export const SEPARATOR = '\f';

/** One corpus: its text is the file `<name>.txt` beside the index. */
export interface CorpusFacts {
  name: string;
  title: string;
  domain: string;
  source: { package: string; version: string; license: string };
  bytes: number;
  characters: number;
  documents: number;
  sha256: string;
}

/** `index.json` as `scripts/assembleCorpora.mjs` writes it. */
export interface CorpusIndex {
  version: 1;
  fingerprint: string;
  separator: string;
  maxBytes: number;
  corpora: CorpusFacts[];
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

const INDEX: Readonly<Record<string, Check>> = {
  version: (value) => value === 1,
  fingerprint: isText,
  separator: (value) => value === SEPARATOR,
  maxBytes: isCount,
  corpora: Array.isArray,
};
const CORPUS: Readonly<Record<string, Check>> = {
  name: isText,
  title: isText,
  domain: isText,
  'source.package': isText,
  'source.version': isText,
  'source.license': isText,
  bytes: isCount,
  characters: isCount,
  documents: isCount,
  sha256: isHash,
};

/** What is not as it must be: "place: found value", for the first such place. */
function wrongAt(
  value: unknown,
  checks: Readonly<Record<string, Check>>,
  before = '',
): string | undefined {
  const path = Object.keys(checks).find((path) => checks[path]?.(valueAt(value, path)) !== true);
  if (path === undefined) return undefined;
  return `${before}${path}: found ${JSON.stringify(valueAt(value, path)) ?? 'nothing'}`;
}

function wrongInIndex(value: unknown): string | undefined {
  const corpora = ownValue(value, 'corpora');
  const wrong = Array.isArray(corpora)
    ? corpora.map((corpus, i) => wrongAt(corpus, CORPUS, `corpora.${i}.`))
    : [];
  return wrongAt(value, INDEX) ?? wrong.find((place) => place !== undefined);
}

/** Where the corpora are read from: `fetchSource` in a browser, `fileSource` in Node. */
export interface CorpusSource {
  index(): Promise<CorpusIndex>;
  /** The whole text of one corpus. */
  text(name: string): Promise<string>;
}

const REMEDY = 'assemble the corpora with "node scripts/assembleCorpora.mjs"';

/** @throws DataError `DataMissing` when it is not an index of this version */
export function parseCorpusIndex(json: string): CorpusIndex {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new DataError('DataMissing', `corpora/index.json is not JSON: ${REMEDY}.`, { cause });
  }
  const wrong = wrongInIndex(value);
  // Every part was looked at.
  if (wrong === undefined) return value as CorpusIndex;
  throw new DataError('DataMissing', `corpora/index.json, ${wrong}; ${REMEDY}.`);
}

/** The error for a file of the corpora that cannot be read. */
export function missingCorpusFile(file: string, reason: string, cause?: unknown): DataError {
  const message = `corpora/${file} cannot be read (${reason}): ${REMEDY}.`;
  return new DataError('DataMissing', message, { cause });
}
