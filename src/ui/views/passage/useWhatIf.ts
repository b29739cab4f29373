import { useEffect, useState } from 'react';
import type { Intervention } from '../../../analysis/inspection.ts';
import type { WhatIf } from '../../../state/looks/ask.ts';
import { batchesOf, type Look, type Side } from '../../../state/looks/looked.ts';
import { useInstruments } from '../../kit/instruments.ts';

/** Changes of the list that follow each other so closely are asked as one. */
const SETTLE_MS = 120;

export interface WhatIfAnswer {
  answer: WhatIf | null;
  /** What the model refused, or kept it from answering. */
  problem: string | null;
  isAsking: boolean;
}

const NOTHING: WhatIfAnswer = { answer: null, problem: null, isAsking: false };

/** Answers of a passage: those to another one are void. */
type Known = WhatIfAnswer & { tokens: Int32Array | null };

/**
 * What interventions change on a passage that was looked at; asked again when the list, the token or
 * the look is another one.
 * @param of the token that is asked about
 */
export function useWhatIf(
  side: Side | undefined,
  look: Look | null,
  items: readonly Intervention[],
  of: number | null,
): WhatIfAnswer {
  const instruments = useInstruments();
  const [known, setKnown] = useState<Known>({ ...NOTHING, tokens: null });
  useEffect(() => {
    if (side === undefined || look === null || items.length === 0) {
      setKnown({ ...NOTHING, tokens: null });
      return;
    }
    const { tokens } = look;
    const control = new AbortController();
    const { signal } = control;
    const put = (answer: WhatIf | null, problem: string | null) => {
      if (!signal.aborted) setKnown({ answer, problem, isAsking: false, tokens });
    };
    setKnown((now) => ({ ...now, isAsking: true }));
    const timer = setTimeout(async () => {
      try {
        const text = batchesOf(look, side.source.head.experiment.batch);
        const args = { items, ...(of === null ? {} : { of }) };
        put(await instruments.whatIf(side, text, args, { signal }), null);
      } catch (error) {
        put(null, error instanceof Error ? error.message : String(error));
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [instruments, side, look, items, of]);
  if (items.length === 0 || look === null) return NOTHING;
  const isSame =
    known.tokens?.length === look.tokens.length &&
    known.tokens.every((id, u) => id === look.tokens[u]);
  return isSame ? known : { ...NOTHING, isAsking: true };
}
