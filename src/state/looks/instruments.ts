/** All that instruments need; loaded with the first view of them. */
import type { InterventionsArgs } from '../../analysis/figures/interventions.ts';
import type { FigureRequest } from '../../analysis/figures.ts';
import type { RunSource } from '../../analysis/source.ts';
import type { PassText } from '../../worker/api.ts';
import type { LibraryStore } from '../library.ts';
import type { RunStore } from '../runStore.ts';
import type { TrainerClient } from '../stores.ts';
import {
  type Asked,
  type AskedOne,
  type AskOptions,
  askAll,
  askWhatIf,
  type WhatIf,
} from './ask.ts';
import type { ResultOf, Side } from './looked.ts';
import { Looks } from './looks.ts';
import { createSidesStore, type SidesStore } from './sides.ts';
import { createStoredProbes, type StoredProbesStore } from './storedProbes.ts';
import type { FiguresThread } from './thread.ts';

export interface Instruments {
  /** Which models are looked at. */
  sides: SidesStore;
  looks: Looks;
  /** Probe tasks of stored runs. */
  storedProbes: StoredProbesStore;
  /** A figure with passes of its own: what if, contribution. */
  ask<R extends FigureRequest>(
    side: Side,
    text: PassText,
    request: R,
    options?: AskOptions,
  ): Promise<AskedOne<R>>;
  /** Several of them at the same parameters. */
  askAll<R extends FigureRequest>(
    side: Side,
    text: PassText,
    requests: readonly R[],
    options?: AskOptions,
  ): Promise<Asked<R>>;
  /** What interventions change, and every token's path with them. */
  whatIf(
    side: Side,
    text: PassText,
    args: InterventionsArgs,
    options?: Pick<AskOptions, 'signal'>,
  ): Promise<WhatIf>;
}

export interface InstrumentsDeps {
  client: TrainerClient;
  run: RunStore;
  library: LibraryStore;
  live: RunSource;
}

export function createInstruments({ client, run, library, live }: InstrumentsDeps): Instruments {
  let opened: Promise<FiguresThread> | null = null;
  // Who asks next opens another one.
  const forget = () => {
    opened = null;
  };
  const thread = () => {
    opened ??= import('./openThread.ts')
      .then(({ openFiguresThread }) => openFiguresThread(forget))
      .catch((error: unknown) => {
        forget();
        throw error;
      });
    return opened;
  };
  const deps = { client, thread };
  const sides = createSidesStore({ live, library });
  return {
    sides,
    looks: new Looks({ client, run, sides, thread }),
    storedProbes: createStoredProbes({ client, library, sides }),
    async ask<R extends FigureRequest>(
      side: Side,
      text: PassText,
      request: R,
      options?: AskOptions,
    ) {
      const { results, look } = await askAll(deps, side, text, [request], options);
      return { result: results[0] as ResultOf<R>, look };
    },
    askAll: (...question) => askAll(deps, ...question),
    whatIf: (...question) => askWhatIf(deps, ...question),
  };
}
