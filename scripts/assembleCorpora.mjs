/**
 * Assembles the corpora: static text files made from installed npm packages, and their index.
 *
 *     node scripts/assembleCorpora.mjs [folder]      (default: public/corpora)
 *
 * The same package versions and scripts give the same bytes; a folder that is up to date is left
 * alone, which the index's fingerprint and the files' sizes tell.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arithmetic } from './corpora/arithmetic.mjs';
import { code } from './corpora/code.mjs';
import { assembleText, MAX_BYTES, SEPARATOR } from './corpora/format.mjs';
import { languages } from './corpora/languages.mjs';
import { findPackage } from './corpora/packages.mjs';
import { prose } from './corpora/prose.mjs';
import { speeches } from './corpora/speeches.mjs';

const RECIPES = [prose, speeches, code, arithmetic, languages];
const here = fileURLToPath(new URL('.', import.meta.url));

/** Where a corpus comes from; our own generator has the project's version and licence. */
function sourceOf(recipe) {
  if (recipe.package !== null) return findPackage(recipe.package);
  const { name, version, license } = JSON.parse(
    readFileSync(join(here, '../package.json'), 'utf8'),
  );
  return { name, version, license, directory: here };
}

/** SHA-256 over all that the corpora depend on: these scripts and the packages' versions. */
function fingerprintOf(sources) {
  const hash = createHash('sha256');
  for (const file of readdirSync(join(here, 'corpora')).sort()) {
    hash.update(readFileSync(join(here, 'corpora', file)));
  }
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const { name, version } of sources) hash.update(`${name}@${version}\n`);
  return hash.digest('hex');
}

function isUpToDate(folder, fingerprint) {
  try {
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    return (
      index.fingerprint === fingerprint &&
      index.corpora.every(({ name, bytes }) => statSync(join(folder, `${name}.txt`)).size === bytes)
    );
  } catch {
    return false; // no index, or one that cannot be read: assemble
  }
}

/** Through a temporary name, so that an interruption leaves no half file. */
function write(path, content) {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

/**
 * @param {string} folder
 * @returns {boolean} whether anything was written
 */
export function assembleCorpora(folder) {
  const sources = RECIPES.map(sourceOf);
  const fingerprint = fingerprintOf(sources);
  if (isUpToDate(folder, fingerprint)) return false;
  mkdirSync(folder, { recursive: true });
  const corpora = RECIPES.map((recipe, i) => {
    const { name: packageName, version, license } = sources[i];
    const { text, ...facts } = assembleText(recipe.documents(sources[i]));
    write(join(folder, `${recipe.name}.txt`), text);
    const { name, title, domain } = recipe;
    return { name, title, domain, source: { package: packageName, version, license }, ...facts };
  });
  const index = { version: 1, fingerprint, separator: SEPARATOR, maxBytes: MAX_BYTES, corpora };
  write(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(here, '../public/corpora');
  try {
    console.log(assembleCorpora(folder) ? 'Assembled the corpora.' : 'The corpora are up to date.');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
