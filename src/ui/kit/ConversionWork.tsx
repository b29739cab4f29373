import type { ConversionStage } from '../../worker/api.ts';
import { Button } from './Button.tsx';
import { isBusy, useConversion, useConversions } from './conversion.ts';
import { formatCount } from './format.ts';

const STAGES: Readonly<Record<ConversionStage, string>> = {
  idle: '',
  teacher: 'The teacher is trained',
  recording: 'Vectors are recorded',
  training: 'Layers are distilled',
  measuring: 'Students are measured',
  throughput: 'Throughput is measured',
  domains: 'Layers are trained on a domain',
  profiling: 'Routing weights are recorded',
  policy: 'The policy is measured',
};

/** What computes now, how far it is, and what ends it; what failed last, where nothing does. */
export function ConversionWork() {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const stage = useConversion((s) => s.state?.stage ?? 'idle');
  const progress = useConversion((s) => s.state?.progress ?? null);
  const failure = useConversion((s) => s.failure ?? s.state?.failure ?? null);
  if (!busy)
    return failure === null ? null : (
      <p className="field-error" role="alert">
        {failure}
      </p>
    );
  const { done = 0, total = 0 } = progress ?? {};
  return (
    <div className="conversion-work" role="status">
      <span>{STAGES[stage] || 'Waiting for its turn'}</span>
      <progress
        aria-label={STAGES[stage] || 'Waiting'}
        {...(total > 0 ? { max: total, value: done } : {})}
      />
      {total > 0 && (
        <span className="num muted" aria-hidden="true">
          {`${formatCount(done)} of ${formatCount(total)}`}
        </span>
      )}
      <Button className="btn small" onClick={() => void store.getState().stop()}>
        Stop
      </Button>
    </div>
  );
}
