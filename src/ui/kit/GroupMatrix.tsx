import { memo } from 'react';
import type { FigureFormat, FigureTensor } from '../../analysis/figures/figure.ts';
import type { Look } from '../../state/looks/looked.ts';
import { Explain } from './Explain.tsx';
import type { Explanation } from './explanation.ts';
import { FigureFrame } from './figure/FigureFrame.tsx';
import { HeatMap } from './figure/HeatMap.tsx';
import type { Label } from './figure/label.ts';
import { longLabel } from './figure/label.ts';
import type { FigureTable } from './figure/table.ts';
import { elementAt } from './figure/tensor.ts';
import { formatRatio } from './format.ts';
import { lookSentence, slotLabels, slotSign } from './lookWords.ts';
import { Picker } from './Picker.tsx';

/** What a cell of groups and slots may be. */
export type GroupCells = 'lift' | 'specialisation' | 'counts';
/** Each of them [groups, R]. */
export type GroupTensors = Readonly<Record<GroupCells, FigureTensor>>;

const CELLS: Readonly<Record<GroupCells, string>> = {
  lift: 'Lift',
  specialisation: 'Specialisation',
  counts: 'Assignments',
};
const COLORS = { lift: 'ratio', specialisation: 'sequential', counts: 'sequential' } as const;

export interface GroupMatrixProps {
  look: Look;
  /** Place of the layer among those of the look. */
  place: number;
  /** What a group is: "domain". */
  group: string;
  groups: readonly Label[];
  tensors: GroupTensors;
  /** Words for each of the cells. */
  rows: Readonly<Record<GroupCells, Explanation & { format: FigureFormat }>>;
  /** Name of its files. */
  name: string;
  cells: GroupCells;
  set: (part: { cells: GroupCells }) => void;
}

export function groupTable({
  look: { layers },
  place,
  group,
  groups,
  tensors: { counts, specialisation, lift },
}: Pick<GroupMatrixProps, 'look' | 'place' | 'group' | 'groups' | 'tensors'>): FigureTable {
  const layer = layers[place];
  return {
    columns: [
      { title: group },
      { title: 'slot', format: 'index' },
      { title: 'sign' },
      { title: 'width', format: 'units' },
      { title: 'assignments', format: 'count' },
      { title: 'specialisation', format: 'percent' },
      { title: 'lift', format: 'ratio' },
    ],
    rows: groups.flatMap((name, g) =>
      (layer?.kinds ?? []).map((_, slot) => [
        longLabel(name),
        slot,
        layer === undefined ? '' : slotSign(layer, slot),
        layer?.hidden[slot] ?? null,
        elementAt(counts, g, slot),
        elementAt(specialisation, g, slot),
        elementAt(lift, g, slot),
      ]),
    ),
  };
}

/** The cell that stands out most. */
function mostLifted({ look, place, groups, tensors: { lift } }: GroupMatrixProps): string {
  const layer = look.layers[place];
  let best = -1;
  for (const [i, value] of lift.data.entries())
    if (value > (lift.data[best] ?? Number.NEGATIVE_INFINITY)) best = i;
  if (best < 0 || layer === undefined) return '';
  const R = layer.kinds.length;
  const group = longLabel(groups[Math.floor(best / R)] ?? '');
  const slot = slotLabels(layer)[best % R]?.title ?? '';
  return `The highest lift is ${formatRatio(lift.data[best] ?? Number.NaN)}: ${group} at ${slot}.`;
}

/** Which slots of a layer the tokens of each group choose. */
export const GroupMatrix = memo(function GroupMatrix(props: GroupMatrixProps) {
  const { look, place, group, groups, tensors, rows, name, cells, set } = props;
  const layer = look.layers[place];
  if (layer === undefined) return null;
  const { counts, specialisation } = tensors;
  const row = rows[cells];
  return (
    <FigureFrame
      name={`${name}-layer-${layer.layer}`}
      title={`${CELLS[cells]} by ${group}, layer ${layer.layer}`}
      caption={() => `${row.meaning} ${lookSentence(look)} ${mostLifted(props)}`}
      table={() => groupTable(props)}
      tools={
        <>
          <Picker label="Cells" value={cells} options={CELLS} choose={(cells) => set({ cells })} />
          <Explain about={row}>?</Explain>
        </>
      }
    >
      <HeatMap
        rows={groups}
        columns={slotLabels(layer)}
        value={(g, slot) => elementAt(tensors[cells], g, slot)}
        mark={(g, slot) => {
          // Of a group without tokens nothing is known.
          const isKnown = !Number.isNaN(elementAt(specialisation, g, slot));
          return isKnown && elementAt(counts, g, slot) === 0 ? 'empty' : null;
        }}
        color={COLORS[cells]}
        format={row.format}
        quantity={row.label.toLowerCase()}
        axes={[group, '']}
      />
    </FigureFrame>
  );
});
