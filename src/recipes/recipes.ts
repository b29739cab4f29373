/** All claims as recipes: the five papers' in their order, then those of balancing mechanisms. */
import { budget } from './claims/balancing/budget.ts';
import { mechanisms } from './claims/balancing/mechanisms.ts';
import { arrangement, normalisation, reuse, topK } from './claims/equalres/choices.ts';
import { compute, region, sizes } from './claims/equalres/rates.ts';
import { depth as distilDepth, start } from './claims/ladimo/distil.ts';
import { adaptive, domain, layers, place } from './claims/ladimo/quality.ts';
import { loss, balance as sizesBalance } from './claims/modse/loss.ts';
import { speed } from './claims/modse/speed.ts';
import { reduction, wider } from './claims/modse/tokens.ts';
import { residuals, simple } from './claims/moepp/router.ts';
import { constants, kinds } from './claims/moepp/space.ts';
import { quality, throughput } from './claims/moepp/time.ts';
import { curve, sets } from './claims/tcmoe/budget.ts';
import { contributions, depth, balance as pairBalance } from './claims/tcmoe/slots.ts';
import type { Recipe } from './recipe.ts';

export const RECIPES: readonly Recipe[] = [
  ...[loss, sizesBalance, reduction, wider, speed],
  ...[throughput, quality, kinds, residuals, constants, simple],
  ...[sets, curve, contributions, depth, pairBalance],
  ...[region, compute, sizes, reuse, arrangement, normalisation, topK],
  ...[start, distilDepth, layers, place, domain, adaptive],
  ...[mechanisms, budget],
];

/** @throws RangeError that lists the names for one that there is not */
export function recipeNamed(name: string): Recipe {
  const recipe = RECIPES.find((one) => one.name === name);
  if (recipe !== undefined) return recipe;
  throw new RangeError(
    `there is no recipe "${name}"; there are ${RECIPES.map((one) => one.name).join(', ')}`,
  );
}
