import { useEffect, useMemo, useRef, useState } from 'react';
import { batchesOf, type Look, type Side } from '../../../state/looks/looked.ts';
import { useInstruments } from '../../kit/instruments.ts';
import { placeOf } from './seen.ts';
import type { At } from './TokenPath.tsx';

/** What the losses would change by with a slot at the rank that is asked about. */
export interface Alternative {
  slot: number;
  own: number;
  later: number;
  passage: number;
}

export interface Alternatives {
  token: number;
  at: At;
  look: Look;
  /** Passes that were made, of all. */
  done: number;
  total: number;
  rows: readonly Alternative[] | null;
  step: number;
  problem: string | null;
}

interface Asking {
  alternatives: Alternatives | null;
  /** Asks for every slot but the held one, each forced alone. */
  ask: (look: Look, token: number, at: At, held: number | undefined) => void;
  cancel: () => void;
}

/** What each slot would have been worth in another's place; forgotten with another run or passage. */
export function useAlternatives(side: Side, { tokens }: Pick<Look, 'tokens'>): Asking {
  const instruments = useInstruments();
  const [alternatives, setAlternatives] = useState<Alternatives | null>(null);
  const control = useRef<AbortController | null>(null);
  const run = side.source.head.id;
  const key = useMemo(() => `${run} ${tokens.join()}`, [run, tokens]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was asked is of one key
  useEffect(
    () => () => {
      control.current?.abort();
      setAlternatives(null);
    },
    [key],
  );

  async function ask(look: Look, token: number, at: At, held: number | undefined): Promise<void> {
    control.current?.abort();
    const mine = new AbortController();
    control.current = mine;
    const kinds = look.layers[placeOf(look, at.layer)]?.kinds ?? [];
    const slots = [...kinds.keys()].filter((slot) => slot !== held);
    const requests = slots.map((slot) => ({
      figure: 'interventions' as const,
      items: [{ type: 'force' as const, layer: at.layer, token, rank: at.rank, slot }],
      of: token,
    }));
    const asked: Alternatives = {
      ...{ token, at, look, done: 0, total: slots.length },
      ...{ rows: null, step: look.step, problem: null },
    };
    const put = (part: Partial<Alternatives>) => {
      if (!mine.signal.aborted) setAlternatives({ ...asked, ...part });
    };
    put({});
    try {
      const text = batchesOf(look, side.source.head.experiment.batch);
      const { results, look: now } = await instruments.askAll(side, text, requests, {
        signal: mine.signal,
        onProgress: (done, total) => put({ done, total }),
      });
      const rows = results.map(({ values: { own, later, passage } }, i) => ({
        ...{ slot: slots[i] ?? -1, own, later, passage },
      }));
      put({ rows, step: now.step });
    } catch (error) {
      put({ problem: error instanceof Error ? error.message : String(error) });
    }
  }

  return {
    alternatives,
    ask: (...question) => void ask(...question),
    cancel() {
      control.current?.abort();
      setAlternatives(null);
    },
  };
}
