/** Where the product's own files lie, in Node: in the repository and in a packed runner alike. */
import { existsSync } from 'node:fs';

/** Whether this is the bundle of `npm run pack`, which has neither Vite nor a browser. */
export const isPacked = import.meta.env.MODE === 'packed';

/** The nearest folder above this module that holds a package.json. */
function findRoot(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('..', folder);
    if (parent.href === folder.href)
      throw new Error(`no folder above ${import.meta.url} holds a package.json`);
    folder = parent;
  }
  return folder;
}

/**
 * A file or, with '/' at its end, a folder of the product. The packed runner has what it carries at
 * the same places as the repository.
 *
 * @param path from the product's folder, e.g. `public/corpora/`
 */
export function productFile(path: string): URL {
  return new URL(path, findRoot());
}
