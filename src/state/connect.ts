import { lazyLibrary } from '../runs/lazyLibrary.ts';
import { openRuns } from '../runs/locks.ts';
import { libraryOnce } from '../runs/openLibrary.ts';
import { createTrainerClient } from '../worker/client.ts';
import { keptStorageOf } from './keptStorage.ts';
import { createLab, type Lab } from './lab.ts';
import { browserAddressBar } from './linkSync.ts';
import { storageOf, type ViewFields } from './viewStore.ts';

/** Time that a page has to draw itself before the adapter is measured. */
const SETTLED_MS = 700;

/**
 * The lab of a real page: a trainer in its worker, the address bar, local storage.
 * @param viewFields fields of the page's views
 */
export function connect(page: Window, viewFields: ViewFields): Lab {
  const client = createTrainerClient();
  const lab = createLab({
    client,
    bar: browserAddressBar(page),
    storage: storageOf(page),
    viewFields,
    keptStorage: keptStorageOf(page),
    library: lazyLibrary(libraryOnce(true, () => client.memory())),
    openRuns: async () => openRuns(page.navigator.locks ?? null),
    whenIdle: (task) => setTimeout(task, SETTLED_MS),
  });
  client.prepare(lab.config.getState().experiment);
  return lab;
}
