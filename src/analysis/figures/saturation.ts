/** j. Saturation and churn between two states of one model (docs/analysis.md). */
import type { InspectedLayer, Inspection } from '../inspection.ts';
import { firstSlot, hasRanks } from './assignments.ts';
import { type FigureInputs, figureOf } from './figure.ts';
import { mean } from './numbers.ts';

export interface LayerSaturation {
  /** Mean of |A∩B|/|B| over the tokens that have a B. */
  saturation: number;
  rank0: number;
}

/** Whether two inspections are of the same tokens. */
export function sameTokens(a: Inspection, b: Inspection): boolean {
  return (
    a.S === b.S &&
    a.tokens.length === b.tokens.length &&
    a.tokens.every((id, u) => id === b.tokens[u])
  );
}

/** The reference. @throws Error where there is none, or one of other tokens or slots */
function referenceOf({ inspection, reference }: FigureInputs): Inspection {
  if (reference === undefined) throw new Error('saturation: a reference is needed');
  if (!sameTokens(inspection, reference))
    throw new Error('saturation: the reference was inspected on other tokens');
  const spaces = ({ layers }: Inspection) =>
    layers.map(({ layer, kinds }) => `${kinds.length} in layer ${layer}`).join(', ') || 'none';
  const [here, there] = [spaces(inspection), spaces(reference)];
  if (here !== there)
    throw new Error(`saturation: slots are ${here}; those of the reference ${there}`);
  return reference;
}

/** |B| and |A∩B| of a token: a row is followed while a run trains, so nothing is made for it. */
function sharedSlots(here: InspectedLayer, there: InspectedLayer, u: number) {
  let [wanted, both] = [0, 0];
  for (let w = 0; w < there.W; w++) {
    const slot = there.selected[u * there.W + w]!;
    if (slot < 0) continue;
    wanted++;
    for (let at = u * here.W; at < (u + 1) * here.W; at++) if (here.selected[at] === slot) both++;
  }
  return { wanted, both };
}

const SATURATION = {
  label: 'Saturation',
  formula: 'mean of |A_u∩B_u| / |B_u|',
  meaning: 'Part of the reference’s slots that the same token chooses here already.',
  source: 'OLMoE',
  format: 'percent',
  ideal: () => 1,
} as const;
const RANK0 = {
  label: 'Same first slot',
  formula: '#{u : same rank-0 slot} / U',
  meaning: 'Part of the tokens whose first slot is that of the reference.',
  source: 'OLMoE',
  format: 'percent',
  ideal: () => 1,
} as const;
const CHURN = {
  label: 'Churn',
  formula: '1 − saturation',
  meaning: 'Part of the reference’s slots that the same token does not choose here.',
  source: 'OLMoE',
  format: 'percent',
  ideal: () => 0,
} as const;

const layerRows = {
  saturation: { ...SATURATION, compute: ({ saturation }: LayerSaturation) => saturation },
  rank0: { ...RANK0, compute: ({ rank0 }: LayerSaturation) => rank0 },
  churn: { ...CHURN, compute: ({ saturation }: LayerSaturation) => 1 - saturation },
} as const;

type Layers = readonly LayerSaturation[];
const rows = {
  saturation: {
    ...SATURATION,
    compute: (layers: Layers) => mean(layers.map(layerRows.saturation.compute)),
  },
  rank0: { ...RANK0, compute: (layers: Layers) => mean(layers.map(layerRows.rank0.compute)) },
  churn: { ...CHURN, compute: (layers: Layers) => mean(layers.map(layerRows.churn.compute)) },
} as const;

export const saturation = figureOf<object, LayerSaturation, Layers>()({
  id: 'saturation',
  title: 'Saturation and churn',
  ofLayer: (inputs, _, place) => {
    const here = inputs.inspection.layers[place]!;
    const there = referenceOf(inputs).layers[place]!;
    const shares: number[] = [];
    let same = 0;
    for (let u = 0; u < inputs.inspection.tokens.length; u++) {
      const { wanted, both } = sharedSlots(here, there, u);
      if (wanted === 0) continue;
      shares.push(both / wanted);
      if (firstSlot(here, u) === firstSlot(there, u)) same++;
    }
    const areRanked = hasRanks(here) && hasRanks(there);
    const rank0 = areRanked ? same / shares.length : Number.NaN;
    return { saturation: mean(shares), rank0 };
  },
  layerRows,
  over: (_, _args, layers) => layers,
  rows,
});
