/** The tokenizer of an experiment, from the texts in use; what is not of bytes loads with its first use. */
import type { TokenizerConfig } from '../../config/experiment.ts';
import type { Pacer } from '../pacer.ts';
import type { Tokenizer } from '../types.ts';
import { bytesTokenizer } from './bytes.ts';

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
    case 'chars': {
      const { createCharsTokenizer } = await import('./chars.ts');
      return createCharsTokenizer(texts);
    }
    case 'bpe': {
      const { buildBpe } = await import('./bpeBuild.ts');
      return buildBpe(training, key, config.size, pacer, onProgress);
    }
  }
}
