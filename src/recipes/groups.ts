/** Variants of a recipe that have to be run together: the unit of a shard is one of them and a seed. */
import type { Recipe } from './recipe.ts';

export interface Group {
  /** Id of its first variant. */
  id: string;
  /** Ids in the recipe's order. */
  variants: readonly string[];
}

/** Pairs of variants that one run of the other needs, or that are measured together. */
function joined({ variants, measurements }: Recipe): [string, string][] {
  const derived = variants.flatMap(({ id, derived }): [string, string][] =>
    derived === undefined ? [] : [[id, derived.from.of]],
  );
  const measured = measurements.flatMap((measurement) => {
    const of = measurement.of ?? variants.map(({ id }) => id);
    const together =
      measurement.kind === 'figures' && measurement.baseline !== undefined
        ? [measurement.baseline, ...of]
        : measurement.kind === 'times'
          ? of
          : [];
    return together.slice(1).map((id): [string, string] => [together[0]!, id]);
  });
  return [...derived, ...measured];
}

/** Groups in order of their first variants. */
export function groupsOf(recipe: Recipe): Group[] {
  const home = new Map(recipe.variants.map(({ id }) => [id, id]));
  for (const [a, b] of joined(recipe)) {
    const [to, from] = [home.get(a)!, home.get(b)!];
    for (const [id, group] of home) if (group === from) home.set(id, to);
  }
  const groups = new Map<string, string[]>();
  for (const { id } of recipe.variants) {
    const key = home.get(id)!;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  return [...groups.values()].map((variants) => ({ id: variants[0]!, variants }));
}

/** Variants of a group in an order in which each stands behind those it is derived from. */
export function trainingOrder(recipe: Recipe, group: Group): string[] {
  const order: string[] = [];
  const add = (id: string) => {
    if (order.includes(id)) return;
    const source = recipe.variants.find((variant) => variant.id === id)?.derived?.from.of;
    if (source !== undefined) add(source);
    order.push(id);
  };
  for (const id of group.variants) add(id);
  return order;
}
