/** The row of figures that a validation batch gives at one step. */
import type { FigureInputs, FigureRow, FigureValue } from './figures/figure.ts';
import { sameTokens } from './figures/saturation.ts';
import { FIGURES, type FigureRequest, type FigureValues, figureValues } from './figures.ts';
import {
  type FiguresAt,
  FOLLOWED,
  type FollowedFigure,
  type LayerField,
  type OverField,
} from './followed.ts';
import type { Inspection } from './inspection.ts';

const IDS = Object.keys(FOLLOWED) as FollowedFigure[];

type Part = 'layer' | 'over';
const fieldsOf = (id: FollowedFigure, part: Part): readonly string[] => FOLLOWED[id][part];

/** All fields of a part under their names, in order, with their words and axes. */
function rowsOf(part: Part): ReadonlyMap<string, FigureRow<never>> {
  return new Map(
    IDS.flatMap((id) => {
      const rows: object = part === 'layer' ? FIGURES[id].layerRows : FIGURES[id].rows;
      const named = rows as Readonly<Record<string, FigureRow<never>>>;
      return fieldsOf(id, part).map((name) => [`${id}.${name}`, named[name]!] as const);
    }),
  );
}
export const LAYER_FIELDS = rowsOf('layer') as ReadonlyMap<LayerField, FigureRow<never>>;
export const OVER_FIELDS = rowsOf('over') as ReadonlyMap<OverField, FigureRow<never>>;

const LEFT_OUT = new Float32Array(0);

/** What the next row needs of an inspection. */
export function choicesOf(inspection: Inspection): Inspection {
  const layers = inspection.layers.map((layer) => ({
    ...layer,
    ...{ logits: LEFT_OUT, probs: LEFT_OUT, ranking: undefined },
    ...{ gates: LEFT_OUT, norms: LEFT_OUT },
  }));
  return { ...inspection, ce: LEFT_OUT, layers };
}

function sameSlots(a: Inspection, b: Inspection): boolean {
  const slots = ({ layers }: Inspection) =>
    JSON.stringify(layers.map(({ layer, kinds, hidden }) => [layer, kinds, hidden]));
  return slots(a) === slots(b);
}

const requestOf = (figure: FollowedFigure): FigureRequest =>
  figure === 'load' ? { figure, weights: 'uniform' } : { figure };

/** The fields of a part that a figure's values have; without any, undefined. */
function taken(
  found: readonly (readonly [FollowedFigure, FigureValues['values'] | null])[],
  part: Part,
): Record<string, FigureValue> {
  return Object.fromEntries(
    found.flatMap(([id, values]) =>
      fieldsOf(id, part).map((name) => [`${id}.${name}`, values?.[name] ?? Number.NaN]),
    ),
  );
}

/**
 * @param inspection of a model with MoE layers
 * @param earlier the inspection of the row before, of which `choicesOf` is enough; null for none
 */
export function figuresAt(
  step: number,
  inspection: Inspection,
  earlier: Inspection | null,
): FiguresAt {
  const canCompare =
    earlier !== null && sameTokens(earlier, inspection) && sameSlots(earlier, inspection);
  const inputs: FigureInputs = { inspection };
  const found = IDS.map((id) => {
    if (id !== 'saturation') return [id, figureValues(requestOf(id), inputs)] as const;
    const compared = canCompare ? { inspection: earlier, reference: inspection } : null;
    return [id, compared && figureValues({ figure: id }, compared)] as const;
  });
  const layers = inspection.layers.map(({ layer, kinds, W }, place) => {
    const values = found.map(([id, of]) => [id, of?.layers[place]?.values ?? null] as const);
    return { layer, R: kinds.length, W, values: taken(values, 'layer') };
  });
  const over = found.map(([id, of]) => [id, of?.values ?? null] as const);
  // The names are those of `FOLLOWED`, the values those of its figures.
  return { step, values: taken(over, 'over'), layers } as unknown as FiguresAt;
}
