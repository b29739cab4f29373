/** What crosses from text to training. Everything here is pure data or pure functions. */

/** One batch; T = B·S, token index t = b·S + s. */
export interface Batch {
  /** [T] */
  tokens: Uint32Array;
  /** The next token of each position [T]. */
  targets: Uint32Array;
  /** Domain index of each token [T], into `PreparedText.domains`. */
  domains: Uint8Array;
}

export interface Tokenizer {
  readonly kind: 'chars' | 'bytes' | 'bpe';
  /** Number of entries: the vocabulary V. */
  readonly size: number;
  encode(text: string): Uint32Array;
  decode(tokens: ArrayLike<number>): string;
  /** UTF-8 of one entry, where entries may be parts of characters; absent where they are whole. */
  bytesOf?(token: number): Uint8Array;
  /** Of `bpe`: left and right token of each merge, in the order learnt. */
  readonly merges?: readonly (readonly [left: number, right: number])[];
  /** One entry as a person can read it (control characters and partial UTF-8 made visible). */
  label(token: number): string;
}

/** Tokens of one split with the domain of each. */
export interface TokenStream {
  tokens: Uint32Array;
  domains: Uint8Array;
}

/** Text made ready for training: a pure function of (texts, data, tokenizer, seeds.data, batch). */
export interface PreparedText {
  tokenizer: Tokenizer;
  /** Names in order of domain index, e.g. ['prose', 'speeches', 'code', …]. */
  domains: string[];
  /** SHA-256 (hex) of the text in use. */
  hash: string;
  characters: number;
  trainingTokens: number;
  validationTokens: number;
  /** Last step that `data.epochs` allows; null = no end. */
  lastStep: number | null;
  /** Nats per token of the unigram distribution of the training split, as the mix samples it. */
  unigramEntropy: number;
  charactersPerToken: number;
  /** Batch of step s (1 …): depends on (seeds.data, s) only, so a data cursor is a step number. */
  trainingBatch(step: number): Batch;
  /** Passes over its training windows that each domain has had after step s (0 …), by name. */
  epochsAt(step: number): Record<string, number>;
  /** Validation batch i (0 …): the same in every run of the experiment. */
  validationBatch(i: number): Batch;
}
