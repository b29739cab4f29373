import { useRef } from 'react';
import { css, inkOn, type ResolvedTheme, ratioColor, scaleGradient } from '../../kit/diverging.ts';
import { formatRatio } from '../../kit/format.ts';
import {
  GLYPHS,
  KIND_NAMES,
  loadRatio,
  type ShownLayer,
  stepRange,
  useShownLayer,
  useShownLayers,
} from '../../kit/loads.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useLab, useReceived } from '../../kit/useLab.tsx';
import { useLiveVersion, useWidth } from '../../kit/useLive.ts';
import { useTheme } from '../../kit/useTheme.ts';
import type { ViewProps } from '../view.ts';
import { receivedLayers } from './received.ts';
import './load.css';

/** Least width of a cell that has room for its number, in pixels. */
const NUMBERED_PX = 23;
/** What a row takes beside its cells. */
const ROW_HEAD_PX = 36;

/** Three characters at most; only 0 reads as 0. */
function shortRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return '';
  if (ratio > 0 && ratio < 0.005) return '≈0';
  return ratio.toFixed(ratio >= 9.95 ? 0 : ratio >= 0.995 ? 1 : 2).replace(/^0/, '');
}

function Cell({
  row,
  slot,
  theme,
  isNumbered,
}: {
  row: ShownLayer;
  slot: number;
  theme: ResolvedTheme;
  isNumbered: boolean;
}) {
  const ratio = loadRatio(row.load, slot);
  const count = row.load?.counts[slot];
  // What a link tells is rounded: its 0 is no proof.
  const isDead = count === 0 && row.bin !== null;
  const color = ratioColor(Number.isFinite(ratio) ? ratio : 1, theme);
  const kind = row.kinds[slot];
  const place = `Layer ${row.layer}, slot ${slot}`;
  const amount =
    row.bin === null
      ? `${((count ?? 0) / 10).toFixed(1)} % of the assignments`
      : `${count?.toLocaleString('en')} assignments`;
  const title =
    count === undefined
      ? place
      : `${place} (${kind === undefined ? '' : KIND_NAMES[kind]}): ${amount}, ${formatRatio(ratio)} of ideal`;
  return (
    <td
      className={isDead ? 'dead' : undefined}
      title={title}
      style={isDead ? undefined : { background: css(color), color: inkOn(color) }}
    >
      <span className={isNumbered ? 'num' : 'visually-hidden'}>
        {isDead ? '0' : shortRatio(ratio)}
        {Number.isFinite(ratio) && <span className="visually-hidden"> times ideal</span>}
      </span>
    </td>
  );
}

/** Current load of every slot of every MoE layer, relative to a balanced router. */
export default function HeatMapPanel({ source, steps }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const version = useLiveVersion(frame);
  const width = useWidth(content);
  const trained = useShownLayers(source, steps, version);
  const run = useReceived((s) => (s.runs.length === 1 ? s.runs[0] : undefined));
  const received = trained.every(({ bin }) => bin === null) ? receivedLayers(trained, run) : null;
  const layers = received ?? trained;
  const chosen = useShownLayer(layers);
  const { view } = useLab();
  const theme = useTheme();
  const widest = Math.max(1, ...layers.map(({ kinds }) => kinds.length));
  const bin = layers[0]?.bin ?? null;
  const isNumbered = (width - ROW_HEAD_PX) / widest >= NUMBERED_PX;
  const isMixed = layers.some(({ kinds }) => kinds.some((kind) => kind !== 'ffn'));
  return (
    <PanelFrame
      ref={frame}
      className="load"
      sub={
        bin === null
          ? received === null
            ? 'layer × slot, load / ideal'
            : `${run?.name}, at its end`
          : `${stepRange(bin)}${steps === null ? '' : ' (scrubber)'}`
      }
      tools={
        <div className="load-scale" aria-hidden="true">
          <span>¼×</span>
          <i style={{ background: scaleGradient(theme) }} />
          <span>4×</span>
        </div>
      }
    >
      <div ref={content}>
        <table className="heat">
          <caption className="visually-hidden">
            Load divided by ideal load, one row per MoE layer, one column per slot
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">Layer</span>
              </th>
              {Array.from({ length: widest }, (_, slot) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
                <th key={slot} scope="col" className="num">
                  {isNumbered || slot % 8 === 0 ? slot : ''}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {layers.map((row) => (
              <tr key={row.layer} aria-current={row.layer === chosen?.layer ? 'true' : undefined}>
                <th scope="row">
                  <button
                    type="button"
                    aria-pressed={row.layer === chosen?.layer}
                    aria-label={`L${row.layer}: show layer ${row.layer}`}
                    onClick={() => view.getState().set({ layer: row.layer })}
                  >
                    L{row.layer}
                  </button>
                </th>
                {row.kinds.map((_, slot) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
                  <Cell key={slot} row={row} slot={slot} theme={theme} isNumbered={isNumbered} />
                ))}
              </tr>
            ))}
          </tbody>
          {isMixed && (
            <tfoot>
              <tr>
                <th scope="row">
                  <span title={`Kinds of the slots of layer ${chosen?.layer}`}>kind</span>
                </th>
                {chosen?.kinds.map((kind, slot) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
                  <td key={slot} title={KIND_NAMES[kind]}>
                    {GLYPHS[kind]}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
    </PanelFrame>
  );
}
