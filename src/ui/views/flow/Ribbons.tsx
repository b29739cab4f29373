import { memo, useCallback, useMemo, useState } from 'react';
import type { Look } from '../../../state/looks/looked.ts';
import type { CellPlace } from '../../kit/figure/cursor.ts';
import { Face } from '../../kit/figure/Face.tsx';
import { type Laid, Stage } from '../../kit/figure/Stage.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { Told } from '../../kit/figure/told.ts';
import { formatCount, formatPercent } from '../../kit/format.ts';
import { slotLabels } from '../../kit/lookWords.ts';
import { type FlowBox, flowLayout } from './layout.ts';
import type { FlowStep } from './steps.ts';

interface RibbonsProps {
  look: Look;
  /** Of neighbouring layers, one behind the other. */
  steps: readonly FlowStep[];
}

const PLOT_PX = 420;
const HEAD_PX = 20;
/** Room for the names of the last layer's slots, and of the first one's. */
const NAME_PX = { right: 34, left: 4 } as const;
/** Least height of a slot that is named. */
const NAMED_PX = 9;

const isAt = ({ column, slot }: { column: number; slot: number }, at: CellPlace | null) =>
  at !== null && at.column === column && at.row === slot;

/** Ribbons as wide as the tokens that they carry; those of the picked slot stand out. */
function layRibbons(
  { look, steps }: RibbonsProps,
  names: readonly (readonly string[])[],
  picked: CellPlace | null,
  width: number,
): Laid {
  const area = { left: NAME_PX.left, top: HEAD_PX, right: width - NAME_PX.right };
  const bottom = HEAD_PX + PLOT_PX;
  const { boxes, ribbons } = flowLayout(look, steps, { ...area, bottom });
  const boxAt = ({ row, column }: CellPlace): FlowBox | undefined =>
    boxes.find((box) => box.column === column && box.slot === row);
  const heads = names.map((_, column) => boxes.find((box) => box.column === column));
  const places = [steps[0]?.from ?? 0, ...steps.map(({ to }) => to)];
  return {
    height: bottom + 4,
    drawing: (
      <>
        {ribbons.map(({ from, to, path, width: across }) => {
          const isPicked = isAt(from, picked) || isAt(to, picked);
          return (
            <path
              key={`${from.column} ${from.slot} ${to.slot}`}
              className="flow-ribbon"
              d={path}
              stroke={categoryLook(from.slot).color}
              strokeWidth={Math.max(across, 0.5)}
              strokeOpacity={picked === null ? 0.35 : isPicked ? 0.75 : 0.08}
            />
          );
        })}
        {boxes.map(({ column, slot, tokens, ...box }) => (
          <g key={`${column} ${slot}`}>
            <Face
              box={{ ...box, height: Math.max(box.height, 1) }}
              color={tokens === 0 ? 'var(--bad)' : categoryLook(slot).color}
              pattern={categoryLook(slot).pattern}
            />
            {box.height >= NAMED_PX && (
              <text
                className="figure-label figure-over"
                x={box.x + box.width + 4}
                y={box.y + box.height / 2}
                dominantBaseline="central"
              >
                {names[column]?.[slot]}
              </text>
            )}
          </g>
        ))}
        {heads.map((box, column) => (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
            key={column}
            className="figure-label"
            x={(box?.x ?? 0) + (column === 0 ? 0 : 6)}
            y={12}
            textAnchor={column === 0 ? 'start' : 'middle'}
          >
            L{look.layers[places[column] ?? 0]?.layer}
          </text>
        ))}
      </>
    ),
    box: (at) => boxAt(at) ?? { x: 0, y: 0, width: 0, height: 0 },
    hit(x, y) {
      const near = boxes.filter((box) => Math.abs(x - box.x - box.width / 2) < 24);
      const distance = (box: FlowBox) => Math.max(0, box.y - y, y - box.y - box.height);
      const [best] = near.sort((a, b) => distance(a) - distance(b));
      return best === undefined ? null : { row: best.slot, column: best.column };
    },
  };
}

/** Where a slot's tokens go, most first. */
function told({ look, steps }: RibbonsProps, { row, column }: CellPlace): Told {
  const place = (steps[0]?.from ?? 0) + column;
  const layer = look.layers[place];
  const slot = layer === undefined ? undefined : slotLabels(layer)[row];
  if (layer === undefined || slot === undefined)
    return { title: `layer ${layer?.layer ?? ''}, slot ${row}`, facts: [['', 'not there']] };
  const [out, into] = [steps[column], steps[column - 1]];
  const R = out?.counts.shape[1] ?? 0;
  const onward = Array.from(out?.counts.data.subarray(row * R, (row + 1) * R) ?? []);
  const before = into?.counts.shape[1] ?? 0;
  const arriving = Array.from(into?.counts.data ?? []).filter((_, at) => at % before === row);
  const tokens = (out === undefined ? arriving : onward).reduce((sum, n) => sum + n, 0);
  const next = look.layers[place + 1];
  const names = next === undefined ? [] : slotLabels(next);
  const order = [...onward.keys()].sort((a, b) => (onward[b] ?? 0) - (onward[a] ?? 0));
  return {
    title: `layer ${layer.layer}, ${slot.title}`,
    facts: [
      ['first choice of', `${formatCount(tokens)} tokens`],
      ...order
        .slice(0, 3)
        .map((j): [string, string] => [
          `then ${names[j]?.short ?? j}`,
          `${formatCount(onward[j] ?? 0)} (${formatPercent((onward[j] ?? 0) / tokens)})`,
        ]),
    ],
  };
}

/** Tokens from layer to layer as ribbons. */
export const Ribbons = memo(function Ribbons(props: RibbonsProps) {
  const { look, steps } = props;
  const [picked, setPicked] = useState<CellPlace | null>(null);
  const names = useMemo(() => {
    const places = [steps[0]?.from ?? 0, ...steps.map(({ to }) => to)];
    return places.map((place) => {
      const layer = look.layers[place];
      if (layer === undefined) return [];
      return slotLabels(layer).map(({ short = '', label }, i) =>
        (layer.hidden[i] ?? 0) > 0 ? short : label,
      );
    });
  }, [look, steps]);
  return (
    <Stage
      rows={Math.max(...names.map(({ length }) => length))}
      columns={names.length}
      lay={useCallback(
        (width: number) => layRibbons({ look, steps }, names, picked, width),
        [look, steps, names, picked],
      )}
      tell={(at) => told(props, at)}
      onSelect={({ row, column }) =>
        setPicked(isAt({ column, slot: row }, picked) ? null : { row, column })
      }
      selects="bring out its tokens"
    />
  );
});
