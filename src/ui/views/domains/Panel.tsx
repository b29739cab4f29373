import { useRef } from 'react';
import { settingsOfBin } from '../../../analysis/slotsSince.ts';
import { CORPORA, type Experiment } from '../../../config/experiment.ts';
import { css, inkOn, ratioColor } from '../../kit/diverging.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatPercent, formatRatio, formatWholePercent } from '../../kit/format.ts';
import { LayerPicker } from '../../kit/LayerPicker.tsx';
import {
  KIND_NAMES,
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
import './domains.css';

interface DomainCells {
  /** Share of the domain's assignments per slot [R]. */
  share: number[];
  /** That share over the slot's share of everything [R]. */
  lift: number[];
  total: number;
}

/** Columns of the matrix, one per domain. */
export function domainCells(counts: ArrayLike<number>, R: number, domains: number): DomainCells[] {
  const at = (slot: number, d: number) => counts[slot * domains + d]!;
  const slots = Array.from({ length: R }, (_, slot) => slot);
  const names = Array.from({ length: domains }, (_, d) => d);
  const slotTotals = slots.map((slot) => names.reduce((sum, d) => sum + at(slot, d), 0));
  const all = slotTotals.reduce((a, b) => a + b, 0);
  return names.map((d) => {
    const total = slots.reduce((sum, slot) => sum + at(slot, d), 0);
    const share = slots.map((slot) => at(slot, d) / total);
    const lift = share.map((s, slot) => s / (slotTotals[slot]! / all));
    return { share, lift, total };
  });
}

function Matrix({
  row,
  domains,
  settings,
}: {
  row: ShownLayer;
  domains: readonly string[];
  /** In force at the steps that are shown. */
  settings: Experiment;
}) {
  const theme = useTheme();
  const signs = layerSigns(settings, row.layer, row.kinds);
  const R = row.kinds.length;
  const columns = domainCells(row.bin?.domains ?? [], R, domains.length);
  return (
    <ScrollX label="Share of each domain per slot">
      <table className="heat domains-matrix">
        <thead>
          <tr>
            <th scope="col">Slot</th>
            {domains.map((name) => (
              <th key={name} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row.kinds.map((kind, slot) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
            <tr key={slot}>
              <th scope="row" className="num" title={KIND_NAMES[kind]}>
                {slot} <i className="domains-sign">{signs[slot]}</i>
              </th>
              {columns.map(({ share, lift }, d) => {
                const s = share[slot] ?? Number.NaN;
                const l = lift[slot] ?? Number.NaN;
                const color = ratioColor(Number.isFinite(l) ? l : 1, theme);
                return (
                  <td
                    key={domains[d]}
                    className="num"
                    style={{ background: css(color), color: inkOn(color) }}
                    title={`Slot ${slot}, ${domains[d]}: ${formatPercent(s)} of the domain, lift ${formatRatio(l)}`}
                  >
                    {formatWholePercent(s).replace('%', '')}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}

export const about: Explanation = {
  label: 'Share of a domain and its lift',
  meaning:
    'Number: part of the domain’s assignments that goes to the slot. Colour: that share against the slot’s share of all text; 1× means that the slot does not care about the domain.',
  formula: 's(i | d) = c(i, d) / Σ_i c(i, d); lift = s(i | d) / s(i)',
};

/** Which slots each kind of text goes to, in one layer. */
export default function DomainPanel({ source, steps }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const layers = useShownLayers(source, steps, version);
  const row = useShownLayer(layers);
  const { experiment, text } = useHead(source);
  const { mix } = experiment.data;
  const domains = text?.domains ?? CORPORA.filter((name) => (mix[name] ?? 0) > 0);
  return (
    <PanelFrame
      ref={frame}
      className="domains"
      beside={<LayerPicker layers={layers} chosen={row?.layer ?? null} />}
      sub={row?.bin ? `%, ${stepRange(row.bin)}` : ''}
    >
      {row !== null && (
        <Matrix row={row} domains={domains} settings={settingsOfBin(source, row.bin)} />
      )}
    </PanelFrame>
  );
}
