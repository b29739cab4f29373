/** From the texts of an experiment to its batches. */
import type { Experiment } from '../config/experiment.ts';
import { checkStep, epochsAt, lastStepOf, readBatch } from './batches.ts';
import type { CorpusSource } from './corpora.ts';
import { DataError } from './dataError.ts';
import {
  countCharacters,
  type DomainSplit,
  type DomainStream,
  encodeSplits,
  limitStreams,
  trainingStreams,
  validationStreams,
} from './domainStreams.ts';
import { BLOCK, blockQuotas, createSequenceOrder } from './order.ts';
import type { OwnText } from './ownText.ts';
import { createPacer, type Pacer } from './pacer.ts';
import { splitDocuments } from './split.ts';
import { readTexts, type TextsInUse } from './texts.ts';
import { buildTokenizer } from './tokenizers/build.ts';
import type { PreparedText, Tokenizer } from './types.ts';
import { unigramEntropy } from './unigram.ts';

/** Where preparing stands: UTF-16 units encoded (`data`) or merges learnt (`tokenizer`). */
export type PrepareProgress = (stage: 'data' | 'tokenizer', done: number, total: number) => void;

/** Orders validation windows; the same for all experiments, so losses of different seeds compare. */
const VALIDATION_SEED = 0x7a11;

/** What the texts come to under a tokenizer. */
interface EncodedText {
  tokenizer: Tokenizer;
  training: DomainStream[];
  validation: DomainStream[];
  charactersPerToken: number;
}

function splitDomains({ domains }: TextsInUse, { mix, validationShare }: Experiment['data']) {
  const quotas = blockQuotas(domains.map(({ name }) => mix[name] ?? 0));
  return domains.map(
    ({ name, documents }, d): DomainSplit => ({
      name,
      quota: quotas[d]!,
      ...splitDocuments(documents, validationShare),
    }),
  );
}

async function tokenizerOf(
  experiment: Experiment,
  texts: TextsInUse,
  splits: readonly DomainSplit[],
  pacer: Pacer,
  onProgress: PrepareProgress,
): Promise<Tokenizer> {
  const tokenizer = await buildTokenizer(
    experiment.tokenizer,
    texts.domains.map(({ text }) => text),
    splits.flatMap(({ training }) => training.map(({ text }) => text)),
    `${texts.hash}/${experiment.data.validationShare}`,
    pacer,
    (done, total) => onProgress('tokenizer', done, total),
  );
  const { V } = experiment.model;
  if (V !== null && V < tokenizer.size) {
    const message = `model.V = ${V} is less than the tokenizer's ${tokenizer.size} entries.`;
    throw new DataError('ConfigInvalid', message);
  }
  return tokenizer;
}

async function encodeTexts(
  experiment: Experiment,
  texts: TextsInUse,
  pacer: Pacer,
  onProgress: PrepareProgress,
): Promise<EncodedText> {
  const splits = splitDomains(texts, experiment.data);
  const tokenizer = await tokenizerOf(experiment, texts, splits, pacer, onProgress);
  const documents = texts.domains.flatMap((domain) => domain.documents);
  const total = documents.reduce((sum, document) => sum + document.length, 0);
  let done = 0;
  const encoded = await encodeSplits(tokenizer, splits, pacer, (units) => {
    done += units;
    onProgress('data', done, total);
  });

  const { S } = experiment.batch;
  const { uniqueTokens } = experiment.data;
  const all = trainingStreams(tokenizer, encoded, S);
  return {
    tokenizer,
    training: uniqueTokens === null ? all : limitStreams(tokenizer, encoded, all, uniqueTokens, S),
    validation: validationStreams(tokenizer, encoded, S),
    charactersPerToken: encoded.reduce((sum, { quota, trainingCharacters }, d) => {
      return sum + ((quota / BLOCK) * trainingCharacters) / all[d]!.tokens.length;
    }, 0),
  };
}

const windowsOf = (streams: readonly DomainStream[]) =>
  streams.reduce((sum, { windows }) => sum + windows, 0);

/**
 * Makes an experiment's text ready: reads and hashes it, holds out the validation split, builds
 * the tokenizer, encodes, and plans the batches (`order.ts` says in which order).
 *
 * - `data.mix`: each block of 1024 sequences has the weights' shares of every domain, and any
 *   stretch of it comes close to them.
 * - `data.uniqueTokens`: each domain gets its share of them, in whole windows of S tokens, from
 *   documents in a fixed order (a larger number adds to a smaller one), or all it has if that is
 *   less. `trainingTokens` is what came of it.
 * - `data.epochs`: the run ends at `lastStep`, when epochs · all windows have been drawn. Where
 *   `uniqueTokens` gives every domain its share, all come to the end of an epoch together (to
 *   the rounding of windows); otherwise `epochsAt` tells where each one stands.
 *
 * @param own the person's text, needed when `data.mix.own` is above 0
 * @throws DataError `ConfigInvalid` for settings or an own text that cannot be used (too large,
 *   empty, too short for one window in either split), `DataMissing` for texts that are not there
 *   or have another hash, `Cancelled` once the signal is aborted
 */
export async function prepareText(
  experiment: Experiment,
  source: CorpusSource,
  own: OwnText | null,
  onProgress: PrepareProgress = () => {},
  signal?: AbortSignal,
): Promise<PreparedText> {
  const pacer = createPacer(signal);
  const texts = await readTexts(experiment.data, source, own);
  const encoded = await encodeTexts(experiment, texts, pacer, onProgress);
  const { tokenizer, training, validation } = encoded;
  const { batch, data, seeds } = experiment;
  const { B, S } = batch;
  const trainingOrder = createSequenceOrder(seeds.data, training);
  const validationOrder = createSequenceOrder(VALIDATION_SEED, validation);
  const lastStep = lastStepOf(data.epochs, windowsOf(training), B);
  const unigram = training.map(({ tokens, windows, quota }) => {
    return { tokens, targets: windows * S, share: quota / BLOCK };
  });
  return {
    tokenizer,
    domains: texts.domains.map(({ name }) => name),
    hash: texts.hash,
    characters: texts.domains.reduce((sum, { text }) => sum + countCharacters(text), 0),
    trainingTokens: windowsOf(training) * S,
    validationTokens: windowsOf(validation) * S,
    unigramEntropy: unigramEntropy(unigram, tokenizer.size),
    charactersPerToken: encoded.charactersPerToken,
    lastStep,
    trainingBatch(step) {
      checkStep(step, lastStep);
      return readBatch(training, trainingOrder, (step - 1) * B, batch);
    },
    validationBatch: (i) => readBatch(validation, validationOrder, i * B, batch),
    epochsAt: (step) => epochsAt(trainingOrder, training, step * B),
  };
}
