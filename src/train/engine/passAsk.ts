/** What is asked of a pass (inspections.ts): the text that goes through it, and what is refused. */
import type { Intervention } from '../../analysis/inspection.ts';
import type { Batch, Tokenizer } from '../../data/types.ts';
import { errorMessage, switchyardError } from '../session/errors.ts';
import type { Asked } from './asked.ts';
import type { PassRequest } from './engine.ts';

/** The text of a pass. */
export type PassText =
  /** The first so many validation batches; as many as evaluation takes where null. */
  | { validation: number | null }
  /** m + 1 tokens, or text of as many: one sequence of m positions. */
  | { passage: ArrayLike<number> | string }
  /** One sequence alone in its batch: of the validation batches, one after the other, or of a text. */
  | { sequence: number; text: string | null }
  /** A text of any length in sequences of the run's S tokens, each a batch; what is left is left out. */
  | { text: string }
  /** Batches of S tokens a sequence. */
  | { batches: readonly Batch[]; S: number };

interface Common {
  of: PassText;
  /** Whether capacity drops assignments; as `evaluation.capacity` has it where absent. */
  capacity?: boolean;
}
export interface PassAsk extends Common {
  interventions?: readonly Intervention[];
  /** Lists of interventions of which the losses alone are asked, at the same parameters. */
  requests?: readonly (readonly Intervention[])[];
  /** Asks for one more inspection at the same parameters, with these. */
  whatIf?: readonly Intervention[];
}
export interface LossesAsk extends Common {
  requests: readonly (readonly Intervention[])[];
}

/** A passage's domain, and a text's: they are of none of the run's. */
const PASSAGE = ['passage'];
const TEXT = ['text'];

/** @throws ConfigInvalid for a passage that is too short or too long */
function passageBatch(tokens: ArrayLike<number>, S: number): Batch {
  const m = tokens.length - 1;
  if (m < 1 || m > S)
    throw switchyardError(
      'ConfigInvalid',
      `The passage has ${tokens.length} tokens; 2 … ${S + 1} are possible.`,
    );
  const all = Uint32Array.from(tokens);
  return { tokens: all.slice(0, m), targets: all.slice(1), domains: new Uint8Array(m) };
}

/**
 * Tokens in sequences of S, a batch each; fewer than S + 1 are one sequence.
 * @throws RangeError for fewer than two tokens
 */
export function sequencesOf(tokens: Uint32Array, most: number): { batches: Batch[]; S: number } {
  if (tokens.length < 2)
    throw new RangeError(`The text has ${tokens.length} tokens; 2 are needed.`);
  const S = Math.min(most, tokens.length - 1);
  const batches = Array.from({ length: Math.floor((tokens.length - 1) / S) }, (_, i): Batch => {
    const at = i * S;
    return {
      tokens: tokens.slice(at, at + S),
      targets: tokens.slice(at + 1, at + S + 1),
      domains: new Uint8Array(S),
    };
  });
  return { batches, S };
}

/** @throws RangeError for a sequence that does not exist */
function checkSequence(sequence: number, count: number): void {
  if (Number.isInteger(sequence) && sequence >= 0 && sequence < count) return;
  const last = Number.isFinite(count) ? ` … ${count - 1} are possible` : ' is the first';
  throw new RangeError(`Sequence ${sequence} of the text does not exist; 0${last}.`);
}

/** One sequence of S tokens, a batch of its own. */
function sequenceBatch(
  { engine, text: { tokenizer, validationBatch } }: Asked,
  { sequence, text }: Extract<PassText, { sequence: number }>,
): { batches: Batch[]; S: number } {
  const { B, S } = engine.config.batch;
  if (text !== null) {
    const all = sequencesOf(Uint32Array.from(tokenizer.encode(text)), S);
    checkSequence(sequence, all.batches.length);
    return { batches: all.batches.slice(sequence, sequence + 1), S: all.S };
  }
  checkSequence(sequence, Number.POSITIVE_INFINITY);
  const { tokens, targets, domains } = validationBatch(Math.floor(sequence / B));
  const at = (sequence % B) * S;
  const batch = {
    tokens: tokens.slice(at, at + S),
    targets: targets.slice(at, at + S),
    domains: domains.slice(at, at + S),
  };
  return { batches: [batch], S };
}

function batchesOf(asked: Asked, of: PassText) {
  const { engine, text, evaluation } = asked;
  const { S } = engine.config.batch;
  const { domains } = text;
  if ('batches' in of) return { ...of, domainNames: domains };
  if ('passage' in of) {
    const { passage } = of;
    const tokens = typeof passage === 'string' ? text.tokenizer.encode(passage) : passage;
    const batch = passageBatch(tokens, S);
    return { batches: [batch], S: batch.tokens.length, domainNames: PASSAGE };
  }
  if ('sequence' in of)
    return { ...sequenceBatch(asked, of), domainNames: of.text === null ? domains : TEXT };
  if ('text' in of) {
    const { tokenizer } = text;
    return { ...sequencesOf(Uint32Array.from(tokenizer.encode(of.text)), S), domainNames: TEXT };
  }
  const n = of.validation ?? evaluation.batches;
  if (!Number.isInteger(n) || n < 1)
    throw switchyardError('ConfigInvalid', `${n} validation batches: no whole number from 1.`);
  const batches = Array.from({ length: n }, (_, i) => text.validationBatch(i));
  return { batches, S, domainNames: domains };
}

/** @throws ConfigInvalid for a text that cannot be passed forward */
export function requestOf(
  asked: Asked,
  { of, capacity = asked.evaluation.capacity }: Common,
): Omit<PassRequest, 'interventions'> & { domainNames: readonly string[] } {
  try {
    return { ...batchesOf(asked, of), capacity };
  } catch (error) {
    throw refusal(error);
  }
}

/** What the engine or a tokenizer refuses is a wrong question. */
function refusal(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return switchyardError('ConfigInvalid', errorMessage(error), error);
}

/** @throws ConfigInvalid for a RangeError */
export async function orRefused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusal(error);
  }
}

/** UTF-8 of a token, in memory of its own. */
export function textOf({ bytesOf, decode }: Tokenizer, id: number): Uint8Array {
  return bytesOf?.(id).slice() ?? new TextEncoder().encode(decode([id]));
}
