/** `npm run recipe -- NAME`: runs a claim of a paper on this machine's GPU. */
import { fileURLToPath } from 'node:url';
import { productFile } from '../data/productFiles.ts';
import { claimsText } from '../recipes/claimsText.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { CliIo } from './io.ts';
import { ownDevice } from './ownDevice.ts';
import { recipeCommand } from './recipeRun.ts';

export { USAGE } from './recipeRun.ts';

const PLACES = {
  recorded: fileURLToPath(productFile('public/recorded/')),
  claims: fileURLToPath(productFile('docs/CLAIMS.md')),
  second: fileURLToPath(productFile('docs/second-set')),
};

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const { deps, destroy } = ownDevice();
  try {
    return await recipeCommand(argv, io, { ...deps, recipes: RECIPES, claimsText, places: PLACES });
  } finally {
    await destroy();
  }
}
