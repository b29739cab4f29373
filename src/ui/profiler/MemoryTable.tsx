import { Fragment, useState } from 'react';
import type { MemoryUse } from '../../accounting/memory.ts';
import { formatPercent } from '../format.ts';
import { Explain } from '../panels/Explain.tsx';
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

/** 12.34 MB, with small uses still readable. */
export function formatMegabytes(bytes: number): string {
  return bytes >= 1e8 ? (bytes / 1e6).toFixed(0) : (bytes / 1e6).toFixed(2);
}

function UseRows({ figures }: { figures: MemoryFigures }) {
  const [isOpen, setOpen] = useState(false);
  const { use, measured, estimated, buffers } = figures;
  return (
    <>
      <tr>
        <th scope="row">
          <button
            type="button"
            className="unfold-row"
            aria-expanded={isOpen}
            aria-label={`${USES[use]}: buffers`}
            onClick={() => setOpen(!isOpen)}
          >
            {USES[use]}
          </button>
        </th>
        <td className="num" data-measured={use}>
          {formatMegabytes(measured)}
        </td>
        <td className="num">{formatMegabytes(estimated)}</td>
        <td className="num">{formatPercent(estimated / measured - 1)}</td>
      </tr>
      {isOpen &&
        buffers.map(({ label, count, bytes }) => (
          <tr key={label} className="of-layer">
            <th scope="row">
              {label}
              {count > 1 && ` × ${count}`}
            </th>
            <td className="num">{formatMegabytes(bytes)}</td>
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
    <section aria-label="GPU memory by use" className="profile-part">
      <h3>
        <Explain about={EXPLANATION}>GPU memory by use</Explain>
      </h3>
      <div className="scroll-x">
        <table className="data profile-table">
          <thead>
            <tr>
              <th scope="col">Use</th>
              <th scope="col" className="num">
                Held, MB
              </th>
              <th scope="col" className="num">
                Estimated, MB
              </th>
              <th scope="col" className="num">
                Off by
              </th>
            </tr>
          </thead>
          <tbody>
            {figures.map((entry) => (
              <Fragment key={entry.use}>
                <UseRows figures={entry} />
              </Fragment>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum</th>
              <td className="num" data-measured="sum">
                {formatMegabytes(sum('measured'))}
              </td>
              <td className="num">{formatMegabytes(sum('estimated'))}</td>
              <td className="num">{formatPercent(sum('estimated') / sum('measured') - 1)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}
