/** A queue over tables that outlive it, on engines that need no GPU. */

import type { QueueEvent } from '../../src/queue/items.ts';
import { mergedRecipes } from '../../src/queue/merged.ts';
import { Queue } from '../../src/queue/queue.ts';
import type { QueueDeps } from '../../src/queue/queueDeps.ts';
import { QueueStore } from '../../src/queue/queueStore.ts';
import { recipeJob } from '../../src/queue/recipeJob.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import type { Library } from '../../src/runs/library.ts';
import { runLocks } from '../../src/runs/locks.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { memoryTables } from '../../src/runs/memoryTables.ts';
import { recordRun } from '../../src/runs/recorder.ts';
import type { Tables } from '../../src/runs/tables.ts';
import { createSerial } from '../../src/train/session/serial.ts';
import { RECIPE } from '../train/recipes/recipe.ts';
import { FakeDevice, fakeText } from '../train/support.ts';

/** What a run's own telemetry tells: it needs no kernels. */
export const PLAIN: Recipe = {
  ...RECIPE,
  variants: RECIPE.variants.filter(({ derived }) => derived === undefined),
  measurements: RECIPE.measurements.filter(({ id }) => ['loss', 'training'].includes(id)),
};
/** Another recipe with the same runs, and one more. */
export const OTHER: Recipe = { ...PLAIN, name: 'tiny-2', title: 'Other' };

/** One whose second run is as wide as the loss of the first tells. */
export const DERIVED: Recipe = {
  ...PLAIN,
  ...{ name: 'tiny-3', title: 'Derived', held: [] },
  variants: [
    PLAIN.variants[0]!,
    {
      ...{ id: 'wide', label: 'Wide', edits: {} },
      derived: { from: { read: 'loss', field: 'ce', of: 'a' }, sets: 'width', step: 4 },
    },
  ],
};

export interface Lab {
  tables: Tables;
  library: Library;
  /** Texts that were prepared: a session each. */
  opened: number;
  /** Called whenever a session is opened. */
  onOpen(): void;
  /** Called whenever a device is asked for. */
  onDevice(): void;
  /** Times that the adapter was measured. */
  measured: number;
  isOpen(id: string): boolean;
  /** Tabs that are open; null where they do not hear of each other. */
  tabs: Set<EventTarget> | null;
  /** The tab that has the right to work. */
  owner: object | null;
}

/** As the browser's: whoever posts does not hear it, closed tabs say nothing, structures are cloned. */
function channelOf(tabs: Set<EventTarget>): QueueDeps['channel'] {
  const tab = new EventTarget();
  tabs.add(tab);
  return {
    addEventListener: tab.addEventListener.bind(tab) as BroadcastChannel['addEventListener'],
    postMessage(sent: unknown) {
      const data = structuredClone(sent);
      for (const other of tabs.has(tab) ? tabs : [])
        if (other !== tab)
          queueMicrotask(() => other.dispatchEvent(new MessageEvent('message', { data })));
    },
  };
}

export function lab(): Lab {
  const kept = { tables: memoryTables(), library: memoryLibrary() };
  return {
    ...kept,
    ...{ opened: 0, measured: 0, owner: null, tabs: new Set<EventTarget>() },
    ...{ onOpen: () => undefined, onDevice: () => undefined, isOpen: () => false },
  };
}

/** @param isBeside in another tab; else the tab before was closed */
export async function openQueue(
  of: Lab,
  events: QueueEvent[] = [],
  isBeside = false,
): Promise<Queue> {
  const tab = {};
  if (!isBeside) {
    of.owner = null;
    of.tabs?.clear();
  }
  const device = new FakeDevice();
  const { measure } = device;
  device.measure = (signal) => {
    of.measured += 1;
    return measure(signal);
  };
  const recipes = [PLAIN, OTHER, DERIVED];
  const deps = {
    library: async () => ({ library: of.library, denied: null }),
    locks: runLocks(null),
    inTurn: createSerial(),
    now: Date.now,
  };
  const queue = await Queue.open({
    measure: {
      async requestDevice() {
        of.onDevice();
        return device;
      },
      requestGpu: () => Promise.reject(new Error('there is no GPU')),
      async prepareText(experiment) {
        of.opened += 1;
        of.onOpen();
        return fakeText(experiment);
      },
    },
    store: new QueueStore(of.tables),
    recording: {
      record: (...opening) => recordRun(deps, ...opening),
      library: async () => of.library,
      isOpen: (id) => of.isOpen(id),
    },
    async jobOf(request) {
      const recipe = recipes.find((one) => request.kind === 'recipe' && one.name === request.name);
      if (recipe === undefined || request.kind !== 'recipe') throw new RangeError('no such recipe');
      return recipeJob(recipe, request);
    },
    misfit: async () => null,
    merged: { recipes: (units) => mergedRecipes(recipes, units), sweep: () => null },
    // As locks of browsers: whoever asks twice at once is refused the second time.
    async hold() {
      if (of.owner !== null) return of.owner === tab;
      of.owner = {};
      await Promise.resolve();
      of.owner = tab;
      return true;
    },
    release() {
      if (of.owner === tab) of.owner = null;
    },
    channel: of.tabs && channelOf(of.tabs),
    now: Date.now,
  });
  await queue.subscribe((event) => events.push(event));
  return queue;
}
