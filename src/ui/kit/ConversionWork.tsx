import { useRef } from 'react';
import type { ConversionsState } from '../../state/conversion/conversions.ts';
import { takenSteps } from '../../state/conversion/curves.ts';
import type { ConversionStage } from '../../worker/api.ts';
import { Button } from './Button.tsx';
import { isBusy, useConversion, useConversions } from './conversion.ts';
import { formatCount, formatDuration } from './format.ts';

const STAGES: Readonly<Record<ConversionStage, string>> = {
  idle: '',
  teacher: 'The teacher is trained',
  recording: 'Vectors are recorded',
  training: 'Layers are distilled',
  measuring: 'Students are measured',
  probing: 'Probe tasks are asked',
  throughput: 'Throughput is measured',
  domains: 'Layers are trained on a domain',
  profiling: 'Routing weights are recorded',
  policy: 'The policy is measured',
};

/** Least time and part of the work from which the rest is told. */
const [LEAST_MS, LEAST_PART] = [3000, 0.02];

/** Seconds that the stage goes on for, by what it took so far; null where that tells nothing yet. */
function useTimeLeft(stage: ConversionStage, done: number, total: number): number | null {
  const begun = useRef({ stage, total, done, at: performance.now() });
  const { current } = begun;
  if (current.stage !== stage || current.total !== total || done < current.done)
    begun.current = { stage, total, done, at: performance.now() };
  const taken = performance.now() - begun.current.at;
  const made = done - begun.current.done;
  if (total === 0 || taken < LEAST_MS || made / total < LEAST_PART) return null;
  return ((taken / made) * (total - done)) / 1000;
}

const NOTHING = { done: 0, total: 0 };

/** How far the stage is; training counts its own steps as it tells of them. */
function progressOf({ state, curves }: ConversionsState): { done: number; total: number } {
  if (state === null) return NOTHING;
  if (state.stage !== 'training') return state.progress ?? NOTHING;
  const chosen = state.layers.filter(({ isChosen }) => isChosen);
  return {
    done: chosen.reduce((sum, one) => sum + takenSteps(curves, one), 0),
    total: chosen.length * state.settings.seeds * state.settings.steps,
  };
}

/** What computes now, how far it is, and what ends it; what failed last, where nothing does. */
export function ConversionWork() {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const stage = useConversion((s) => s.state?.stage ?? 'idle');
  const failure = useConversion((s) => s.failure ?? s.state?.failure ?? null);
  const done = useConversion((s) => progressOf(s).done);
  const total = useConversion((s) => progressOf(s).total);
  const left = useTimeLeft(stage, done, total);
  if (!busy)
    return failure === null ? null : (
      <p className="field-error" role="alert">
        {failure}
      </p>
    );
  return (
    <div className="conversion-work" role="status">
      <span>{STAGES[stage] || 'Waiting for its turn'}</span>
      <progress
        aria-label={STAGES[stage] || 'Waiting'}
        {...(total > 0 ? { max: total, value: done } : {})}
      />
      <Button className="btn small" onClick={() => void store.getState().stop()}>
        Stop
      </Button>
      {total > 0 && (
        <span className="num muted" aria-hidden="true">
          {`${formatCount(done)} of ${formatCount(total)}${left === null ? '' : `, about ${formatDuration(left)} left`}`}
        </span>
      )}
    </div>
  );
}
