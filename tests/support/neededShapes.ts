/** Which shapes the terms of a recipe ask its measured fields to have. */
import type { Effect, Recipe } from '../../src/recipes/recipe.ts';
import type { Term } from '../../src/recipes/term.ts';

/** Axes that are left after the places of a read: a number, a list, a matrix. */
type Want = 0 | 1 | 2;

/** Length of a list that nothing else tells. */
const LENGTH = 4;

function isTerm(value: unknown): value is Term {
  return typeof value === 'number' || (typeof value === 'object' && value !== null);
}

/** Length of a list that stands in the terms; null where only measured ones do. */
function lengthOf(term: unknown): number | null {
  if (!isTerm(term) || typeof term === 'number') return null;
  if ('list' in term) return term.list.length;
  if ('op' in term) return lengthOf(term.left) ?? lengthOf(term.right);
  return null;
}

export class Shapes {
  /** By measurement and field. */
  readonly #shapes = new Map<string, number[]>();

  of(measurement: string, field: string): readonly number[] | undefined {
    return this.#shapes.get(`${measurement} ${field}`);
  }

  fieldsOf(measurement: string): string[] {
    const keys = [...this.#shapes.keys()].map((key) => key.split(' '));
    return keys.filter(([id]) => id === measurement).map(([, field = '']) => field);
  }

  #need(key: string, at: readonly number[], want: Want, length: number): void {
    const before = this.#shapes.get(key) ?? [];
    const sizes = at.map((place) => (place < 0 ? LENGTH : place + 1));
    const needed = [...sizes, ...Array.from({ length: want }, () => length)];
    const rank = Math.max(before.length, needed.length);
    this.#shapes.set(
      key,
      Array.from({ length: rank }, (_, i) => Math.max(before[i] ?? 1, needed[i] ?? 1)),
    );
  }

  walk(term: Term, want: Want = 0, length = LENGTH): void {
    if (typeof term === 'number') return;
    if ('read' in term) {
      this.#need(`${term.read} ${term.field}`, term.at ?? [], want, length);
    } else if ('list' in term) {
      for (const one of term.list) this.walk(one, want === 2 ? 1 : 0, length);
    } else if ('op' in term) {
      const own = lengthOf(term) ?? length;
      this.walk(term.left, typeof term.left === 'number' ? 0 : want, own);
      this.walk(term.right, typeof term.right === 'number' ? 0 : want, own);
    } else if ('summary' in term) {
      const own = (term.over && lengthOf(term.over)) ?? length;
      this.walk(term.of, 1, own);
      if (term.over !== undefined) this.walk(term.over, 1, own);
    } else if ('rows' in term || 'column' in term) {
      this.walk(term.of, 2, Math.max(length, 'column' in term ? term.column + 1 : 1));
    } else if ('part' in term) {
      this.walk(term.part, 1, Math.max(length, Math.abs(term.to ?? term.from) + 1));
    } else if ('above' in term) this.walk(term.of, want === 0 ? 1 : want, length);
    else if ('weighted' in term) {
      const own = lengthOf(term.weighted) ?? lengthOf(term.by) ?? length;
      this.walk(term.weighted, 1, own);
      this.walk(term.by, 1, own);
    } else if ('reach' in term) {
      this.walk(term.reach);
      this.walk(term.x, 1, length);
      this.walk(term.y, 1, length);
    } else if ('interpolate' in term) {
      this.walk(term.interpolate.x, 1, length);
      this.walk(term.interpolate.y, 1, length);
      this.walk(term.x, 1, length);
    } else if ('argmin' in term) this.walk(term.argmin, 1, length);
    else if ('same' in term) this.walk(term.same, 1, length);
  }

  effect(effect: Effect): void {
    switch (effect.test) {
      case 'difference':
        this.walk(effect.variant);
        this.walk(effect.reference);
        break;
      case 'value':
        this.walk(effect.value);
        break;
      case 'share':
        this.walk(effect.hit);
        break;
      case 'parts':
        for (const part of effect.parts) this.effect(part);
        break;
      default: {
        const length = lengthOf(effect.settings) ?? lengthOf(effect.values) ?? LENGTH;
        this.walk(effect.settings, 1, length);
        this.walk(effect.values, 1, length);
      }
    }
  }
}

export function neededShapes(recipe: Recipe): Shapes {
  const shapes = new Shapes();
  for (const effect of [...(recipe.primary === null ? [] : [recipe.primary]), ...recipe.shown])
    shapes.effect(effect);
  for (const figure of recipe.figures) {
    if (figure.kind === 'table')
      for (const { cells } of figure.rows) for (const cell of cells) shapes.walk(cell);
    else
      for (const { x, y, level } of figure.series) {
        const length = lengthOf(x) ?? lengthOf(y) ?? LENGTH;
        shapes.walk(x, level ? 0 : 1, length);
        shapes.walk(y, level ? 0 : 1, length);
      }
  }
  for (const { derived } of recipe.variants) if (derived !== undefined) shapes.walk(derived.from);
  return shapes;
}
