/** Figures as JSON, under the names of docs/analysis.md: undefined is null, arrays are lists of lists. */

import type { FigureTensor, FigureValue } from './figures/figure.ts';
import type { FigureValues } from './figures.ts';

export type FigureJson = number | null | FigureJson[];
export interface FiguresJson {
  [field: string]: FigureJson | { [layer: string]: { [field: string]: FigureJson } };
}

function listOf({ shape, data }: FigureTensor, axis: number, start: number): FigureJson[] {
  const length = shape[axis] ?? 0;
  const stride = shape.slice(axis + 1).reduce((n, size) => n * size, 1);
  return Array.from({ length }, (_, i) =>
    axis === shape.length - 1
      ? number(data[start + i]!)
      : listOf({ shape, data }, axis + 1, start + i * stride),
  );
}

const number = (value: number) => (Number.isFinite(value) ? value : null);

export function valueJson(value: FigureValue): FigureJson {
  return typeof value === 'number' ? number(value) : listOf(value, 0, 0);
}

function fieldsJson(values: FigureValues['values']): { [field: string]: FigureJson } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, valueJson(value)]),
  );
}

/** `{field…, layers: {l: {field…}}}`; without `layers` where a figure has none. */
export function figureJson({ values, layers }: FigureValues): FiguresJson {
  const perLayer = layers.map(({ layer, values: of }) => [String(layer), fieldsJson(of)] as const);
  return {
    ...fieldsJson(values),
    ...(perLayer.length > 0 && { layers: Object.fromEntries(perLayer) }),
  };
}
