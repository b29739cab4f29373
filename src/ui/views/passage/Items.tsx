import { FIGURES } from '../../../analysis/figures.ts';
import type { Intervention } from '../../../analysis/inspection.ts';
import { refusedItem } from '../../../analysis/interventions.ts';
import type { WhatIf } from '../../../state/looks/ask.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { placeOf, stopsOf } from './seen.ts';
import type { WhatIfAnswer } from './useWhatIf.ts';
import { wordsOf } from './words.ts';

interface ItemsProps {
  look: Look;
  items: readonly Intervention[];
  whatIf: WhatIfAnswer;
  remove: (index: number) => void;
  clear: () => void;
}

/** Whether a factor has no effect: the token does not hold the slot in this pass, or dropped it. */
function isIdle(item: Intervention, look: Look, answer: WhatIf): boolean {
  if (item.type !== 'scale') return false;
  const stops = stopsOf(answer.with, placeOf(look, item.layer), item.token);
  return !stops.some(({ slot, isDropped }) => slot === item.slot && !isDropped);
}

/** What is asked, item by item, each with what the model refuses of it. */
export function Items({ look, items, whatIf, remove, clear }: ItemsProps) {
  const { problem: refusal, answer } = whatIf;
  const refused = refusal === null ? null : refusedItem(refusal);
  return (
    <div className="passage-items">
      <ol aria-label="What is asked, together in one pass">
        {items.map((item, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
          <li key={i}>
            <span>{wordsOf(item, look)}</span>
            <button
              type="button"
              className="btn quiet small"
              aria-label={`Remove: ${wordsOf(item, look)}`}
              onClick={() => remove(i)}
            >
              Remove
            </button>
            {refused === i && <p className="field-error">{refusal}</p>}
            {answer !== null && isIdle(item, look, answer) && (
              <p className="muted">
                No effect at step {answer.step.toLocaleString('en')}: the token does not hold this
                slot then, or capacity dropped it.
              </p>
            )}
          </li>
        ))}
      </ol>
      {items.length > 1 && (
        <button type="button" className="btn quiet small" onClick={clear}>
          Remove all
        </button>
      )}
      {refusal !== null && refused === null && <p className="field-error">{refusal}</p>}
    </div>
  );
}

const { own, later, passage, inspection } = FIGURES.interventions.rows;

/** What the list changes: the loss of the pinned token, of those behind it, and of the passage. */
export function Changes({ answer, problem, isAsking }: WhatIfAnswer) {
  const values = answer?.changes.values;
  const isPinned = values !== undefined && Number.isFinite(values.own);
  const rows = isPinned
    ? ([
        [own, values.own],
        [later, values.later],
        [passage, values.passage],
      ] as const)
    : ([[inspection, values?.inspection ?? Number.NaN]] as const);
  const signed = (value: number) =>
    `${value > 0 ? '+' : ''}${formatValue(value, 'nats').replace(/^-/, '−')}`;
  return (
    <div className="passage-changes" aria-busy={isAsking}>
      <dl>
        {rows.map(([row, value]) => (
          <div key={row.label}>
            <dt>
              <Explain about={row}>{row.label}</Explain>
            </dt>
            <dd className="num">{signed(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="muted" role="status">
        {problem !== null
          ? 'Refused: see the list.'
          : answer === null
            ? 'Asking…'
            : `Nats, at step ${answer.step.toLocaleString('en')}; above 0 is worse.${isAsking ? ' Asking again…' : ''}`}
      </p>
    </div>
  );
}
