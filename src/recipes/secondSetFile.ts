/** What second sets gave, as docs/second-set.json keeps it, by claim. */
import { digestOf } from './canonical.ts';
import { seedsOf } from './merge.ts';
import type { Effect, Recipe } from './recipe.ts';
import type { RecipeResult } from './result.ts';
import type { Outcome } from './secondSet.ts';

export interface Found {
  /** Digests of the recipe and of its primary effect: what the outcome is of. */
  digest: string;
  effect: string;
  outcome: Outcome;
}

export type FoundSets = Readonly<Record<string, Found>>;

/** An effect without its words and its margin: what its mean is made of. */
function definitionOf({
  label: _label,
  margin: _margin,
  marginReason: _reason,
  ...effect
}: Effect): object {
  return effect.test === 'parts' ? { ...effect, parts: effect.parts.map(definitionOf) } : effect;
}

const effectDigest = ({ primary }: Recipe): string =>
  primary === null ? '' : digestOf(definitionOf(primary));

export function foundOf(recipe: Recipe, { digest }: RecipeResult, outcome: Outcome): Found {
  return { digest, effect: effectDigest(recipe), outcome };
}

/**
 * What is kept of a claim's second set, where it is of the recipe and of the effect as they are, and of
 * other seeds than the first set.
 */
export function keptOf(recipe: Recipe, first: RecipeResult, found: FoundSets): Found | null {
  const kept = found[recipe.name];
  if (kept === undefined || kept.digest !== first.digest) return null;
  const taken = seedsOf(first);
  const isOther = !kept.outcome.seeds.some((seed) => taken.includes(seed));
  return kept.effect === effectDigest(recipe) && isOther ? kept : null;
}
