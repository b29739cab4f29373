/** The `bpe` tokenizer of a text: which part of it merges are learnt from. */
import type { Pacer } from '../pacer.ts';
import { characterBoundary } from '../split.ts';
import type { Tokenizer } from '../types.ts';
import { BYTE_TOKENS, createBpeTokenizer, type Merges } from './bpe.ts';
import { trainBpe } from './bpeTrain.ts';

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
 * @param training documents of the training split
 * @param key identifies `training`
 * @param size entries
 * @param onProgress entries learnt and wanted
 * @throws DataError `ConfigInvalid` for a size out of range; what the pacer throws
 */
export async function buildBpe(
  training: readonly string[],
  key: string,
  size: number,
  pacer: Pacer,
  onProgress: (done: number, total: number) => void,
): Promise<Tokenizer> {
  const sizedKey = `${key}/${size}`;
  if (latest?.key !== sizedKey) {
    const report = (learnt: number) => onProgress(learnt, size - BYTE_TOKENS);
    latest = { key: sizedKey, merges: await trainBpe(bpeSample(training), size, pacer, report) };
  }
  return createBpeTokenizer(latest.merges);
}
