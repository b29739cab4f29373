/** Values by seed: which count, which are left out, and what is refused. */

/** Why a test is refused. `seeds`: fewer than three; `settings`: too few, or one twice in an optimum. */
export const REFUSALS = ['seeds', 'twice', 'value', 'reference', 'margin', 'settings'] as const;

export type RefusalReason = (typeof REFUSALS)[number];

/** A test that cannot be made; the message names what is wrong with its numbers. */
export class Refusal extends RangeError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

/** Fewest seeds of a test. */
export const FEWEST_SEEDS = 3;

/** A seed's number and its value; null is a gap, for which the seed is left out. */
export type SeedValue = readonly [seed: number, value: number | null];

/** A seed's values, one per setting. */
export type SeedRow = readonly [seed: number, values: readonly (number | null)[]];

/** Rows that count, by ascending seed, and the seeds that are left out. */
export interface Matched {
  rows: { seed: number; values: number[] }[];
  leftOut: number[];
}

/** @throws Refusal for fewer than three seeds */
export function requireSeeds(n: number): void {
  if (n < FEWEST_SEEDS)
    throw new Refusal(
      'seeds',
      `${n} ${n === 1 ? 'seed counts' : 'seeds count'}; a test needs at least ${FEWEST_SEEDS}`,
    );
}

/**
 * Seeds that have a value in every column.
 * @throws Refusal for a seed twice, a value that is no finite number, or fewer than three seeds
 */
export function matchRows(rows: readonly SeedRow[]): Matched {
  const seen = new Set<number>();
  for (const [seed, values] of rows) {
    if (seen.has(seed)) throw new Refusal('twice', `seed ${seed} is there twice`);
    seen.add(seed);
    const odd = values.find((value) => value !== null && !Number.isFinite(value));
    if (odd !== undefined)
      throw new Refusal('value', `seed ${seed}: ${odd} is no finite number; its run diverged`);
  }
  const sorted = [...rows].sort(([a], [b]) => a - b);
  const whole = sorted.flatMap(([seed, values]) => {
    const known = values.filter((value) => value !== null);
    return known.length === values.length ? [{ seed, values: known }] : [];
  });
  const counted = new Set(whole.map(({ seed }) => seed));
  const leftOut = sorted.map(([seed]) => seed).filter((seed) => !counted.has(seed));
  requireSeeds(whole.length);
  return { rows: whole, leftOut };
}

/** Lists of values per column as rows by seed: a seed that a column lacks has a gap there. */
export function rowsOf(columns: readonly (readonly SeedValue[])[]): SeedRow[] {
  for (const column of columns) {
    const seeds = column.map(([seed]) => seed);
    const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
    if (twice !== undefined) throw new Refusal('twice', `seed ${twice} is there twice`);
  }
  const all = new Set(columns.flatMap((column) => column.map(([seed]) => seed)));
  const maps = columns.map((column) => new Map(column));
  return [...all].map((seed) => [seed, maps.map((values) => values.get(seed) ?? null)]);
}

/** Mean and deviation of the sample; values that are all equal have no spread, and are their mean. */
export function meanAndDeviation(values: readonly number[]): { d: number; s: number } {
  const first = values[0]!;
  if (values.every((value) => value === first)) return { d: first, s: 0 };
  const d = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - d) ** 2, 0);
  return { d, s: Math.sqrt(squares / (values.length - 1)) };
}
