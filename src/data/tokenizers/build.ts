/** The tokenizer of an experiment, from the texts in use. */
import type { TokenizerConfig } from '../../config/experiment.ts';
import type { Pacer } from '../pacer.ts';
import { characterBoundary } from '../split.ts';
import type { Tokenizer } from '../types.ts';
import { BYTE_TOKENS, createBpeTokenizer, type Merges } from './bpe.ts';
import { bytesTokenizer } from './bytes.ts';
import { createCharsTokenizer } from './chars.ts';

/** Most text that merges are learnt from, in UTF-16 units: a few seconds' worth. */
export const MAX_BPE_TEXT = 6_291_456;
const SAMPLE_PIECE = 4096;

/** The documents or, past `limit`, pieces of them spread evenly over the whole. */
export function bpeSample(documents: readonly string[], limit: number = MAX_BPE_TEXT): string[] {
  const total = documents.reduce((sum, document) => sum + document.length, 0);
  if (total <= limit) return [...documents];
  const share = limit / total;
  const sample: string[] = [];
  let seen = 0;
  for (const document of documents) {
    for (let start = 0; start < document.length; ) {
      const end = characterBoundary(document, Math.min(document.length, start + SAMPLE_PIECE));
      if (Math.floor((seen + 1) * share) > Math.floor(seen * share)) {
        sample.push(document.slice(start, end));
      }
      seen += 1;
      start = end;
    }
  }
  return sample;
}

/** The merges learnt last: a new model on the same text learns none again. */
let latest: { key: string; merges: Merges } | null = null;

/**
 * @param texts all texts in use: the characters of `chars`
 * @param training documents of the training split: what `bpe` learns from
 * @param key identifies `training`
 * @param onProgress entries learnt and wanted (`bpe` only)
 * @throws DataError `ConfigInvalid` for a size of `bpe` out of range; what the pacer throws
 */
export async function buildTokenizer(
  config: TokenizerConfig,
  texts: readonly string[],
  training: readonly string[],
  key: string,
  pacer: Pacer,
  onProgress: (done: number, total: number) => void,
): Promise<Tokenizer> {
  switch (config.kind) {
    case 'bytes':
      return bytesTokenizer;
    case 'chars':
      return createCharsTokenizer(texts);
    case 'bpe': {
      const sizedKey = `${key}/${config.size}`;
      if (latest?.key !== sizedKey) {
        const wanted = config.size - BYTE_TOKENS;
        const report = (learnt: number) => onProgress(learnt, wanted);
        const { trainBpe } = await import('./bpeTrain.ts');
        const merges = await trainBpe(bpeSample(training), config.size, pacer, report);
        latest = { key: sizedKey, merges };
      }
      return createBpeTokenizer(latest.merges);
    }
  }
}
