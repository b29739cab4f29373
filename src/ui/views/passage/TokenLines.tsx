import { useCallback } from 'react';
import { css, inkOn, type ResolvedTheme } from '../../kit/diverging.ts';
import { Face, Key, type KeyEntry, keyPlaces } from '../../kit/figure/Face.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import type { Box } from '../../kit/figure/hatch.ts';
import { type Laid, Stage } from '../../kit/figure/Stage.tsx';
import { type Scale, scaleOf } from '../../kit/figure/scales.ts';
import { useTheme } from '../../kit/useTheme.ts';
import { BAR_PX, lineMove, linesOf, NUMBER_PX, TEXT_PX, tokenAt } from './lines.ts';
import { type Shading, signOf } from './shades.ts';

/** What is told of a token: what it is, and its numbers by name. */
export type Told = ReturnType<Parameters<typeof Stage>[0]['tell']>;

export interface TokenLinesProps {
  texts: readonly string[];
  shading: Shading;
  /** What the numbers are called. */
  label: string;
  /** Least and most value of the scale, alike for both runs. */
  span: readonly [number, number] | undefined;
  hasNumbers: boolean;
  pinned: number | null;
  tell: (u: number) => Told;
  onPoint: (u: number | null) => void;
  onPin: (u: number) => void;
}

const SCALE_PX = { width: 140, height: 8, cells: 35 } as const;

function ScaleLegend({
  scale,
  shading,
  label,
  top,
}: {
  scale: Scale;
  shading: Shading & { type: 'number' };
  label: string;
  top: number;
}) {
  const step = SCALE_PX.width / SCALE_PX.cells;
  return (
    <g>
      {Array.from({ length: SCALE_PX.cells }, (_, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a shade is its place
          key={i}
          x={i * step}
          y={top}
          width={step + 0.3}
          height={SCALE_PX.height}
          fill={css(scale.color(i / (SCALE_PX.cells - 1)))}
        />
      ))}
      {scale.ends.map((value, i) => (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: an end is its place
          key={i}
          className="figure-tick"
          x={(SCALE_PX.width * i) / 2}
          y={top + SCALE_PX.height + 12}
          textAnchor={i === 0 ? 'start' : i === 1 ? 'middle' : 'end'}
        >
          {formatValue(value, shading.format === 'count' ? 'decimal' : shading.format)}
        </text>
      ))}
      <text className="figure-tick" x={SCALE_PX.width + 12} y={top + SCALE_PX.height}>
        {shading.format === 'nats' ? `${label}, nats` : label}
      </text>
    </g>
  );
}

/** The slots of a token as a bar in parts by rank; a dropped one is hollow. */
function SlotBar({
  box,
  shading,
  u,
}: {
  box: Box;
  shading: Shading & { type: 'category' };
  u: number;
}) {
  const parts = shading.of(u);
  const wide = box.width / Math.max(1, parts.length);
  return parts.map(({ category, isDropped }, w) => {
    const { color, pattern } = shading.categories[category] ?? {
      color: 'none',
      pattern: undefined,
    };
    const part = {
      x: box.x + w * wide,
      y: box.y + TEXT_PX,
      width: Math.max(1, wide - 0.5),
      height: BAR_PX,
    };
    return isDropped ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its rank
      <rect key={w} {...part} fill="none" stroke={color} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its rank
      <Face key={w} box={part} color={color} pattern={pattern} />
    );
  });
}

interface TokenProps {
  box: Box;
  u: number;
  text: string;
  sign: string;
  shading: Shading;
  scale: Scale | null;
}

function Token({ box, u, text, sign, shading, scale }: TokenProps) {
  const middle = box.x + box.width / 2;
  const value = shading.type === 'number' ? (shading.values[u] ?? Number.NaN) : Number.NaN;
  const fill =
    scale === null || !Number.isFinite(value) ? null : scale.color(scale.position(value));
  const ink = fill === null ? {} : { fill: inkOn(fill) };
  return (
    <>
      <rect
        {...box}
        rx={2}
        {...(fill === null ? { className: 'passage-plain' } : { fill: css(fill) })}
      />
      <text className="passage-token" x={middle} y={box.y + 14} textAnchor="middle" {...ink}>
        {text}
      </text>
      {shading.type === 'category' && <SlotBar box={box} shading={shading} u={u} />}
      {sign !== '' && (
        <text
          className="passage-number"
          x={middle}
          y={box.y + box.height - 3}
          textAnchor="middle"
          {...ink}
        >
          {sign}
        </text>
      )}
    </>
  );
}

function layTokens(
  { texts, shading, label, span, hasNumbers, pinned }: TokenLinesProps,
  theme: ResolvedTheme,
  width: number,
): Laid {
  const isCategory = shading.type === 'category';
  const signs = texts.map((_, u) => (hasNumbers ? signOf(shading, u) : ''));
  const height = TEXT_PX + (isCategory ? BAR_PX : 0) + (hasNumbers ? NUMBER_PX : 0);
  const lines = linesOf(texts, signs, { width, height });
  const scale = isCategory ? null : scaleOf(shading.color, Array.from(shading.values), theme, span);
  const entries: readonly KeyEntry[] = isCategory ? shading.categories : [];
  const top = lines.bottom + 8;
  const mark = pinned === null ? undefined : lines.boxes[pinned];
  return {
    height: top + (isCategory ? keyPlaces(entries, width).height : 26),
    drawing: (
      <>
        {lines.boxes.map((box, u) => (
          <Token
            // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
            key={u}
            {...{ box, u, shading, scale }}
            text={texts[u] ?? ''}
            sign={signs[u] ?? ''}
          />
        ))}
        {mark !== undefined && <rect className="passage-pin" {...mark} rx={2} />}
        {scale !== null && shading.type === 'number' ? (
          <ScaleLegend {...{ scale, shading, label, top }} />
        ) : (
          <g transform={`translate(0 ${top})`}>
            <Key entries={entries} left={0} width={width} />
          </g>
        )}
      </>
    ),
    box: ({ column }) => lines.boxes[column] ?? { x: 0, y: 0, width: 0, height: 0 },
    hit: (x, y) => tokenAt(lines, x, y),
    move: (key, { column }) => lineMove(lines, key, column),
  };
}

/** A passage whose tokens are shaded: one stop of the tab key, arrow keys move from token to token. */
export function TokenLines(props: TokenLinesProps) {
  const theme = useTheme();
  const { texts, tell, onPoint, onPin } = props;
  return (
    <Stage
      rows={1}
      columns={texts.length}
      lay={useCallback((width: number) => layTokens(props, theme, width), [props, theme])}
      tell={({ column }) => tell(column)}
      onPoint={useCallback(
        (at: { column: number } | null) => onPoint(at?.column ?? null),
        [onPoint],
      )}
      onSelect={({ column }) => onPin(column)}
      selects="pin the token and ask"
    />
  );
}
