/** What `npm run recipe` and `npm run sweep` are told. */
import { parseArgs } from 'node:util';
import { MAX_SEED } from '../config/settings.ts';
import { BUDGETS, type BudgetName } from '../recipes/recipe.ts';

export interface Shard {
  /** From 0. */
  index: number;
  of: number;
}

export interface WorkArguments {
  names: readonly string[];
  budget: BudgetName;
  /** Numbers of the seeds; null: those of the recipe. */
  seeds: readonly number[] | null;
  shard: Shard;
  out: string;
  resume: boolean;
}

/** Most seeds of one call. */
const MAX_SEEDS = 1000;

/** "3": the seeds 1, 2, 3; "4-6": these. @throws RangeError for anything else */
export function seedsOf(text: string): number[] {
  const [, first = '1', last] = /^(?:(\d+)-)?(\d+)$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from >= 1 && to >= from && to - from < MAX_SEEDS && to <= MAX_SEED))
    throw new RangeError(
      `--seeds ${text} is neither a number of seeds, 1 to ${MAX_SEEDS}, nor a range as 4-6, up to ${MAX_SEED}`,
    );
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** "0/4" … "3/4". @throws RangeError for anything else */
export function shardOf(text: string): Shard {
  const [, index = Number.NaN, of = Number.NaN] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.of >= 1 && shard.index < shard.of) return shard;
  throw new RangeError(`--shard ${text} is not i/n with 0 ≤ i < n`);
}

/** Every n-th of some units, from the i-th on. */
export function inShard<T>(units: readonly T[], { index, of }: Shard): T[] {
  return units.filter((_, i) => i % of === index);
}

function budgetOf(text: string): BudgetName {
  const budget = BUDGETS.find((name) => name === text);
  if (budget !== undefined) return budget;
  throw new RangeError(`--budget ${text} is none; there are ${BUDGETS.join(', ')}`);
}

/** Options of both commands. */
export const SWEEP_OPTIONS = {
  seeds: { type: 'string' },
  shard: { type: 'string', default: '0/1' },
  out: { type: 'string', default: 'results' },
  resume: { type: 'boolean', default: false },
} as const;

const RECIPE_OPTIONS = { ...SWEEP_OPTIONS, budget: { type: 'string', default: 'quick' } } as const;

/**
 * @param options a sweep has no budgets
 * @throws TypeError or RangeError for wrong usage
 */
export function parseWork(
  argv: readonly string[],
  what: string,
  options: typeof SWEEP_OPTIONS | typeof RECIPE_OPTIONS = RECIPE_OPTIONS,
): WorkArguments {
  const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options });
  if (positionals.length === 0) throw new RangeError(`${what} is needed`);
  return {
    names: positionals,
    budget: budgetOf('budget' in values ? String(values.budget) : 'quick'),
    seeds: values.seeds === undefined ? null : seedsOf(values.seeds),
    shard: shardOf(values.shard),
    out: values.out,
    resume: values.resume,
  };
}

export interface MergeArguments {
  files: readonly string[];
  out: string;
}

/** @throws TypeError or RangeError for wrong usage */
export function parseMerge(argv: readonly string[]): MergeArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { out: { type: 'string' } },
  });
  if (positionals.length === 0) throw new RangeError('FILES to merge are needed');
  if (values.out === undefined) throw new RangeError('--out FILE is needed');
  return { files: positionals, out: values.out };
}
