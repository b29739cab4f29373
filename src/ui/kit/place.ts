/** Where a view stands: its row, and the run that it shows. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { RunHead, RunSource } from '../../analysis/source.ts';
import type { Explanation } from './explanation.ts';

/** What a view cannot do without. */
export interface Needs {
  /** A mixture-of-experts layer. */
  moe?: true;
  /** `any`: a step was taken, by whatever run is shown. */
  run?: 'any';
}

/** What the frame of a view tells of it. */
export interface PlaceRow {
  readonly id: string;
  /** Name of the view, by which it is found. */
  readonly title: string;
  /** Shorter name over the view itself. */
  readonly heading?: string;
  readonly needs: Needs;
}

export interface Place {
  row: PlaceRow;
  source: RunSource;
}

/** What the view around is for, as its panel says; null where there is nothing to say. */
export const AboutContext = createContext<Explanation | null>(null);

export const PlaceContext = createContext<Place | null>(null);

/** @throws Error outside of a view's place */
export function usePlace(): Place {
  const place = useContext(PlaceContext);
  if (place === null) throw new Error('a view needs a place around it');
  return place;
}

/** The run that the view around shows. */
export function useSource(): RunSource {
  return usePlace().source;
}

export function useHead(source: RunSource): RunHead {
  return useSyncExternalStore(source.subscribe, () => source.head);
}

/** The experiment of the run that the view around shows. */
export function useShownExperiment(): RunHead['experiment'] {
  return useHead(useSource()).experiment;
}

/** What keeps a view from showing anything, in a sentence; null when nothing does. */
export function useMissing({ row, source }: Place): string | null {
  return useSyncExternalStore(source.subscribe, () => {
    const { moe, run } = row.needs;
    if (moe && source.spaces(null).length === 0) return 'This model has no MoE layer.';
    if (run === 'any' && source.step === 0) return 'Nothing was trained yet: press Start.';
    return null;
  });
}
