import type { Slot } from '../../../config/experiment.ts';
import { slotOfExpert } from '../../kit/differences.ts';
import { KIND_NAMES } from '../../kit/loads.ts';
import { slotSigns } from '../../kit/slotNames.ts';

const PLAIN = ['zero', 'copy', 'constant'] as const;

/** "ffn", "zero", …; "negated:2" for the negative of FFN expert 2. */
function keyOf(slot: Slot): string {
  return slot.kind === 'negated' ? `negated:${slot.of}` : slot.kind;
}

function slotOfKey(key: string, width: number): Slot | null {
  const plain = PLAIN.find((kind) => kind === key);
  if (plain !== undefined) return { kind: plain };
  if (key === 'ffn') return { kind: 'ffn', hidden: width };
  const [, of] = /^negated:(\d+)$/.exec(key) ?? [];
  return of === undefined ? null : { kind: 'negated', of: Number(of) };
}

/** What a slot is; a negated slot says of which expert. */
export function KindSelect({
  index,
  slots,
  width,
  disabled,
  change,
}: {
  index: number;
  slots: readonly Slot[];
  /** Hidden width of a slot that becomes an FFN expert. */
  width: number;
  disabled: boolean;
  change: (slot: Slot) => void;
}) {
  const slot = slots[index];
  const experts = slots.filter(({ kind }) => kind === 'ffn').map((_, e) => e);
  if (slot === undefined) return null;
  const signs = slotSigns(
    slots.map(({ kind }) => kind),
    slots,
  );
  return (
    <select
      className="select compact"
      aria-label={`Kind of rack slot ${index}`}
      value={keyOf(slot)}
      disabled={disabled}
      onChange={(event) => {
        const next = slotOfKey(event.target.value, width);
        if (next !== null) change(next);
      }}
    >
      <option value="ffn">FFN</option>
      {PLAIN.map((kind) => (
        <option key={kind} value={kind}>
          {KIND_NAMES[kind]}
        </option>
      ))}
      {experts.map((e) => {
        const twin = slotOfExpert(slots, e);
        return twin === index ? null : (
          <option key={e} value={`negated:${e}`}>
            {signs[twin] === undefined ? twin : `−${signs[twin]}`}
          </option>
        );
      })}
    </select>
  );
}
