/** The tokens of each domain, split, encoded and cut into windows. */
import { counted } from '../config/plural.ts';
import { DataError } from './dataError.ts';
import { BLOCK, type DomainPlan } from './order.ts';
import type { Pacer } from './pacer.ts';
import type { Split } from './split.ts';
import { encodeDocument, joinDocuments, limitDocuments, type Tokens } from './streams.ts';
import type { Tokenizer } from './types.ts';

/** Tokens of one split of a domain: window w reads tokens w·S … w·S + S. */
export interface DomainStream extends DomainPlan {
  tokens: Tokens;
}

/** Documents of a domain and its sequences per block. */
export interface DomainSplit extends Split {
  name: string;
  quota: number;
}

export interface EncodedSplit {
  name: string;
  quota: number;
  training: { tokens: Tokens; rank: number }[];
  validation: Tokens[];
  /** Characters of the training documents and the separators between them. */
  trainingCharacters: number;
}

/** Number of code points of a well-formed text. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xdc00 || code > 0xdfff) count += 1; // all but the second halves of pairs
  }
  return count;
}

/** @param onEncoded called with the UTF-16 units of each piece that is done */
export async function encodeSplits(
  tokenizer: Tokenizer,
  splits: readonly DomainSplit[],
  pacer: Pacer,
  onEncoded: (units: number) => void,
): Promise<EncodedSplit[]> {
  const encode = (text: string) => encodeDocument(tokenizer, text, pacer, onEncoded);
  const encoded: EncodedSplit[] = [];
  for (const { name, quota, training, validation } of splits) {
    const separators = Math.max(0, training.length - 1);
    const characters = training.reduce((sum, { text }) => sum + countCharacters(text), separators);
    const split: EncodedSplit = {
      name,
      quota,
      training: [],
      validation: [],
      trainingCharacters: characters,
    };
    for (const { text, rank } of training) {
      split.training.push({ tokens: await encode(text), rank });
    }
    for (const text of validation) split.validation.push(await encode(text));
    encoded.push(split);
  }
  return encoded;
}

/** The tokens as windows of S; refuses fewer than one. */
function windowed(
  part: 'training' | 'validation',
  { name, quota }: EncodedSplit,
  tokens: Tokens,
  S: number,
): DomainStream {
  const windows = Math.floor((tokens.length - 1) / S);
  if (windows >= 1) return { name, quota, tokens, windows };
  throw new DataError(
    'ConfigInvalid',
    `The ${part} part of "${name}" has ${counted(tokens.length, 'token')}; one window of batch.S = ${S} ` +
      `needs ${S + 1}.`,
  );
}

/** @throws DataError `ConfigInvalid` when a domain's validation part is less than a window */
export function validationStreams(
  tokenizer: Tokenizer,
  splits: readonly EncodedSplit[],
  S: number,
): DomainStream[] {
  return splits.map((split) =>
    windowed('validation', split, joinDocuments(tokenizer, split.validation), S),
  );
}

/** @throws DataError `ConfigInvalid` when a domain's training part is less than a window */
export function trainingStreams(
  tokenizer: Tokenizer,
  splits: readonly EncodedSplit[],
  S: number,
): DomainStream[] {
  return splits.map((split) => {
    const documents = split.training.map(({ tokens }) => tokens);
    return windowed('training', split, joinDocuments(tokenizer, documents), S);
  });
}

/**
 * Cuts domains to their parts of `uniqueTokens`, in whole windows.
 *
 * @param streams all of their training tokens
 * @throws DataError `ConfigInvalid` when a domain's part is less than a window
 */
export function limitStreams(
  tokenizer: Tokenizer,
  splits: readonly EncodedSplit[],
  streams: readonly DomainStream[],
  uniqueTokens: number,
  S: number,
): DomainStream[] {
  return splits.map(({ name, quota, training }, d) => {
    const part = (uniqueTokens * quota) / BLOCK;
    const windows = Math.min(streams[d]!.windows, Math.floor(part / S));
    if (windows === 0) {
      throw new DataError(
        'ConfigInvalid',
        `data.uniqueTokens = ${uniqueTokens} leaves ${counted(Math.floor(part), 'token')} for "${name}"; ` +
          `one window of batch.S = ${S} needs ${S}.`,
      );
    }
    const tokens = joinDocuments(tokenizer, limitDocuments(training, windows * S + 1));
    return { name, quota, tokens, windows };
  });
}
