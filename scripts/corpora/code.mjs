import { readdirSync } from 'node:fs';
import { readText } from './packages.mjs';

/** Bundles and builds of the same functions, which would only repeat the modules. */
const BUNDLES = /^(lodash|core)(\.min)?\.js$/;

/** JavaScript: one document per module of lodash (one function each), by file name. */
export const code = {
  name: 'code',
  title: 'lodash, its modules with their comments',
  domain: 'Program code',
  package: 'lodash',
  /** @param {import('./packages.mjs').SourcePackage} source */
  documents(source) {
    return readdirSync(source.directory)
      .filter((file) => file.endsWith('.js') && !BUNDLES.test(file))
      .sort()
      .map((file) => readText(source, file));
  },
};
