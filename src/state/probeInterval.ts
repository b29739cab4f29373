/** How often the live run is asked probe tasks: a choice of this browser's person, for every run. */
import type { ViewStore } from './viewStore.ts';

export interface ProbeInterval {
  /** Steps between two times; 0: never. */
  every: number;
  /** Items of a task, at most. */
  items: number;
  seed: number;
}

/** Tells the trainer whenever the choice is another; the first is to ask for nothing. @returns how to stop */
export function followInterval(
  view: ViewStore,
  tell: (every: number, ask: Pick<ProbeInterval, 'items' | 'seed'>) => void,
): () => void {
  let told = '';
  const look = () => {
    const {
      every = 0,
      items = 1,
      seed = 1,
    } = (view.getState().own.probes ?? {}) as Partial<ProbeInterval>;
    const next = every > 0 ? [every, items, seed].join() : '';
    if (next === told) return;
    told = next;
    tell(every, { items, seed });
  };
  look();
  return view.subscribe(look);
}
