/** Installed npm packages as sources of text. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ name: string, version: string, license: string, directory: string }} SourcePackage
 */

/**
 * Finds an installed package, from this file's folder upwards.
 * @param {string} name
 * @returns {SourcePackage}
 * @throws {Error} when it is not installed
 */
export function findPackage(name) {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const directory = join(folder, 'node_modules', name);
    const manifest = join(directory, 'package.json');
    if (existsSync(manifest)) {
      const { version, license } = JSON.parse(readFileSync(manifest, 'utf8'));
      return { name, version, license, directory };
    }
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error(
        `The corpora need the npm package ${name}, which is missing: run npm install.`,
      );
    }
    folder = parent;
  }
}

/**
 * Text of a file of a package, with Unix line ends.
 * @param {SourcePackage} source
 * @param {string[]} path
 */
export function readText(source, ...path) {
  return readFileSync(join(source.directory, ...path), 'utf8').replace(/\r\n?/g, '\n');
}
