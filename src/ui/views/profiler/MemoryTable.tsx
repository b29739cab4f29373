import { useState } from 'react';
import type { MemoryUse } from '../../../accounting/memory.ts';
import { Explain } from '../../kit/Explain.tsx';
import { formatBytes, formatPercent } from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { Unfold } from './cells.tsx';
import type { MemoryFigures } from './figures.ts';

const USES: Readonly<Record<MemoryUse, string>> = {
  parameters: 'Parameters',
  gradients: 'Gradients',
  moments: 'AdamW moments',
  activations: 'Activations',
  routing: 'Routing',
  scratch: 'Scratch',
  telemetry: 'Telemetry',
  staging: 'Staging',
  other: 'Tables, batch, uniforms',
};

const EXPLANATION = {
  label: 'GPU memory by use',
  meaning:
    'Bytes of the buffers that the engine holds, beside the accounting’s estimate from the settings alone. What the profiler itself makes is not in it.',
} as const;

/** +1.2%, or 0.0% where nothing shows. */
function deviation(estimated: number, measured: number): string {
  const part = Math.round(1000 * (estimated / measured - 1)) / 1000;
  return `${part > 0 ? '+' : ''}${formatPercent(part === 0 ? 0 : part)}`;
}

function UseRows({ figures }: { figures: MemoryFigures }) {
  const [isOpen, setOpen] = useState(false);
  const { use, measured, estimated, buffers } = figures;
  return (
    <>
      <tr>
        <th scope="row">
          <Unfold label={`${USES[use]}: buffers`} isOpen={isOpen} set={setOpen}>
            {USES[use]}
          </Unfold>
        </th>
        <td className="num" data-measured={use}>
          {formatBytes(measured)}
        </td>
        <td className="num">{formatBytes(estimated)}</td>
        <td className="num">{deviation(estimated, measured)}</td>
      </tr>
      {isOpen &&
        buffers.map(({ label, count, bytes }) => (
          <tr key={label} className="of-layer">
            <th scope="row">
              <code>
                {label}
                {count > 1 && ` × ${count}`}
              </code>
            </th>
            <td className="num">{formatBytes(bytes)}</td>
            <td colSpan={2} />
          </tr>
        ))}
    </>
  );
}

/** The engine's buffers by use, beside what the accounting expects. */
export function MemoryTable({ figures }: { figures: readonly MemoryFigures[] }) {
  const sum = (key: 'measured' | 'estimated') =>
    figures.reduce((bytes, entry) => bytes + entry[key], 0);
  return (
    <section aria-label="GPU memory by use" className="profiler-part">
      <h3>
        <Explain about={EXPLANATION}>GPU memory by use</Explain>
      </h3>
      <ScrollX label="GPU memory by use, table">
        <table className="data profiler-table">
          <thead>
            <tr>
              <th scope="col">Use</th>
              <th scope="col" className="num">
                Held
              </th>
              <th scope="col" className="num">
                Estimated
              </th>
              <th scope="col" className="num">
                Off by
              </th>
            </tr>
          </thead>
          <tbody>
            {figures.map((entry) => (
              <UseRows key={entry.use} figures={entry} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum</th>
              <td className="num" data-measured="sum">
                {formatBytes(sum('measured'))}
              </td>
              <td className="num">{formatBytes(sum('estimated'))}</td>
              <td className="num">{deviation(sum('estimated'), sum('measured'))}</td>
            </tr>
          </tfoot>
        </table>
      </ScrollX>
    </section>
  );
}
