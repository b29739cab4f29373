/** What running a recipe gives: units, and the result that they are merged into. No weights. */
import type { Experiment } from '../config/experiment.ts';
import type { Measured } from './measurement.ts';
import type { BudgetName, ResourceHeld } from './recipe.ts';

/** One run of a unit. */
export interface RunResult {
  variant: string;
  /** As it was trained, seeds and length included, without events that training added. */
  experiment: Experiment;
  steps: number;
  tokens: number;
  /** By the accounting with the run's vocabulary. */
  resources: Readonly<Record<ResourceHeld, number>>;
  /** FLOPs of all steps with the loads that were measured, null where they were not. */
  realisedFlops: number | null;
  /** Why the run ended before its last step: a loss that is not finite. Null for a whole run. */
  diverged: string | null;
}

/** Times of a unit; nothing else of it differs when it is repeated on the same adapter. */
export interface UnitTimes {
  /** ISO 8601, UTC. */
  begunAt: string;
  seconds: number;
}

/** What a result rests on: only units that agree in all of it may be merged. */
export interface Provenance {
  /** Of the product. */
  version: string;
  recipe: string;
  /** Digest of the recipe as it was run at this budget (`recipeDigest`). */
  digest: string;
  budget: BudgetName;
  /** Description of the adapter. */
  adapter: string;
}

/** Runs and measurements of a group of variants with one seed: the unit of a shard. */
export interface UnitResult extends Provenance {
  format: 1;
  kind: 'unit';
  /** `groupsOf` names it. */
  group: string;
  seed: number;
  runs: readonly RunResult[];
  /** By id of the measurement and of the variant. */
  measured: Readonly<Record<string, Readonly<Record<string, Measured>>>>;
  times: UnitTimes;
}

/** Of a recipe: all its units, by seed and then in order of the recipe's groups. */
export interface RecipeResult extends Provenance {
  format: 1;
  kind: 'recipe';
  units: readonly UnitResult[];
}
