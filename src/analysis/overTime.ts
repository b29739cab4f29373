/** Figures over training time: how often they come, and their lines. */
import type { FigureValue } from './figures/figure.ts';
import type { FiguresAt, LayerField, LayerFiguresAt, OverField } from './followed.ts';
import type { Line } from './source.ts';

/** Fewest steps between two rows: an inspection takes about half a step. */
const APART = 25;

/** Steps between two rows where validation comes every so many: at all of them, or at each n-th; 0 for none. */
export function figuresEvery(validationEvery: number): number {
  if (validationEvery <= 0) return 0;
  return validationEvery * Math.ceil(APART / validationEvery);
}

const elementOf = (value: FigureValue | undefined, element: number): number =>
  (typeof value === 'object' ? value.data[element] : value) ?? Number.NaN;

/** Mean of what is defined; undefined where that is nothing. */
function meanOf(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/**
 * A field over steps, as charts draw it.
 * @param place of the layer among the MoE layers; `all`: the figure's own value over layers, or the
 *   mean over them where it has none
 * @param element of a field that is an array: its place, or that in a layer as it was at a step
 */
export function figureLine(
  rows: readonly FiguresAt[],
  field: LayerField | OverField,
  place: number | 'all',
  element: number | ((layer: LayerFiguresAt, step: number) => number) = 0,
): Line {
  const named = (values: object) => values as Readonly<Record<string, FigureValue>>;
  const inLayer = (layer: LayerFiguresAt, step: number) => {
    const at = typeof element === 'number' ? element : element(layer, step);
    return elementOf(named(layer.values)[field], at);
  };
  const values = rows.map(({ step, values: over, layers }) => {
    const layer = place === 'all' ? null : layers[place];
    if (layer !== null) return layer === undefined ? Number.NaN : inLayer(layer, step);
    if (field in over && typeof element === 'number') return elementOf(named(over)[field], element);
    return meanOf(layers.map((one) => inLayer(one, step)));
  });
  return {
    // The first row stays as the line grows.
    owner: rows[0] ?? rows,
    firstStep: rows[0]?.step ?? 0,
    steps: rows.map(({ step }) => step),
    values,
  };
}
