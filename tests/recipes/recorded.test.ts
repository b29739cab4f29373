/** What is recorded is read as any file is, is of today's recipes, and says what docs/CLAIMS.md says. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRecorded } from '../../src/cli/recipeRun.ts';
import { claimsText } from '../../src/recipes/claimsText.ts';
import { recipeDigest } from '../../src/recipes/digest.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import { recordedIndex } from '../../src/recipes/recordedIndex.ts';
import { secondSets, secondSetText } from '../../src/recipes/secondSetText.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const FOLDER = path('public/recorded/');
const recorded = existsSync(FOLDER) ? await readRecorded(FOLDER, RECIPES) : [];

describe('recorded results', () => {
  it('are of the recipes as they are today', () => {
    const stale = recorded.filter(({ recipe, budget, digest }) => {
      return recipeDigest(recipeNamed(recipe), budget) !== digest;
    });
    expect(stale.map(({ recipe }) => recipe)).toEqual([]);
  });

  it('stand in the index that the page reads first', () => {
    const index = JSON.parse(readFileSync(`${FOLDER}index.json`, 'utf8'));
    expect(index).toEqual(recordedIndex(RECIPES, recorded));
  });

  it('give the text of docs/CLAIMS.md', () => {
    expect(readFileSync(path('docs/CLAIMS.md'), 'utf8')).toBe(claimsText(recorded));
  });

  it('predict what docs/second-set.md says of other seeds', () => {
    const { found } = JSON.parse(readFileSync(path('docs/second-set.json'), 'utf8'));
    const text = secondSetText(secondSets(RECIPES, recorded, found));
    expect(readFileSync(path('docs/second-set.md'), 'utf8')).toBe(text);
  });
});
