import { counted } from '../../../config/plural.ts';
import type { ProfileReport } from '../../../worker/api.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatSeconds,
  formatSi,
} from '../../kit/format.ts';
import { workOf } from './figures.ts';

interface Tile {
  about: Explanation;
  value: string;
  note?: string;
}

function tilesOf(report: ProfileReport): Tile[] {
  const { kernelMs, wallMs, timedWallMs, gpuBusy, dispatches, submits, steps } = report;
  const { flops, bytes } = workOf(report);
  const isTimed = report.source === 'timestamps';
  return [
    {
      about: {
        label: 'Step',
        meaning:
          'From the submit of an ordinary step to its end, with nothing else queued: the mean of those between the timed ones. A run keeps steps in flight and can be faster.',
      },
      value: formatSeconds(wallMs / 1e3),
      note: `${formatSeconds(timedWallMs / 1e3)} where timed`,
    },
    {
      about: {
        label: isTimed ? 'Kernels' : 'Phases',
        meaning: `Sum of all ${isTimed ? 'kernels' : 'phases'} of one step, the mean over ${counted(steps, 'timed step')}.`,
      },
      value: formatSeconds(kernelMs / 1e3),
      note: `mean of ${counted(steps, 'step')}`,
    },
    ...(isTimed
      ? [
          {
            about: {
              label: 'GPU busy',
              meaning:
                'Time of the kernels over that of an ordinary step: the rest is waiting. Kernels that stand in passes of their own cannot overlap, so it may exceed 100%.',
              formula: 'Σ kernels / step',
            },
            value: formatPercent(gpuBusy),
          },
        ]
      : []),
    {
      about: { label: 'Dispatches', meaning: 'Kernels that one ordinary step starts.' },
      value: formatCount(dispatches),
      note: `in ${counted(submits, 'submit')}`,
    },
    ...(Number.isNaN(flops)
      ? []
      : [
          {
            about: {
              label: 'Work',
              meaning: 'Floating-point operations of one step, with the rows that experts had.',
            },
            value: formatSi(flops, 'FLOP'),
            note: `${formatSi((1e3 * flops) / kernelMs, 'FLOP/s')}`,
          },
        ]),
    ...(Number.isNaN(bytes)
      ? []
      : [
          {
            about: {
              label: 'Bytes moved',
              meaning: 'Operands of all kernels of one step, each counted once: a lower bound.',
            },
            value: formatBytes(bytes),
            note: `${formatSi((1e3 * bytes) / kernelMs, 'B/s')}`,
          },
        ]),
  ];
}

/** How finely the clock tells, and what it could not tell. */
function ClockNote({ report }: { report: ProfileReport }) {
  const { source, resolutionMs, invalid, steps } = report;
  if (source === 'wallClock')
    return (
      <p className="note warn">
        This browser or adapter offers no GPU timestamps (feature timestamp-query): only whole
        phases are timed, each in a submit of its own, by the page’s clock.
      </p>
    );
  return (
    <p className="note">
      {resolutionMs >= 1e-3 &&
        `The GPU’s clock is rounded to ${formatSeconds(resolutionMs / 1e3)} here; means over ${counted(steps, 'step')} are right on average, those of short kernels are rough. `}
      {invalid > 0 &&
        `${counted(invalid, 'time')} that ran backwards or had no begin or end ${invalid === 1 ? 'is' : 'are'} left out: this adapter’s clock is not to be trusted fully.`}
    </p>
  );
}

/** The step as a whole. */
export function Summary({ report }: { report: ProfileReport }) {
  return (
    <>
      <dl className="profiler-tiles">
        {tilesOf(report).map(({ about, value, note }) => (
          <div key={about.label}>
            <dt>
              <Explain about={about}>{about.label}</Explain>
            </dt>
            <dd className="num">{value}</dd>
            {note !== undefined && <dd className="sub num">{note}</dd>}
          </div>
        ))}
      </dl>
      <ClockNote report={report} />
    </>
  );
}
