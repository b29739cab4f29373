import { useCallback } from 'react';
import { css, inkOn, type ResolvedTheme } from '../../kit/diverging.ts';
import { fittedLabel, type Label, leftOf, longLabel } from '../../kit/figure/label.ts';
import { type Laid, Stage } from '../../kit/figure/Stage.tsx';
import { scaleOf } from '../../kit/figure/scales.ts';
import { formatPercent, formatRatio, formatWholePercent } from '../../kit/format.ts';
import { useTheme } from '../../kit/useTheme.ts';
import type { Listed } from './tables.ts';

interface TokenGridProps {
  slots: readonly Label[];
  lists: readonly (readonly Listed[])[];
}

const CELL = { width: 78, height: 32, gap: 2 } as const;
/** Height of a slot without a list. */
const EMPTY_PX = 16;
const BETWEEN_SLOTS = 5;

function heightOf(tokens: number, inLine: number): number {
  return tokens === 0 ? EMPTY_PX : Math.ceil(tokens / inLine) * CELL.height;
}

/** Places of the lists: as many tokens in a line as there is room for. */
function planOf({ slots, lists }: TokenGridProps, width: number) {
  const left = leftOf(slots, width);
  const inLine = Math.max(1, Math.floor((width - left) / CELL.width));
  const cell = Math.min(120, (width - left) / inLine);
  const tops: number[] = [];
  let y = 2;
  for (const list of lists) {
    tops.push(y);
    y += heightOf(list.length, inLine) + BETWEEN_SLOTS;
  }
  const box = (slot: number, place: number) => ({
    x: left + (place % inLine) * cell,
    y: (tops[slot] ?? 0) + Math.floor(place / inLine) * CELL.height,
    width: cell - CELL.gap,
    height: CELL.height - CELL.gap,
  });
  return { left, inLine, cell, tops, height: y, box };
}

function layGrid(props: TokenGridProps, theme: ResolvedTheme, width: number): Laid {
  const { slots, lists } = props;
  const plan = planOf(props, width);
  const scale = scaleOf('sequential', [], theme, [0, 1]);
  return {
    height: plan.height,
    drawing: lists.map((list, slot) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
      <g key={slot}>
        <text
          className="figure-label"
          x={plan.left - 6}
          y={(plan.tops[slot] ?? 0) + (list.length === 0 ? EMPTY_PX : CELL.height) / 2}
          textAnchor="end"
          dominantBaseline="central"
        >
          {fittedLabel(slots[slot] ?? '', plan.left - 8)}
        </text>
        {list.length === 0 && (
          <text
            className="figure-tick"
            x={plan.left + 4}
            y={(plan.tops[slot] ?? 0) + (list.length === 0 ? EMPTY_PX : CELL.height) / 2}
            dominantBaseline="central"
          >
            none
          </text>
        )}
        {list.map(({ id, text, share, lift }, place) => {
          const box = plan.box(slot, place);
          const color = scale.color(scale.position(share));
          const at = { x: box.x + 5, fill: inkOn(color), className: 'figure-number' };
          return (
            <g key={id}>
              <rect {...box} rx={2} fill={css(color)} />
              <text {...at} y={box.y + 12} fontWeight={600}>
                {fittedLabel(text, box.width - 8)}
              </text>
              <text {...at} y={box.y + 25}>
                {`${formatWholePercent(share)} ${formatRatio(lift)}`}
              </text>
            </g>
          );
        })}
      </g>
    )),
    box: ({ row, column }) => plan.box(row, column),
    hit(x, y) {
      const slot = plan.tops.findLastIndex((top) => top <= y);
      const list = lists[slot] ?? [];
      const line = Math.floor((y - (plan.tops[slot] ?? 0)) / CELL.height);
      const column = Math.floor((x - plan.left) / plan.cell);
      const place = line * plan.inLine + column;
      const isInside = column >= 0 && column < plan.inLine && place < list.length;
      return isInside ? { row: slot, column: place } : null;
    },
  };
}

/** The tokens of every slot, shaded by their share, each with its share and lift. */
export function TokenGrid(props: TokenGridProps) {
  const { slots, lists } = props;
  const theme = useTheme();
  return (
    <Stage
      rows={lists.length}
      columns={Math.max(0, ...lists.map((list) => list.length))}
      lay={useCallback((width: number) => layGrid(props, theme, width), [props, theme])}
      tell={({ row, column }) => {
        const one = lists[row]?.[column];
        const slot = longLabel(slots[row] ?? '');
        if (one === undefined) return { title: slot, facts: [['token', '–']] };
        return {
          title: `${one.text} at ${slot}`,
          facts: [
            ['id', String(one.id)],
            ['share', formatPercent(one.share)],
            ['lift', formatRatio(one.lift)],
          ],
        };
      }}
    />
  );
}
