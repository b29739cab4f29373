import { useMemo } from 'react';
import { POOLS_NAME, POOLS_R, poolsSweep } from '../../../recipes/pools.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { usePapersState, useQueue } from '../../kit/papers.ts';
import { estimateText, StartWork, useEstimate } from '../../kit/StartWork.tsx';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import type { PoolsFields } from './fields.ts';
import { Outcome } from './Outcome.tsx';
import { itemOf, type Pair, pairsOf } from './runs.ts';
import { Training } from './Training.tsx';
import { useMeasured } from './useMeasured.ts';
import './pools.css';

export const about: Explanation = {
  label: 'Experts of one domain (EMO)',
  meaning:
    'EMO trains each document with a pool of its experts, so that the experts of one domain can be kept and the rest left out. Here the same small model is trained with pools and without; then only the experts that a domain uses most stay, and the loss of its text is measured again.',
  formula: 'mean ce of a domain’s tokens with its experts alone − with all',
  source: 'EMO (2605.06663)',
};

/** How far the models of a pair are asked. */
function Asking({ of: [done, total] }: { of: readonly [number, number] }) {
  return (
    <p className="pools-asking" role="status">
      <span>The experts of each domain alone are measured</span>
      <progress aria-label="Measuring" {...(total > 0 ? { max: total, value: done } : {})} />
    </p>
  );
}

function Actions({
  pairs,
  value,
  set,
}: Pick<ViewProps<PoolsFields>, 'value' | 'set'> & { pairs: readonly Pair[] }) {
  const { library, view } = useLab();
  const seed = 1 + Math.max(0, ...pairs.map((pair) => pair.seed));
  const request = useMemo(() => ({ kind: 'sweep', sweep: poolsSweep(seed) }) as const, [seed]);
  const estimated = useEstimate(request);
  return (
    <p className="pools-actions">
      <StartWork request={request} name={POOLS_NAME} estimated={estimated}>
        {pairs.length === 0 ? 'Train with and without pools' : 'Train another seed'}
      </StartWork>
      <span>{estimateText(estimated)}</span>
      <span>
        Keep{' '}
        <WholeNumber
          label="Experts that are kept"
          value={value.kept}
          min={1}
          max={POOLS_R}
          change={(kept) => set({ kept })}
        />{' '}
        of {POOLS_R} experts
      </span>
      {pairs.length > 0 && (
        <button
          type="button"
          className="link-btn"
          onClick={() => {
            const ids = pairs.flatMap(({ runs }) => [runs.without.id, runs.with.id]);
            library.getState().select(ids);
            view.getState().set({ room: 'runs', sought: { view: 'library' } });
          }}
        >
          {2 * pairs.length} runs in the library
        </button>
      )}
    </p>
  );
}

/** EMO's demonstration: two trainings, the experts of one domain, what is lost. */
export default function PoolsPanel({ value, set }: ViewProps<PoolsFields>) {
  useQueue();
  const queue = usePapersState((s) => s.queue);
  const unreached = usePapersState((s) => s.failure);
  const rows = useLibrary((s) => s.rows);
  const pairs = useMemo(() => pairsOf(rows), [rows]);
  const { seeds, domains, problem, asking } = useMeasured(pairs, value.kept);
  const item = queue === null ? null : itemOf(queue);
  const failures = [queue?.failure ?? unreached, problem].filter((one) => one !== null);
  return (
    <PanelFrame className="pools">
      <p className="pools-about">{about.meaning}</p>
      {failures.map((failure) => (
        <p key={failure} className="field-error" role="alert">
          {failure}
        </p>
      ))}
      {item !== null && queue !== null ? (
        <Training item={item} state={queue} />
      ) : (
        <Actions {...{ pairs, value, set }} />
      )}
      {asking !== null && <Asking of={asking} />}
      {seeds.length > 0 && <Outcome {...{ seeds, domains, pairs, value, set }} />}
    </PanelFrame>
  );
}
