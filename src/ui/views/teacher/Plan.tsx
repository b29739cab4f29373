import { counted } from '../../../config/plural.ts';
import type { ConversionPlan } from '../../../worker/api.ts';
import { formatBytes, formatCompact, formatDuration, formatPercent } from '../../kit/format.ts';

/** What a conversion comes to, before it begins. */
export function Plan({ plan }: { plan: ConversionPlan }) {
  const { settings, parameters, active, ffnShare, bytes, seconds, divisors } = plan;
  const { layers, seeds, steps } = settings;
  const first = active[0] ?? Number.NaN;
  const last = active.at(-1) ?? Number.NaN;
  const facts: readonly (readonly [string, string])[] = [
    [
      'Parameters',
      `${formatCompact(parameters.teacher)} of the teacher, ${formatCompact(parameters.student)} of the student`,
    ],
    [
      'Active per token, Na',
      `${formatCompact(first)} with no layer converted, ${formatCompact(last)} with ${layers.length}`,
    ],
    ['FLOPs of the FFNs', `${formatPercent(ffnShare)} of the teacher’s forward pass`],
    [
      'Training',
      `${counted(layers.length, 'layer')} × ${counted(seeds, 'seed')} × ${counted(steps, 'step')}`,
    ],
    [
      'Memory',
      `${formatBytes(bytes.recorded)} of recorded vectors; ${formatBytes(bytes.stored)} are stored`,
    ],
    [
      'Time',
      seconds === null
        ? 'not estimated while something computes'
        : `about ${formatDuration(seconds.recording + seconds.training)}: ${formatDuration(seconds.recording)} to record, ${formatDuration(seconds.training)} to train`,
    ],
    ['Experts that divide the FFN', divisors.slice(0, 12).join(', ')],
  ];
  return (
    <dl className="teacher-plan" aria-label="What to expect">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
