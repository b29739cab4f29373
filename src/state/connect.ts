import { DATABASE, isAnythingStored } from '../runs/databases.ts';
import { lazyLibrary } from '../runs/lazyLibrary.ts';
import type { Library } from '../runs/library.ts';
import { openRuns } from '../runs/locks.ts';
import { libraryOnce } from '../runs/openLibrary.ts';
import { createTrainerClient } from '../worker/client.ts';
import type { KeptStorage } from './keptRuns.ts';
import { createLab, type Lab, type LabOptions } from './lab.ts';
import { storeOnLeave } from './leaving.ts';
import { browserAddressBar } from './linkSync.ts';
import { storageOf } from './viewStore.ts';

/** Time that a page has to draw itself before the adapter is measured. */
const SETTLED_MS = 700;

/** Kept runs go to the library by code that is loaded with the first. */
function keptIn(library: Library): KeptStorage {
  let opened: Promise<KeptStorage> | null = null;
  const storage = () => {
    opened ??= import('./keptStorage.ts').then((module) => module.keptStorageOf(library));
    return opened;
  };
  return {
    put: async (run, look) => (await storage()).put(run, look),
    remove: async (id) => (await storage()).remove(id),
  };
}

/**
 * The lab of a real page: a trainer in its worker, the address bar, local storage.
 * @param views fields of the page's views, and its rooms for other pages
 */
export function connect(
  page: Window,
  views: Required<Pick<LabOptions, 'viewFields' | 'embedRooms'>>,
): Lab {
  const client = createTrainerClient();
  const library = lazyLibrary({
    open: libraryOnce(true, () => client.memory()),
    isThere: isAnythingStored,
    channel: 'BroadcastChannel' in page ? new BroadcastChannel(DATABASE) : null,
  });
  const lab = createLab({
    client,
    bar: browserAddressBar(page),
    storage: storageOf(page),
    ...views,
    keptStorage: keptIn(library),
    library,
    async readRecorded(name) {
      const { fetchRecorded } = await import('../data/fetchSource.ts');
      return fetchRecorded(name, { base: page.document.baseURI, origin: page.location.origin });
    },
    async openRuns() {
      const { queuedInBrowser } = await import('../runs/queuedInBrowser.ts');
      const open = await openRuns(page.navigator.locks ?? null);
      return new Set([...open, ...(await queuedInBrowser())]);
    },
    whenIdle: (task) => setTimeout(task, SETTLED_MS),
  });
  storeOnLeave(page, client.flush, () => {
    const { phase, step, recording } = lab.run.getState();
    return phase === 'running' || step > (recording?.step ?? 0);
  });
  client.prepare(lab.config.getState().experiment);
  return lab;
}
