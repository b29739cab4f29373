import { hashChain, uniform } from '../../config/hash.ts';
import { createPieceDecoder, fromWholeCharacter } from '../../data/tokenizers/pieces.ts';
import type { PreparedText } from '../../data/types.ts';
import type { Engine, NextToken } from '../engine/engine.ts';
import { switchyardError } from './errors.ts';
import type { Sample, SampleRequest } from './events.ts';
import { giveWay } from './giveWay.ts';

/** Tokens of a validation text that an automatic sample continues. */
const PROMPT_TOKENS = 16;

/**
 * Draws from softmax(logits / temperature) with u in (0, 1), in double precision; temperature 0
 * takes the largest logit, the lowest index among equals.
 *
 * @param logits [V]
 * @throws NonFinite where a logit is not finite
 */
export function pickToken(logits: Float32Array, temperature: number, u: number): number {
  let best = 0;
  logits.forEach((z, v) => {
    if (!Number.isFinite(z))
      throw switchyardError('NonFinite', `Logit ${v} of the sample is ${z}.`);
    if (z > logits[best]!) best = v;
  });
  if (temperature === 0) return best;
  const weight = (v: number) => Math.exp((logits[v]! - logits[best]!) / temperature);
  let total = 0;
  for (let v = 0; v < logits.length; v++) total += weight(v);
  let rest = u * total;
  for (let v = 0; v < logits.length; v++) {
    rest -= weight(v);
    if (rest < 0) return v;
  }
  return best;
}

/** @throws ConfigInvalid for a temperature below 0 or a number of tokens below 1 */
export function checkRequest({ temperature, tokens }: Omit<SampleRequest, 'prompt'>): void {
  if (!(temperature >= 0) || !Number.isFinite(temperature))
    throw switchyardError('ConfigInvalid', `Temperature ${temperature} is not 0 or above.`);
  if (!Number.isInteger(tokens) || tokens < 1)
    throw switchyardError(
      'ConfigInvalid',
      `Tokens to sample: ${tokens} is no whole number from 1.`,
    );
}

/** Tokens of a prompt; one without any starts from the first validation token. */
export function startOf(text: PreparedText, prompt: string): ArrayLike<number> {
  const encoded = text.tokenizer.encode(prompt);
  return encoded.length > 0 ? encoded : text.validationBatch(0).tokens.subarray(0, 1);
}

/** What to write after a prompt; `capacity` as `evaluation.capacity` has it. */
export interface SampleSettings extends Omit<SampleRequest, 'prompt'> {
  capacity: boolean;
}

/** Continues `start` token by token; `isCancelled` is asked before every token. */
async function continueText(
  engine: Engine,
  start: ArrayLike<number>,
  { temperature, tokens, seed, capacity }: SampleSettings,
  isCancelled: () => boolean,
): Promise<number[]> {
  const context = Array.from(start);
  for (let i = 0; i < tokens; i++) {
    if (isCancelled()) throw switchyardError('Cancelled', 'The sample was cancelled.');
    const [next] = await engine.next([context], { capacity, routing: false });
    context.push(pickToken((next as NextToken).logits, temperature, uniform(seed, i)));
    await giveWay();
  }
  return context.slice(start.length);
}

/**
 * Text after a prompt.
 *
 * @param capacity whether capacity drops assignments (`evaluation.capacity`)
 * @throws ConfigInvalid for a temperature below 0 or a number of tokens below 1
 */
export async function sampleText(
  engine: Engine,
  text: PreparedText,
  request: SampleRequest & { capacity: boolean },
  isCancelled: () => boolean,
): Promise<Sample> {
  checkRequest(request);
  const { step } = engine;
  const { prompt, temperature } = request;
  const written = await continueText(engine, startOf(text, prompt), request, isCancelled);
  const decode = createPieceDecoder(text.tokenizer);
  // A prompt is whole characters, which nothing that follows can change.
  return { step, prompt, temperature, text: decode(written) };
}

/**
 * The sample taken by itself at a step: continues the opening of a validation sequence, another
 * one each time. Depends on the experiment and the step only. The character in whose midst the
 * opening ends counts as written, so that prompt and text together are what the tokens say.
 */
export async function automaticSample(
  engine: Engine,
  text: PreparedText,
  settings: SampleSettings,
  isCancelled: () => boolean,
): Promise<Sample> {
  const { step } = engine;
  const { tokenizer } = text;
  const { B, S } = engine.config.batch;
  const b = hashChain(settings.seed, step, 0) % B;
  const length = Math.min(PROMPT_TOKENS, S);
  const opening = text.validationBatch(0).tokens.subarray(b * S, b * S + length);
  const start = fromWholeCharacter(tokenizer, opening);
  const seed = hashChain(settings.seed, step, 1);
  const written = await continueText(engine, start, { ...settings, seed }, isCancelled);
  const decode = createPieceDecoder(tokenizer);
  const [prompt, continuation] = [decode(start), decode(written)];
  return { step, prompt, temperature: settings.temperature, text: continuation };
}
