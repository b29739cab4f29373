import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import { css } from '../diverging.ts';
import { formatValue } from './formats.ts';
import { hatchPath } from './hatch.ts';
import { HATCHES, type HeatGrid, type HeatPaths, MARKS, RAMP } from './heat.ts';
import { fittedLabel, labelWidth } from './label.ts';
import type { Scale } from './scales.ts';

const SHADES = 33;

interface HeatLegendProps {
  format: FigureFormat;
  quantity?: string | undefined;
  grid: HeatGrid;
  scale: Scale;
  paths: HeatPaths;
}

/** What each hatching means, of those that are there. */
function Marks({ x, y, paths }: { x: number; y: number; paths: HeatPaths }) {
  let left = x;
  return (['dead', 'none', 'empty'] as const)
    .filter((mark) => paths[mark][0] !== '')
    .map((mark) => {
      const box = { x: left, y: y - 9, width: 12, height: 10 };
      left += 24 + labelWidth(MARKS[mark]);
      return (
        <g key={mark}>
          <rect className={`figure-${mark}`} {...box} />
          <path className={`figure-${mark}-strokes`} d={hatchPath(box, HATCHES[mark], 4)} />
          <text className="figure-tick" x={box.x + 16} y={y}>
            {MARKS[mark]}
          </text>
        </g>
      );
    });
}

/** The scale's colours with its ends in numbers. */
function Ramp({ format, grid, scale }: Pick<HeatLegendProps, 'format' | 'grid' | 'scale'>) {
  const { left, bottom } = grid;
  const step = RAMP.width / SHADES;
  const y = bottom + 8;
  return (
    <>
      {Array.from({ length: SHADES }, (_, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a shade is its place
          key={i}
          x={left + i * step}
          y={y}
          width={step + 0.3}
          height={RAMP.height}
          fill={css(scale.color(i / (SHADES - 1)))}
        />
      ))}
      {scale.ends.map((value, i) => (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: an end is its place
          key={i}
          className="figure-tick"
          x={left + (RAMP.width * i) / 2}
          y={y + RAMP.height + 12}
          textAnchor={i === 0 ? 'start' : i === 1 ? 'middle' : 'end'}
        >
          {formatValue(value, format)}
        </text>
      ))}
    </>
  );
}

/** What the numbers are, from the grid's left or, where that is too little room, from the drawing's. */
function Told({ text, x, y, grid }: { text: string; x: number; y: number; grid: HeatGrid }) {
  const from = labelWidth(text) > grid.width - x ? 0 : x;
  return (
    <text className="figure-tick" x={from} y={y}>
      {fittedLabel(text, grid.width - from)}
    </text>
  );
}

/** The scale, where a cell is coloured; what is told, and what is hatched. */
export function HeatLegend({ format, quantity, grid, scale, paths }: HeatLegendProps) {
  const isColoured = paths.faces.length > 0;
  const x = grid.left + (isColoured ? RAMP.width + RAMP.gap : 0);
  const y = grid.bottom + 8 + RAMP.height;
  const isBelow = isColoured && grid.isToldBelow;
  const at = isBelow ? { x: grid.left, y: y + 26 } : { x, y };
  return (
    <g>
      {isColoured && <Ramp format={format} grid={grid} scale={scale} />}
      {quantity !== undefined && <Told text={quantity} {...at} grid={grid} />}
      <Marks x={x} y={isBelow ? y : y + 12} paths={paths} />
    </g>
  );
}
