import type { ProbesAt } from '../../../analysis/probes/probesAt.ts';
import type { Trials } from '../../../analysis/probes/results.ts';
import { onlyOneOf, PROBE_ROWS, trialsOf } from '../../../analysis/probes/table.ts';
import { Explain } from '../../kit/Explain.tsx';
import { formatCount, formatFixed, formatPercent } from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';

const shown = (value: number | null) => (value === null ? '–' : formatPercent(value));

const INTERVAL = {
  label: '95 % interval',
  meaning: 'Wilson’s: where the accuracy lies, by k of N items that are right, a = k/N.',
  formula: '(a + z²/2N ± z·√(a(1 − a)/N + z²/4N²)) / (1 + z²/N), z = 1.959964',
};

/** The interval as a bar, with the accuracy and the chance level on it. */
function Interval({ accuracy, low, high, chance }: Trials) {
  if (accuracy === null || low === null || high === null) return null;
  const percent = (value: number) => `${100 * value}%`;
  return (
    <span className="probes-interval" aria-hidden="true">
      <i style={{ left: percent(low), width: percent(high - low) }} />
      <b style={{ left: percent(accuracy) }} />
      {chance !== null && <em style={{ left: percent(chance) }} />}
    </span>
  );
}

/** What a run answered, task by task; beside it what only one of two runs got right. */
export function Answers({
  probes,
  domain,
  other,
}: {
  probes: ProbesAt;
  /** Null: all of them. */
  domain: string | null;
  /** Of a second run, to the same items; null where there is none. */
  other: ProbesAt | null;
}) {
  return (
    <>
      <ScrollX label="Answers to the probe tasks">
        <table className="probes-table data">
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Accuracy</th>
              <th scope="col">
                <Explain about={INTERVAL}>95 % interval</Explain>
              </th>
              <th scope="col">Chance</th>
              <th scope="col">Right</th>
              {other !== null && <th scope="col">Only A</th>}
              {other !== null && <th scope="col">Only B</th>}
            </tr>
          </thead>
          <tbody>
            {PROBE_ROWS.map((row) => {
              const trials = trialsOf(row, probes, domain);
              const one = other === null ? null : onlyOneOf(row, probes, other);
              const { label, meaning, source } = row;
              return (
                <tr key={row.id} data-task={row.id}>
                  <th scope="row">
                    <Explain about={{ label, meaning, source }}>{label}</Explain>
                  </th>
                  <td className="num">{shown(trials?.accuracy ?? null)}</td>
                  <td className="num">
                    {trials === null || trials.low === null
                      ? '–'
                      : `${shown(trials.low)} … ${shown(trials.high)}`}
                    {trials !== null && <Interval {...trials} />}
                  </td>
                  <td className="num">{shown(trials?.chance ?? null)}</td>
                  <td className="num">
                    {trials === null
                      ? '–'
                      : `${formatCount(trials.correct)} of ${formatCount(trials.of)}`}
                  </td>
                  {one !== null && <td className="num">{formatCount(one[0])}</td>}
                  {one !== null && <td className="num">{formatCount(one[1])}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollX>
      <p className="probes-note">
        Induction: the loss falls by {formatFixed(probes.results.induction.gain ?? Number.NaN, 3)}{' '}
        nats from the first copy to the second.
        {other !== null && ' Only A, only B: items of all domains that one of the two got right.'}
      </p>
    </>
  );
}
