/** All that instruments need; loaded with the first view of them. */
import type { FigureRequest } from '../../analysis/figures.ts';
import type { RunSource } from '../../analysis/source.ts';
import type { LibraryStore } from '../library.ts';
import type { RunStore } from '../runStore.ts';
import type { TrainerClient } from '../stores.ts';
import { type Asked, type AskOptions, askOnce } from './ask.ts';
import type { LookText, Side } from './looked.ts';
import { Looks } from './looks.ts';
import { createSidesStore, type SidesStore } from './sides.ts';
import type { FiguresThread } from './thread.ts';

export interface Instruments {
  /** Which models are looked at. */
  sides: SidesStore;
  looks: Looks;
  /** A figure with passes of its own: what if, contribution. */
  ask<R extends FigureRequest>(
    side: Side,
    text: LookText,
    request: R,
    options?: AskOptions,
  ): Promise<Asked<R>>;
}

export interface InstrumentsDeps {
  client: TrainerClient;
  run: RunStore;
  library: LibraryStore;
  live: RunSource;
}

export function createInstruments({ client, run, library, live }: InstrumentsDeps): Instruments {
  let opened: Promise<FiguresThread> | null = null;
  const thread = () => {
    opened ??= import('./openThread.ts').then(({ openFiguresThread }) => openFiguresThread());
    return opened;
  };
  const sides = createSidesStore({ live, library });
  return {
    sides,
    looks: new Looks({ client, run, sides, thread }),
    ask: (...question) => askOnce({ client, thread }, ...question),
  };
}
