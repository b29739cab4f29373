/** Units of a recipe put together, in any order, as often as one likes. */
import { canonical } from './canonical.ts';
import { groupsOf } from './groups.ts';
import type { Measured, MeasurementKind } from './measurement.ts';
import type { Recipe } from './recipe.ts';
import type { Provenance, RecipeResult, UnitResult } from './result.ts';
import type { Read } from './term.ts';

/** Fields that are times, or made of them, by kind of measurement. */
const TIME_FIELDS: Partial<Record<MeasurementKind, readonly string[]>> = {
  times: ['ms', 'rounds'],
  conversion: ['prefill', 'msStatic', 'msAdaptive'],
};

const PROVENANCE = ['recipe', 'version', 'digest', 'budget', 'adapter'] as const;

/** What a unit or a result rests on. */
export function provenanceOf({ version, recipe, digest, budget, adapter }: Provenance): Provenance {
  return { version, recipe, digest, budget, adapter };
}

function withoutFields(fields: Measured, left: readonly string[]): Measured {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !left.includes(name)));
}

/** Whether what a term reads is a time, or made of one. */
export function readsTime(recipe: Recipe, { read, field }: Pick<Read, 'read' | 'field'>): boolean {
  const kind = recipe.measurements.find(({ id }) => id === read)?.kind;
  return kind !== undefined && (TIME_FIELDS[kind] ?? []).includes(field);
}

/** The unit without its times and what is made of them: the same when it is run again. */
export function timeless(recipe: Recipe, unit: UnitResult): object {
  const { times: _times, measured, ...rest } = unit;
  const kinds = new Map(recipe.measurements.map(({ id, kind }) => [id, kind]));
  const kept = Object.entries(measured).map(([id, variants]) => {
    const left = TIME_FIELDS[kinds.get(id) ?? 'validation'] ?? [];
    const entries = Object.entries(variants).map(([variant, fields]) => [
      variant,
      withoutFields(fields, left),
    ]);
    return [id, Object.fromEntries(entries)];
  });
  return { ...rest, measured: Object.fromEntries(kept) };
}

/** @throws RangeError that names both values of the first thing in which two rest on unlike grounds */
function requireAlike(all: readonly Provenance[]): void {
  const [first] = all;
  for (const other of all) {
    for (const name of PROVENANCE) {
      if (first![name] === other[name]) continue;
      throw new RangeError(
        `results of unlike ${name} are not merged: "${first![name]}" and "${other[name]}"`,
      );
    }
  }
}

/** Of two results of one unit the one that began first. @throws RangeError where they are not equal but for times */
function oneOf(recipe: Recipe, a: UnitResult, b: UnitResult): UnitResult {
  if (canonical(timeless(recipe, a)) !== canonical(timeless(recipe, b)))
    throw new RangeError(
      `${a.recipe}: two results of group ${a.group} with seed ${a.seed} differ in more than times`,
    );
  const [keyA, keyB] = [a, b].map((unit) => unit.times.begunAt + canonical(unit));
  return keyA! <= keyB! ? a : b;
}

/**
 * Merges units of one recipe: associative, idempotent, in any order.
 * @throws RangeError for none, for unlike versions, settings or adapters, for a group that the recipe
 *   does not have, for two unlike results of one unit
 */
export function mergeUnits(recipe: Recipe, units: readonly UnitResult[]): RecipeResult {
  const [first] = units;
  if (first === undefined) throw new RangeError(`${recipe.name}: there is nothing to merge`);
  requireAlike([...units, { ...provenanceOf(first), recipe: recipe.name }]);
  const groups = groupsOf(recipe).map(({ id }) => id);
  const merged = new Map<string, UnitResult>();
  for (const unit of units) {
    if (!groups.includes(unit.group))
      throw new RangeError(
        `${recipe.name} has no group "${unit.group}"; it has ${groups.join(', ')}`,
      );
    const key = `${unit.seed} ${unit.group}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? unit : oneOf(recipe, known, unit));
  }
  const place = ({ group }: UnitResult) => groups.indexOf(group);
  const sorted = [...merged.values()].sort((a, b) => a.seed - b.seed || place(a) - place(b));
  return { format: 1, kind: 'recipe', ...provenanceOf(first), units: sorted };
}

/** Merges results and units of one recipe. @throws as `mergeUnits` */
export function mergeResults(
  recipe: Recipe,
  parts: readonly (RecipeResult | UnitResult)[],
): RecipeResult {
  requireAlike(parts);
  return mergeUnits(
    recipe,
    parts.flatMap((part) => (part.kind === 'unit' ? [part] : part.units)),
  );
}

/** Numbers of the seeds of a result, ascending. */
export function seedsOf({ units }: RecipeResult): number[] {
  return [...new Set(units.map(({ seed }) => seed))].sort((a, b) => a - b);
}

/** Those of them that have a unit of every group, ascending. */
export function wholeSeedsOf(recipe: Recipe, result: RecipeResult): number[] {
  const groups = groupsOf(recipe);
  const has = (seed: number, id: string) =>
    result.units.some((unit) => unit.seed === seed && unit.group === id);
  return seedsOf(result).filter((seed) => groups.every(({ id }) => has(seed, id)));
}
