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
  /** Batches of S tokens a sequence. */
  | { batches: readonly Batch[]; S: number };

interface Common {
  of: PassText;
  /** Whether capacity drops assignments; as `evaluation.capacity` has it where absent. */
  capacity?: boolean;
}
export interface PassAsk extends Common {
  interventions?: readonly Intervention[];
}
export interface LossesAsk extends Common {
  requests: readonly (readonly Intervention[])[];
}

/** A passage's domain: it is of none of the run's. */
const PASSAGE = ['passage'];

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

function batchesOf({ engine, text, evaluation }: Asked, of: PassText) {
  const { S } = engine.config.batch;
  const { domains } = text;
  if ('batches' in of) return { ...of, domainNames: domains };
  if ('passage' in of) {
    const { passage } = of;
    const tokens = typeof passage === 'string' ? text.tokenizer.encode(passage) : passage;
    const batch = passageBatch(tokens, S);
    return { batches: [batch], S: batch.tokens.length, domainNames: PASSAGE };
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
  return { ...batchesOf(asked, of), capacity };
}

/** What the engine refuses is a wrong question. @throws ConfigInvalid for a RangeError */
export async function orRefused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw switchyardError('ConfigInvalid', errorMessage(error), error);
  }
}

/** UTF-8 of a token, in memory of its own. */
export function textOf({ bytesOf, decode }: Tokenizer, id: number): Uint8Array {
  return bytesOf?.(id).slice() ?? new TextEncoder().encode(decode([id]));
}
