/** The corpora that ship with the product: format, index, and where they are read from. */
import * as v from 'valibot';
import { DataError } from './dataError.ts';

/** Parts the documents of a text (form feed: one byte in UTF-8). Own texts may use it too. */
export const SEPARATOR = '\f';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const corpusSchema = v.object({
  name: v.string(),
  title: v.string(),
  domain: v.string(),
  source: v.object({ package: v.string(), version: v.string(), license: v.string() }),
  bytes: count,
  characters: count,
  documents: count,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const indexSchema = v.object({
  version: v.literal(1),
  fingerprint: v.string(),
  separator: v.literal(SEPARATOR),
  maxBytes: count,
  corpora: v.array(corpusSchema),
});

/** One corpus: its text is the file `<name>.txt` beside the index. */
export type CorpusFacts = v.InferOutput<typeof corpusSchema>;
/** `index.json` as `scripts/assembleCorpora.mjs` writes it. */
export type CorpusIndex = v.InferOutput<typeof indexSchema>;

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
  const parsed = v.safeParse(indexSchema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const path = v.getDotPath(issue) ?? 'the whole';
  throw new DataError('DataMissing', `corpora/index.json, ${path}: ${issue.message}; ${REMEDY}.`);
}

/** The error for a file of the corpora that cannot be read. */
export function missingCorpusFile(file: string, reason: string, cause?: unknown): DataError {
  const message = `corpora/${file} cannot be read (${reason}): ${REMEDY}.`;
  return new DataError('DataMissing', message, { cause });
}
