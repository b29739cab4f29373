/** The texts of an experiment: which ones, read, checked and hashed. */
import { CORPORA, type CorpusName, type DataConfig } from '../config/experiment.ts';
import { type CorpusIndex, type CorpusSource, SEPARATOR } from './corpora.ts';
import { DataError } from './dataError.ts';
import { type OwnText, ownTextOf } from './ownText.ts';
import { hashOfTexts, sha256Hex } from './textHash.ts';
import { utf8Decode, utf8Encode } from './tokenizers/bytes.ts';

export interface DomainText {
  name: CorpusName;
  text: string;
  /** Parts between separators, the empty ones left out. */
  documents: string[];
}

export interface TextsInUse {
  domains: DomainText[];
  hash: string;
}

/**
 * Corpora with a weight, in the order of `CORPORA`: the order of domain indices.
 *
 * @throws DataError `ConfigInvalid` for a negative or non-finite weight, or when none is above 0
 */
export function domainsInUse(mix: DataConfig['mix']): CorpusName[] {
  for (const name of CORPORA) {
    const weight = mix[name] ?? 0;
    if (!Number.isFinite(weight) || weight < 0) {
      const message = `data.mix.${name} = ${weight} is not a weight: it must be finite and at least 0.`;
      throw new DataError('ConfigInvalid', message);
    }
  }
  const names = CORPORA.filter((name) => (mix[name] ?? 0) > 0);
  if (names.length === 0) {
    throw new DataError('ConfigInvalid', 'data.mix has no corpus with a weight above 0.');
  }
  return names;
}

/** UTF-8 bytes of the own text, if it can be used. */
function ownBytes(own: OwnText | null, expectedHash: string | null): Uint8Array<ArrayBuffer> {
  if (own === null) {
    const which = expectedHash === null ? '' : `; the text in use has the SHA-256 ${expectedHash}`;
    const message = `The experiment uses a text of its own, which has to be given${which}.`;
    throw new DataError('DataMissing', message);
  }
  return utf8Encode(ownTextOf(own.name, own.text).text);
}

/** UTF-8 bytes of a corpus that ships with the product, checked against the index. */
async function corpusBytes(name: CorpusName, source: CorpusSource, index: CorpusIndex) {
  const facts = index.corpora.find((corpus) => corpus.name === name);
  if (facts === undefined) {
    const known = index.corpora.map((corpus) => corpus.name).join(', ');
    throw new DataError('DataMissing', `There is no corpus "${name}"; there are: ${known}.`);
  }
  const bytes = utf8Encode(await source.text(name));
  const sha256 = await sha256Hex(bytes);
  if (sha256 !== facts.sha256) {
    throw new DataError(
      'DataMissing',
      `The corpus "${name}" is damaged: ${bytes.length} bytes with SHA-256 ${sha256}, but the ` +
        `index says ${facts.bytes} bytes with ${facts.sha256}.`,
    );
  }
  return bytes;
}

/**
 * Reads all texts that the experiment uses.
 *
 * @throws DataError `ConfigInvalid` for a mix or an own text that cannot be used; `DataMissing` for
 *   a text that is not there, or texts whose hash is not `data.hash`
 */
export async function readTexts(
  data: DataConfig,
  source: CorpusSource,
  own: OwnText | null,
): Promise<TextsInUse> {
  const names = domainsInUse(data.mix);
  const index = names.some((name) => name !== 'own') ? await source.index() : null;
  const read = async (name: CorpusName) => {
    const bytes =
      name === 'own' || index === null
        ? ownBytes(own, data.hash)
        : await corpusBytes(name, source, index);
    const text = utf8Decode(bytes);
    const documents = text.split(SEPARATOR).filter((document) => document !== '');
    return { name, text, documents, sha256: await sha256Hex(bytes) };
  };
  const domains = await Promise.all(names.map(read));
  const hash = await hashOfTexts(domains);
  if (data.hash !== null && data.hash !== hash) {
    const texts = domains.map(({ name }) => (name === 'own' ? `own ("${own?.name}")` : name));
    throw new DataError(
      'DataMissing',
      `The experiment was made with another text: it names the SHA-256 ${data.hash}, but ` +
        `${texts.join(' + ')} has ${hash}.`,
    );
  }
  return { domains, hash };
}
