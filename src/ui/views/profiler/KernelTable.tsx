import { useState } from 'react';
import { counted } from '../../../config/plural.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import {
  formatCount,
  formatPercent,
  formatSeconds,
  formatShort,
  formatWholePercent,
} from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { ShareCell, Unfold } from './cells.tsx';
import type { Figures, KernelFigures, PhaseFigures } from './figures.ts';

const PHASE_NAMES = { forward: 'Forward', backward: 'Backward', optimizer: 'Optimizer' } as const;

const COLUMNS: readonly Explanation[] = [
  { label: 'Calls', meaning: 'Dispatches of the kernel in one step.' },
  {
    label: 'Time',
    meaning: 'Time of all its dispatches in one step, the mean over the timed steps.',
  },
  { label: 'Share', meaning: 'Part of the time of all kernels.' },
  {
    label: 'GFLOP/s',
    meaning:
      'Floating-point operations that the kernel does, two per multiply-add, over its time. Grouped products count the rows that the experts had.',
  },
  {
    label: 'GB/s',
    meaning:
      'Bytes of its operands, each counted once, over its time: what it would move if caches held every tile.',
  },
  {
    label: 'Of limit',
    meaning:
      'What it reaches of the adapter’s measured rate, of a matrix product of 512³ or of a copy, whichever it comes closer to.',
    formula: 'max(GFLOP/s ÷ product’s, GB/s ÷ copy’s)',
  },
];

/** Kernels below this part of all time are shown on demand. */
const SMALL = 0.01;

function rate(value: number): string {
  return value === 0 ? '–' : formatShort(value);
}

function Cells({ figures, largest }: { figures: Figures; largest: number }) {
  const { calls, ms, share, gflopsPerSec, gbytesPerSec, limit } = figures;
  return (
    <>
      <td className="num">{formatCount(calls)}</td>
      <td className="num">{formatSeconds(ms / 1e3)}</td>
      <ShareCell share={share} largest={largest} />
      <td className="num">{rate(gflopsPerSec)}</td>
      <td className="num">{rate(gbytesPerSec)}</td>
      <td className="num limit">
        {limit === null ? (
          '–'
        ) : (
          <>
            {formatWholePercent(limit.part)} <small>{limit.of}</small>
          </>
        )}
      </td>
    </>
  );
}

/** One kernel of a phase; its layers on demand. */
function KernelRows({ figures, largest }: { figures: KernelFigures; largest: number }) {
  const [isOpen, setOpen] = useState(false);
  const { kernel, layers } = figures;
  const [first] = layers;
  const hasLayers = first !== undefined && (layers.length > 1 || first.layer !== null);
  return (
    <>
      <tr>
        <th scope="row">
          {hasLayers ? (
            <Unfold label={`${kernel}: by layer`} isOpen={isOpen} set={setOpen}>
              <code>{kernel}</code>
            </Unfold>
          ) : (
            <span className="unfold-row">
              <code>{kernel}</code>
            </span>
          )}
        </th>
        <Cells figures={figures} largest={largest} />
      </tr>
      {isOpen &&
        layers.map((ofLayer) => (
          <tr key={ofLayer.layer} className="of-layer">
            <th scope="row">
              {ofLayer.layer === null ? 'outside layers' : `layer ${ofLayer.layer}`}
            </th>
            <Cells figures={ofLayer} largest={largest} />
          </tr>
        ))}
    </>
  );
}

/** A phase and its kernels, small ones on demand. */
function PhaseRows({ phase, largest }: { phase: PhaseFigures; largest: number }) {
  const [isOpen, setOpen] = useState(false);
  const large = phase.kernels.filter(({ share }) => share >= SMALL);
  const small = phase.kernels.filter(({ share }) => share < SMALL);
  const rest = small.reduce((sum, { share }) => sum + share, 0);
  const folds = small.length > 1;
  const shown = isOpen || !folds ? phase.kernels : large;
  const summary = `${counted(small.length, 'kernel')} below ${formatPercent(SMALL)}, together ${formatPercent(rest)}`;
  return (
    <>
      <tr className="phase" data-phase={phase.phase}>
        <th scope="rowgroup">{PHASE_NAMES[phase.phase]}</th>
        <Cells figures={phase} largest={1} />
      </tr>
      {shown.map((kernel) => (
        <KernelRows key={kernel.kernel} figures={kernel} largest={largest} />
      ))}
      {folds && (
        <tr className="of-layer">
          <th scope="row" colSpan={COLUMNS.length + 1}>
            <Unfold label={`${summary} (${phase.phase})`} isOpen={isOpen} set={setOpen}>
              {summary}
            </Unfold>
          </th>
        </tr>
      )}
    </>
  );
}

/** Time per kernel, grouped by phase. */
export function KernelTable({ phases }: { phases: readonly PhaseFigures[] }) {
  const largest = Math.max(
    1e-9,
    ...phases.flatMap(({ kernels }) => kernels.map(({ share }) => share)),
  );
  return (
    <ScrollX label="Time per kernel">
      <table className="data profiler-table">
        <thead>
          <tr>
            <th scope="col">Kernel</th>
            {COLUMNS.map((about) => (
              <th key={about.label} scope="col" className="num">
                <Explain about={about}>{about.label}</Explain>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {phases.map((phase) => (
            <PhaseRows key={phase.phase} phase={phase} largest={largest} />
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}
