/** How views look at models. */
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { FigureRequest } from '../../analysis/figures.ts';
import { createInstruments, type Instruments } from '../../state/looks/instruments.ts';
import type { Answer, LookText } from '../../state/looks/looked.ts';
import type { SideAnswers, Watch } from '../../state/looks/looks.ts';
import type { SidesState } from '../../state/looks/sides.ts';
import type { StoredProbesState } from '../../state/looks/storedProbes.ts';
import { lookTextOf, type SubjectFields } from '../../state/looks/subjectFields.ts';
import { useLab, useView } from './useLab.tsx';

export function useInstruments(): Instruments {
  return useLab().instruments(createInstruments);
}

/** The text that all instruments look at. */
export function useLookText(): LookText {
  const own = useView((s) => s.own.subject);
  return useMemo(() => lookTextOf((own ?? {}) as unknown as SubjectFields), [own]);
}

export function useSides<T>(select: (state: SidesState) => T): T {
  return useStore(useInstruments().sides, select);
}

/** Probe tasks that are put to stored runs. */
export function useStoredProbes(): StoredProbesState {
  return useStore(useInstruments().storedProbes);
}

/** What one side answers to some requests. */
export type SideFigures<R extends readonly FigureRequest[]> = Omit<SideAnswers, 'answers'> & {
  answers: { readonly [I in keyof R]: Answer<R[I]> };
};

/**
 * Figures of every side on a text, again and again while a live run trains; nothing is looked at
 * while the view is closed.
 * @param requests compared by what they say, not by which array they are
 */
export function useFigures<const R extends readonly FigureRequest[]>(
  text: LookText,
  requests: R,
): readonly SideFigures<R>[] {
  const { looks } = useInstruments();
  const key = JSON.stringify([text, requests]);
  const watch = useRef<Watch | null>(null);
  const subscribe = useCallback(
    (notify: () => void) => {
      const [text, requests]: [LookText, FigureRequest[]] = JSON.parse(key);
      const started = looks.watch(text, requests, notify);
      watch.current = started;
      return () => {
        started.stop();
        if (watch.current === started) watch.current = null;
      };
    },
    [looks, key],
  );
  const nothing = useMemo((): readonly SideAnswers[] => [], []);
  const answers = useSyncExternalStore(subscribe, () => watch.current?.answers() ?? nothing);
  return answers as unknown as readonly SideFigures<R>[];
}
