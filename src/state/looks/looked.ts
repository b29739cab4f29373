/** What instruments look at: types, and what a look tells of itself. */
import type { FIGURES, FigureRequest } from '../../analysis/figures.ts';
import type { InspectedLayer, Inspection } from '../../analysis/inspection.ts';
import type { RunSource } from '../../analysis/source.ts';
import { causalNoteAt } from '../../config/generation.ts';
import type { PassText, Subject } from '../../worker/api.ts';

/**
 * The text that is looked at: so many validation batches, a passage of at most S + 1 tokens, a text of any
 * length; or one sequence of the validation text, or of a text.
 */
export type LookText =
  | { validation: number }
  | { passage: string }
  | { text: string }
  | { sequence: number; text: string | null };

/** A model that is looked at; `a` is the run that the page shows, `b` the one it is compared with. */
export interface Side {
  key: 'a' | 'b';
  name: string;
  subject: Subject;
  source: RunSource;
}

/** One inspection as views know it; its tensors stay with the figures' thread. */
export interface Look extends Pick<Inspection, 'n' | 'B' | 'S' | 'domainNames'> {
  /** Steps that the model had taken. */
  step: number;
  /** Whether its slots depend on later tokens, or on other sequences. */
  looksAhead: boolean;
  /** Tokens, targets and domains [U]. */
  tokens: Int32Array;
  targets: Int32Array;
  domains: Int32Array;
  layers: readonly Pick<
    InspectedLayer,
    'layer' | 'kinds' | 'hidden' | 'experts' | 'selection' | 'W'
  >[];
  /** UTF-8 of every token id. */
  texts: readonly Uint8Array[];
}

export type ResultOf<R extends FigureRequest> = ReturnType<
  (typeof FIGURES)[R['figure']]['compute']
>;

/** The values of a request; or why there are none, null where they are not there yet. */
export type Answer<R extends FigureRequest = FigureRequest> =
  | { result: ResultOf<R>; refusal: null }
  | { result: null; refusal: string | null };

export function lookOf(
  { source }: Pick<Side, 'source'>,
  step: number,
  inspection: Inspection,
  texts: readonly Uint8Array[],
): Look {
  const { n, B, S, domainNames, tokens, targets, domains } = inspection;
  const layers = inspection.layers.map(({ layer, kinds, hidden, experts, selection, W }) => ({
    layer,
    kinds,
    hidden,
    experts,
    selection,
    W,
  }));
  const looksAhead = layers.length > 0 && causalNoteAt(source.head.experiment, step + 1) !== '';
  return { step, looksAhead, n, B, S, domainNames, tokens, targets, domains, layers, texts };
}

/** The tokens of a look again, in batches of at most so many. @throws RangeError for sequences that are too long */
export function batchesOf(
  { n, B, S, tokens, targets, domains }: Look,
  most: { B: number; S: number },
): PassText {
  if (S > most.S)
    throw new RangeError(
      `Its sequences have at most ${most.S} tokens, those of the other run ${S}.`,
    );
  const sequences = n * B;
  let size = Math.min(B, Math.floor((most.B * most.S) / S));
  while (sequences % size !== 0) size -= 1;
  const T = size * S;
  const batches = Array.from({ length: sequences / size }, (_, b) => {
    const cut = (values: Int32Array) => values.subarray(b * T, (b + 1) * T);
    return {
      tokens: Uint32Array.from(cut(tokens)),
      targets: Uint32Array.from(cut(targets)),
      domains: Uint8Array.from(cut(domains)),
    };
  });
  return { batches, S };
}
