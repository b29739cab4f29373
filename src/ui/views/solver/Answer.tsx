import { estimateMemory } from '../../../accounting/memory.ts';
import { trainingCompute } from '../../../accounting/parameters.ts';
import { type Candidate, RESOURCES, type Resource, TOLERANCE } from '../../../accounting/solver.ts';
import { counted } from '../../../config/plural.ts';
import { formatBytes, formatCompact, formatPercent } from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { describeSlots } from '../../kit/values.ts';
import { RESOURCE_LABELS } from './labels.ts';
import type { Solved } from './solveAway.ts';

/** "+0.42%", "±0.00%" */
export function formatMismatch(mismatch: number): string {
  const text = (100 * Math.abs(mismatch)).toFixed(2);
  const sign = text === '0.00' ? '±' : mismatch > 0 ? '+' : '−';
  return `${sign}${text}%`;
}

function amountOf({ counts, config, tokens }: Candidate, resource: Resource): number {
  switch (resource) {
    case 'totalParameters':
      return counts.N;
    case 'activeParameters':
      return counts.Na;
    case 'flopsPerToken':
      return counts.M;
    case 'trainingCompute':
      return trainingCompute(counts.M, tokens);
    case 'memory':
      return estimateMemory(config).total;
  }
}

function formatValue(value: number, resource: Resource): string {
  if (resource === 'memory') return formatBytes(value);
  return resource === 'trainingCompute' ? value.toExponential(2) : formatCompact(value);
}

function Mismatches({ candidate, held }: { candidate: Candidate; held: readonly Resource[] }) {
  return (
    <ScrollX label="Resources of the proposal">
      <table className="data solver-table">
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col" className="num">
              Proposal
            </th>
            <th scope="col" className="num">
              Reference
            </th>
            <th scope="col" className="num">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          {RESOURCES.map((resource) => {
            const value = amountOf(candidate, resource);
            const mismatch = candidate.mismatch[resource];
            const isHeld = held.includes(resource);
            const isGood = Math.abs(mismatch) <= TOLERANCE;
            return (
              <tr key={resource}>
                <th scope="row" className={isHeld ? 'is-held' : ''}>
                  {RESOURCE_LABELS[resource]}
                  {isHeld && <span className="visually-hidden">, held</span>}
                </th>
                <td className="num">{formatValue(value, resource)}</td>
                <td className="num">{formatValue(value / (1 + mismatch), resource)}</td>
                <td className="num" data-mismatch={resource}>
                  <span className={isHeld ? (isGood ? 'tag good' : 'tag bad') : ''}>
                    {formatMismatch(mismatch)}
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollX>
  );
}

function Proposal({
  candidate,
  held,
  use,
}: {
  candidate: Candidate;
  held: readonly Resource[];
  use: (candidate: Candidate) => void;
}) {
  const { config, steps, tokens, counts, raMismatch } = candidate;
  const { slots, sharedHidden } = config.experts;
  const widest = Math.max(...slots.map((slot) => (slot.kind === 'ffn' ? slot.hidden : 0)), 1);
  return (
    <>
      <p className="solver-line num">
        <b>
          K = {config.router.K} of {counted(slots.length, 'slot')}:
        </b>{' '}
        {describeSlots(slots)}
        {sharedHidden > 0 && `, shared ${sharedHidden}`} · rₐ {formatPercent(counts.ra)}
        {raMismatch !== null && ` (${formatMismatch(raMismatch)})`} · {counted(steps, 'step')},{' '}
        {formatCompact(tokens)} tokens
      </p>
      <div className="solver-bars" aria-hidden="true">
        {slots.map((slot, i) => (
          <i
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
            key={i}
            className={slot.kind}
            style={{ height: slot.kind === 'ffn' ? `${(100 * slot.hidden) / widest}%` : '3px' }}
          />
        ))}
      </div>
      <Mismatches candidate={candidate} held={held} />
      <div className="solver-actions">
        <button type="button" className="btn small" onClick={() => use(candidate)}>
          Use it
        </button>
        <span className="muted">
          Sets the slots, K, the shared expert and the number of steps; needs a new model.
        </span>
      </div>
    </>
  );
}

/** What the solver found, or why there is nothing and what comes closest. */
export function Answer({
  solved,
  held,
  use,
}: {
  solved: Solved;
  held: readonly Resource[];
  use: (candidate: Candidate) => void;
}) {
  if (solved.ok) return <Proposal candidate={solved} held={held} use={use} />;
  return (
    <>
      <p className="rack-refusal" role="alert">
        {solved.reason}
      </p>
      {solved.nearest !== null && <Proposal candidate={solved.nearest} held={held} use={use} />}
    </>
  );
}
