import { memo } from 'react';
import { domains } from '../../../analysis/figures/domains.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatRatio } from '../../kit/format.ts';
import { lookSentence, slotLabels } from '../../kit/lookWords.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { ByDomainFields } from './fields.ts';
import { type LayerValues, matrixTable } from './tables.ts';

type Cells = ByDomainFields['cells'];

const CELLS: Readonly<Record<Cells, string>> = {
  lift: 'Lift',
  specialisation: 'Specialisation',
  counts: 'Assignments',
};
const COLORS = { lift: 'ratio', specialisation: 'sequential', counts: 'sequential' } as const;

/** The cell that stands out most: its domain, its slot, its lift. */
function mostLifted({ domainNames, layers }: Look, place: number, { lift }: LayerValues): string {
  const layer = layers[place];
  let best = -1;
  for (const [i, value] of lift.data.entries())
    if (value > (lift.data[best] ?? Number.NEGATIVE_INFINITY)) best = i;
  if (best < 0 || layer === undefined) return '';
  const R = layer.kinds.length;
  const slot = slotLabels(layer)[best % R]?.title ?? '';
  return ` The highest lift is ${formatRatio(lift.data[best] ?? Number.NaN)}: ${domainNames[Math.floor(best / R)]} at ${slot}.`;
}

/** Which slots of a layer the tokens of each domain choose. */
export const Matrix = memo(function Matrix({
  look,
  place,
  values,
  cells,
  set,
}: {
  look: Look;
  place: number;
  values: LayerValues;
  cells: Cells;
  set: (part: Partial<ByDomainFields>) => void;
}) {
  const layer = look.layers[place];
  if (layer === undefined) return null;
  const row = domains.layerRows[cells];
  const title = `${row.label}, layer ${layer.layer}`;
  return (
    <FigureFrame
      name={`switchyard-bydomain-layer-${layer.layer}`}
      title={title}
      caption={() => `${row.meaning} ${lookSentence(look)}${mostLifted(look, place, values)}`}
      table={() => matrixTable(look, place, values)}
      tools={
        <>
          <Picker label="Cells" value={cells} options={CELLS} choose={(cells) => set({ cells })} />
          <Explain about={row}>?</Explain>
        </>
      }
    >
      <HeatMap
        rows={look.domainNames}
        columns={slotLabels(layer)}
        value={(d, slot) => elementAt(values[cells], d, slot)}
        mark={(d, slot) => (elementAt(values.counts, d, slot) === 0 ? deadOf(values, d) : null)}
        color={COLORS[cells]}
        format={row.format}
        quantity={row.label.toLowerCase()}
      />
    </FigureFrame>
  );
});

/** A slot that no token of a domain chooses; of a domain without tokens nothing is known. */
function deadOf({ specialisation }: LayerValues, d: number): 'dead' | null {
  return Number.isNaN(elementAt(specialisation, d, 0)) ? null : 'dead';
}
