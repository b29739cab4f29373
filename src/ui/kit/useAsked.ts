/** Questions with passes of their own: asked when a person says so, with progress, and cancelled. */
import { useEffect, useRef, useState } from 'react';
import type { FigureRequest } from '../../analysis/figures.ts';
import type { AskedOne } from '../../state/looks/ask.ts';
import type { LookText, Side } from '../../state/looks/looked.ts';
import { useInstruments, useSides } from './instruments.ts';

/** What became of a question to one side. */
export interface AskState<R extends FigureRequest> {
  side: Side;
  /** Passes made, of all; null while nothing is asked. */
  progress: readonly [done: number, total: number] | null;
  asked: (AskedOne<R> & { request: R }) | null;
  problem: string | null;
}

export interface AskedSides<R extends FigureRequest> {
  /** Of every side that is looked at. */
  states: readonly AskState<R>[];
  isAsking: boolean;
  ask(request: R): void;
  cancel(): void;
}

/** Whose answer it is: of a run at a checkpoint, or of the live run, on a text. */
function nameOf({ subject, source }: Side, text: LookText): string {
  return `${JSON.stringify([subject, text])} ${source.head.id}`;
}

/** Asks every side, one after the other, and keeps each one's last answer while its run and text are shown. */
export function useAsked<R extends FigureRequest>(text: LookText): AskedSides<R> {
  const { ask: askOf } = useInstruments();
  const sides = useSides((s) => s.sides);
  const [known, setKnown] = useState<ReadonlyMap<string, Omit<AskState<R>, 'side'>>>(new Map());
  const [asking, setAsking] = useState<AbortController | null>(null);
  const last = useRef<AbortController | null>(null);
  last.current = asking;
  useEffect(() => () => last.current?.abort(), []);

  const put = (name: string, part: Partial<AskState<R>>) =>
    setKnown((before) => {
      const old = before.get(name) ?? { progress: null, asked: null, problem: null };
      return new Map(before).set(name, { ...old, ...part });
    });

  async function askAll(request: R, controller: AbortController): Promise<void> {
    const { signal } = controller;
    for (const side of sides) {
      if (signal.aborted) break;
      // Another run may be the live one by the time that this one answers.
      const name = nameOf(side, text);
      put(name, { progress: [0, 0], problem: null });
      try {
        const asked = await askOf(side, text, request, {
          signal,
          onProgress: (done, total) => put(name, { progress: [done, total] }),
        });
        put(name, { progress: null, asked: { ...asked, request } });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        put(name, { progress: null, problem: signal.aborted ? null : problem });
      }
    }
    setAsking((now) => (now === controller ? null : now));
  }

  return {
    states: sides.map((side) => ({
      side,
      ...(known.get(nameOf(side, text)) ?? { progress: null, asked: null, problem: null }),
    })),
    isAsking: asking !== null,
    ask(request) {
      asking?.abort();
      const controller = new AbortController();
      setAsking(controller);
      void askAll(request, controller);
    },
    cancel: () => asking?.abort(),
  };
}
