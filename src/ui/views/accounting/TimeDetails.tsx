import { counted } from '../../../config/plural.ts';
import type { AdapterSpeed } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { Explain } from '../../kit/Explain.tsx';
import { formatRatio, formatSeconds, formatSi } from '../../kit/format.ts';
import { useLab, useRun } from '../../kit/useLab.tsx';
import { TIME_TEXT } from './explanations.ts';
import { type Accounting, stepSeconds } from './figures.ts';

/** Asks for a measurement of the adapter, where one is possible. */
export function MeasureButton({ className = 'btn small' }: { className?: string }) {
  const { commands } = useLab();
  const isMeasuring = useRun((s) => s.isMeasuring);
  const isBusy = useRun((s) => s.phase === 'running' || s.phase === 'opening');
  const hasGpu = useRun((s) => s.adapter !== null);
  const isKnown = useRun((s) => s.speed !== null);
  return (
    <Button
      className={className}
      isOff={!hasGpu || isBusy || isMeasuring}
      title={isBusy ? 'Pause first: nothing is measured while it trains' : 'Takes under a second'}
      onClick={() => void commands.measure(true)}
    >
      {isMeasuring ? 'Measuring…' : isKnown ? 'Measure again' : 'Measure this adapter'}
    </Button>
  );
}

/** What the probe found, and what follows for this experiment. */
export function TimeDetails({
  accounting,
  speed,
  measured,
}: {
  accounting: Accounting;
  speed: AdapterSpeed | null;
  /** Seconds per step of the run, null before it trained. */
  measured: number | null;
}) {
  const { totalSteps } = accounting.config.optimizer;
  const estimate = speed === null ? Number.NaN : stepSeconds(accounting, speed);
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Matrix product', speed === null ? '–' : formatSi(speed.gflopsPerSec * 1e9, 'FLOP/s')],
    ['Copy', speed === null ? '–' : formatSi(speed.gbytesPerSec * 1e9, 'B/s')],
    ['Start of a kernel', speed === null ? '–' : formatSeconds(speed.dispatchSeconds)],
    ['Step, estimated', formatSeconds(estimate)],
    ...(measured === null
      ? []
      : ([
          [
            'Step, measured',
            `${formatSeconds(measured)}${
              Number.isFinite(estimate) ? ` (${formatRatio(measured / estimate)})` : ''
            }`,
          ],
        ] as const)),
    [counted(totalSteps, 'step'), formatSeconds((measured ?? estimate) * totalSteps)],
  ];
  return (
    <section aria-label="Time">
      <h3>
        <Explain about={TIME_TEXT}>Time on this adapter</Explain>
      </h3>
      <dl className="accounting-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <MeasureButton />
    </section>
  );
}
