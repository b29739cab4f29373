import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { CorpusName, DataConfig, Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { type CorpusSource, SEPARATOR } from '../../src/data/corpora.ts';
import { sha256Hex } from '../../src/data/textHash.ts';
import { utf8Encode } from '../../src/data/tokenizers/bytes.ts';

/** Text in the scripts and corners where tokenizers go wrong. */
export const HARD_TEXT =
  'naïve — “quotes”, 😀👩‍👩‍👧‍👦🇪🇺, हिन्दी भाषा, العربية, עברית, 日本語, 한국어, ไทย, አማርኛ, e\u0301, \ufeff\u0000\t\r\n.';

/** A source of corpora held in memory. */
export function memorySource(texts: Partial<Record<CorpusName, string>>): CorpusSource {
  return {
    async index() {
      const corpora = Object.entries(texts).map(async ([name, text]) => ({
        name,
        title: name,
        domain: name,
        source: { package: 'test', version: '1.0.0', license: 'MIT' },
        bytes: utf8Encode(text).length,
        characters: [...text].length,
        documents: text.split(SEPARATOR).length,
        sha256: await sha256Hex(utf8Encode(text)),
      }));
      return {
        version: 1,
        fingerprint: 'test',
        separator: SEPARATOR,
        maxBytes: 1_250_000,
        corpora: await Promise.all(corpora),
      };
    },
    async text(name) {
      return texts[name as CorpusName] ?? '';
    },
  };
}

/** `count` documents of `length` letters of one alphabet, all different. */
export function letters(alphabet: string, count: number, length: number): string {
  const letter = (i: number, j: number) => alphabet[hashChain(1, i, j) % alphabet.length];
  const document = (i: number) => Array.from({ length }, (_, j) => letter(i, j)).join('');
  return Array.from({ length: count }, (_, i) => document(i)).join(SEPARATOR);
}

/** Half a surrogate pair without the other. */
export const HALF_PAIR = /\p{Surrogate}/u;

/** The default experiment with a small batch and the given data. */
export function experimentOf(
  data: Partial<DataConfig>,
  rest: Partial<Pick<Experiment, 'tokenizer' | 'seeds' | 'batch'>> = {},
): Experiment {
  return {
    ...DEFAULTS_V1,
    tokenizer: { kind: 'bytes', size: 512 },
    batch: { B: 4, S: 16 },
    ...rest,
    data: { ...DEFAULTS_V1.data, ...data },
  };
}
