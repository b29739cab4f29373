import { useMemo } from 'react';
import { Button } from '../../kit/Button.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { Sides } from '../../kit/figure/Sides.tsx';
import { formatDuration } from '../../kit/format.ts';
import { useLookText, useSides } from '../../kit/instruments.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { Figures, spanOf } from './Figures.tsx';
import { type ContributionFields, MOST_DRAWN, MOST_SEED } from './fields.ts';
import { type Measuring, type Progress, useMeasuring } from './measuring.ts';
import './contribution.css';

function Progressed({ of, cancel }: { of: Progress; cancel: () => void }) {
  const { name, done, total, secondsLeft, waiting } = of;
  const left = secondsLeft === null ? '' : `, about ${formatDuration(secondsLeft)} left`;
  const next = waiting === 0 ? '' : `; ${waiting} more run${waiting === 1 ? '' : 's'} after it`;
  return (
    <div className="contribution-progress">
      <progress
        aria-label={`Passes of ${name}`}
        {...(total > 0 ? { value: done, max: total } : {})}
      />
      <span className="num">
        {total === 0
          ? `${name}: looking at the text`
          : `${name}: ${done} of ${total} passes${left}`}
        {next}
      </span>
      <button type="button" className="btn small" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

/** What is read out by itself: that a run's passes begin, and that all end, but not each of them. */
function spoken({ progress, problem, measured }: Measuring): string {
  if (progress !== null) return `${progress.name}: being measured`;
  return problem === null && measured.length > 0 ? 'Measured' : '';
}

export const about: Explanation = {
  label: 'Contribution of activations',
  meaning:
    'What the loss of a sequence rises by when n assignments of each layer, drawn among those whose gate lies in an interval, are left out; below 0 the model is better without them. Flips turn the sign of assignments with a small gate. TC-MoE draws 20 on training text and 5 on test text.',
  formula: 'mean ce of the sequence with them masked − without',
  source: 'TC-MoE A.1, Figures 1, 4, 5',
};

/** What assignments are worth: the loss without them, measured when asked for. */
export default function ContributionPanel({ value, set }: ViewProps<ContributionFields>) {
  const text = useLookText();
  const sides = useSides((s) => s.sides);
  const isOpen = useRun((s) => s.report !== null && s.phase !== 'opening');
  const live = useRun((s) => s.report?.runId ?? null);
  const measuring = useMeasuring(live);
  const { measured, progress, problem, start, cancel } = measuring;
  const span = useMemo(() => spanOf(measured), [measured]);
  const isLive = sides.some(({ subject }) => subject === 'live');
  const canStart = isOpen || !isLive;
  return (
    <PanelFrame className="contribution" sub={measured.map(({ side }) => side.name).join(' · ')}>
      <div className="contribution-fields">
        <span>
          n{' '}
          <WholeNumber
            label="Assignments drawn per sequence, layer and interval"
            value={value.n}
            min={1}
            max={MOST_DRAWN}
            change={(n) => set({ n })}
          />
        </span>
        <span>
          Seed{' '}
          <WholeNumber
            label="Seed of the draws"
            value={value.seed}
            min={0}
            max={MOST_SEED}
            change={(seed) => set({ seed })}
          />
        </span>
        <Button
          className="btn primary"
          isOff={!canStart || progress !== null}
          onClick={() => void start(sides, text, value)}
        >
          {sides.length > 1 ? 'Measure both runs' : 'Measure'}
        </Button>
      </div>
      <p className="visually-hidden" role="status">
        {spoken(measuring)}
      </p>
      {progress !== null && <Progressed of={progress} cancel={cancel} />}
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {measured.length > 0 ? (
        <Sides of={measured.map((one) => ({ ...one.side, measured: one }))}>
          {(side) => <Figures measured={side.measured} span={span} />}
        </Sides>
      ) : (
        progress === null && (
          <p className="empty">
            {canStart
              ? 'Measuring takes about eleven passes over the text, and more where capacity drops tokens. A run that trains goes on meanwhile.'
              : 'No run is open: press Start.'}
          </p>
        )
      )}
    </PanelFrame>
  );
}
