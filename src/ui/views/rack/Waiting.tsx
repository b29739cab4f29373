import { Button } from '../../kit/Button.tsx';
import { formatCompact, formatCount } from '../../kit/format.ts';
import { useLab, useRack } from '../../kit/useLab.tsx';
import type { RackSizes } from './rackView.ts';

/** Most differences that are listed. */
const MAX_CHIPS = 10;

/** "+12,288" or "±0" */
export function formatDelta(delta: number): string {
  if (!Number.isFinite(delta)) return '–';
  if (delta === 0) return '±0';
  return `${delta > 0 ? '+' : '−'}${formatCount(Math.abs(delta))}`;
}

/** What a change of the expert space does to the model's size. */
export function SizeDelta({ before, after }: { before: RackSizes; after: RackSizes }) {
  return (
    <span className="num" data-delta={after.parameters - before.parameters}>
      {formatDelta(after.parameters - before.parameters)} parameters,{' '}
      {formatDelta(after.active - before.active)} active
    </span>
  );
}

/** Sizes of the model as it is drawn. */
export function SizeLine({ experts, sizes }: { experts: string; sizes: RackSizes }) {
  return (
    <span>
      {experts} · {formatCompact(sizes.parameters)} parameters, {formatCompact(sizes.active)} active
    </span>
  );
}

/** Edits that wait to be applied together. */
export function Waiting({
  differences,
  before,
  after,
}: {
  differences: readonly string[];
  before: RackSizes;
  after: RackSizes;
}) {
  const { commands } = useLab();
  const isSending = useRack((s) => s.sent !== null);
  const more = differences.length - MAX_CHIPS;
  return (
    <section className="rack-waiting" aria-label="Edits that wait">
      <ul className="chips">
        {differences.slice(0, MAX_CHIPS).map((text) => (
          <li key={text} className="chip num">
            {text}
          </li>
        ))}
        {more > 0 && <li className="chip muted">and {more} more</li>}
      </ul>
      <SizeDelta before={before} after={after} />
      <div className="actions">
        <Button
          className="btn primary small"
          isOff={isSending}
          onClick={() => void commands.rack.apply()}
        >
          Apply together
        </Button>
        <button type="button" className="btn small" onClick={() => commands.rack.discard()}>
          Discard edits
        </button>
      </div>
    </section>
  );
}

/** Why an edit was not made, and what can be done instead. */
export function RefusedEdit() {
  const { rack, commands } = useLab();
  const refusal = useRack((s) => s.refusal);
  if (refusal === null) return null;
  return (
    <div className="rack-refusal" role="alert">
      <p>{refusal.message}</p>
      <div className="actions">
        {refusal.experts !== null && (
          <button
            type="button"
            className="btn small"
            onClick={() => void commands.rack.asNewModel()}
          >
            Apply these slots as new model
          </button>
        )}
        <button
          type="button"
          className="btn small"
          onClick={() => rack.getState().set({ refusal: null })}
        >
          Close the message
        </button>
      </div>
    </div>
  );
}
