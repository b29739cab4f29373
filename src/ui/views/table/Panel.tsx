import { useRef } from 'react';
import {
  LAYER_METRICS,
  type LayerLoad,
  type MetricFormat,
  SLOT_METRICS,
  type SlotMetric,
} from '../../../accounting/loadMetrics.ts';
import { settingsOfBin } from '../../../analysis/slotsSince.ts';
import { hasSelectionBias } from '../../../config/balancing.ts';
import { counted } from '../../../config/plural.ts';
import { Button } from '../../kit/Button.tsx';
import { css, ratioColor } from '../../kit/diverging.ts';
import { Explain } from '../../kit/Explain.tsx';
import { saveFile } from '../../kit/files.ts';
import {
  formatCount,
  formatFixed,
  formatNumber,
  formatPercent,
  formatRatio,
} from '../../kit/format.ts';
import { DownloadIcon } from '../../kit/icons.tsx';
import { LayerPicker } from '../../kit/LayerPicker.tsx';
import {
  KIND_NAMES,
  loadRatio,
  type ShownLayer,
  stepRange,
  useShownLayer,
  useShownLayers,
} from '../../kit/loads.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { layerSigns } from '../../kit/slotNames.ts';
import { useLiveVersion } from '../../kit/useLive.ts';
import { useTheme } from '../../kit/useTheme.ts';
import type { ViewProps } from '../view.ts';
import './table.css';

const FORMATS: Readonly<Record<MetricFormat, (value: number) => string>> = {
  count: formatCount,
  percent: formatPercent,
  ratio: formatRatio,
  decimal: (value) => formatFixed(value, 3),
};

function ideal(value: number | null, format: MetricFormat): string {
  return value === null ? 'none' : FORMATS[format](value);
}

const SHORT_KIND_NAMES = { ...KIND_NAMES, ffn: 'FFN', negated: 'negated' } as const;

/** Figures of the whole layer, each with its ideal value. */
function LayerFigures({ load }: { load: LayerLoad | null }) {
  return (
    <dl className="table-figures">
      {LAYER_METRICS.map(({ id, label, formula, meaning, format, ideal: idealOf, compute }) => (
        <div key={id}>
          <dt>
            <Explain
              about={{
                label,
                formula,
                meaning,
                facts: load === null ? [] : [['Ideal', ideal(idealOf(load), format)]],
              }}
            >
              {label}
            </Explain>
          </dt>
          <dd className="num" data-metric={id}>
            {load === null ? '–' : FORMATS[format](compute(load))}
          </dd>
          <dd className="ideal num">
            {load === null || idealOf(load) === null ? '' : `ideal ${ideal(idealOf(load), format)}`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar from the ideal load outwards; the scale ends at 0 and at 2×. */
function RatioBar({ ratio, color }: { ratio: number; color: string }) {
  const reach = Number.isFinite(ratio) ? Math.min(1, Math.abs(ratio - 1)) * 50 : 0;
  return (
    <span className="table-ratio" aria-hidden="true">
      <i
        style={{
          width: `${reach}%`,
          left: ratio < 1 ? `${50 - reach}%` : '50%',
          background: color,
        }}
      />
    </span>
  );
}

function SlotCell({
  metric,
  load,
  slot,
  color,
}: {
  metric: SlotMetric;
  load: LayerLoad | null;
  slot: number;
  color: string;
}) {
  const value = load === null ? Number.NaN : metric.compute(load, slot);
  return (
    <td className="num" data-metric={metric.id}>
      {metric.id === 'ratio' && <RatioBar ratio={value} color={color} />}
      {FORMATS[metric.format](value)}
    </td>
  );
}

function tableCsv(row: ShownLayer, load: LayerLoad): string {
  const head = ['slot', 'kind', 'hidden', ...SLOT_METRICS.map(({ id }) => id)].join(',');
  const lines = row.kinds.map((kind, slot) =>
    [
      slot,
      kind,
      row.hidden[slot],
      ...SLOT_METRICS.map((metric) => metric.compute(load, slot)),
    ].join(','),
  );
  return `${[head, ...lines].join('\n')}\n`;
}

/** Load of every slot of one layer with the field's figures. */
export default function LoadTablePanel({ source, steps }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const layers = useShownLayers(source, steps, version);
  const row = useShownLayer(layers);
  const theme = useTheme();
  const load = row?.load ?? null;
  const widest = Math.max(1, ...(row?.hidden ?? []));
  const experiment = useHead(source).experiment;
  const settings = settingsOfBin(source, row?.bin ?? null);
  const signs = row === null ? [] : layerSigns(settings, row.layer, row.kinds);
  const isMixed = row?.kinds.some((kind) => kind !== 'ffn') ?? false;
  const hasBias =
    row !== null && [experiment, settings].some((one) => hasSelectionBias(one, row.layer));
  const metrics = SLOT_METRICS.filter(({ id }) => id !== 'bias' || hasBias);
  const total = load === null ? 0 : Array.from(load.counts).reduce((a, b) => a + b, 0);
  return (
    <PanelFrame
      ref={frame}
      className="table"
      beside={<LayerPicker layers={layers} chosen={row?.layer ?? null} />}
      sub={row?.bin ? stepRange(row.bin) : ''}
      tools={
        <Button
          className="btn quiet icon small"
          aria-label="Export the table as CSV"
          isOff={row === null || load === null}
          onClick={() => {
            if (row !== null && load !== null)
              saveFile(`switchyard-load-layer${row.layer}.csv`, tableCsv(row, load), 'text/csv');
          }}
        >
          <DownloadIcon />
        </Button>
      }
    >
      <LayerFigures load={load} />
      {row !== null && (
        <ScrollX label="Load per slot">
          <table className="data table-slots">
            <thead>
              <tr>
                <th scope="col">Slot</th>
                <th scope="col">Kind</th>
                <th scope="col">Width</th>
                {metrics.map(({ id, label, formula, meaning }) => (
                  <th key={id} scope="col" className="num">
                    <Explain about={{ label, formula, meaning }}>{label}</Explain>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {row.kinds.map((kind, slot) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
                <tr key={slot} className={load?.counts[slot] === 0 ? 'dead' : undefined}>
                  <th scope="row" className="num">
                    {slot}
                  </th>
                  <td>
                    <span className="glyph" aria-hidden="true">
                      {signs[slot]}
                    </span>
                    {isMixed ? (
                      SHORT_KIND_NAMES[kind]
                    ) : (
                      <span className="visually-hidden">{KIND_NAMES[kind]}</span>
                    )}
                    {load?.counts[slot] === 0 && <span className="tag bad">dead</span>}
                  </td>
                  <td className="num table-width">
                    <i
                      style={{ width: `${(36 * (row.hidden[slot] ?? 0)) / widest}px` }}
                      aria-hidden="true"
                    />
                    {row.hidden[slot] === 0 ? '–' : row.hidden[slot]}
                  </td>
                  {metrics.map((metric) => (
                    <SlotCell
                      key={metric.id}
                      metric={metric}
                      load={load}
                      slot={slot}
                      color={css(ratioColor(loadRatio(load, slot) > 1 ? 4 : 0.25, theme))}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" colSpan={3}>
                  Sum
                </th>
                <td className="num">{load === null ? '–' : formatCount(total)}</td>
                <td className="note" colSpan={4}>
                  {load !== null &&
                    `= ${formatNumber(total / load.tokens)} ${total === load.tokens ? 'slot' : 'slots'} × ${counted(load.tokens, 'token')}`}
                </td>
              </tr>
            </tfoot>
          </table>
        </ScrollX>
      )}
    </PanelFrame>
  );
}
