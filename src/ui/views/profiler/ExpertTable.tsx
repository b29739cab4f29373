import { useState } from 'react';
import type { ProfileReport } from '../../../worker/api.ts';
import { Explain } from '../../kit/Explain.tsx';
import { formatCount, formatSeconds, formatShort } from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { ShareCell } from './cells.tsx';
import { expertLayers, expertsOf } from './figures.ts';

const EXPLANATION = {
  label: 'Time per expert',
  meaning:
    'The grouped products of a layer work on all of its experts in one dispatch. Each product’s time is attributed to the experts by rows × width: their kept assignments in tiles of 64 rows, times the hidden width, step by step.',
  formula: 'ms_i = Σ_products ms · ⌈rows_i/64⌉·width_i / Σ_j ⌈rows_j/64⌉·width_j',
} as const;

/** The experts of one layer with their part of the grouped products' time. */
export function ExpertTable({ report }: { report: ProfileReport }) {
  const layers = expertLayers(report);
  const [chosen, choose] = useState<number | null>(null);
  const layer = layers.find((one) => one === chosen) ?? layers[0];
  if (layer === undefined) return null;
  const experts = expertsOf(report, layer);
  const largest = Math.max(1e-9, ...experts.map(({ share }) => share));
  return (
    <section aria-label="Time per expert" className="profiler-part">
      <h3>
        <Explain about={EXPLANATION}>Time per expert</Explain>
        <select
          className="select compact"
          aria-label="Layer of the experts"
          value={layer}
          onChange={({ target }) => choose(Number(target.value))}
        >
          {layers.map((one) => (
            <option key={one} value={one}>
              layer {one}
            </option>
          ))}
        </select>
        <span className="hint">attributed by rows × width</span>
      </h3>
      <ScrollX label="Time per expert, table">
        <table className="data profiler-table">
          <thead>
            <tr>
              <th scope="col">Expert</th>
              {['Width', 'Rows', 'Forward', 'Backward', 'Share', 'Per row'].map((name) => (
                <th key={name} scope="col" className="num">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {experts.map(({ expert, hidden, rows, forwardMs, backwardMs, share, usPerRow }) => (
              <tr key={expert}>
                <th scope="row" className="num">
                  {expert}
                </th>
                <td className="num">{formatCount(hidden)}</td>
                <td className="num">{formatShort(rows)}</td>
                <td className="num">{formatSeconds(forwardMs / 1e3)}</td>
                <td className="num">{formatSeconds(backwardMs / 1e3)}</td>
                <ShareCell share={share} largest={largest} />
                <td className="num">{formatSeconds(usPerRow / 1e6)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </section>
  );
}
