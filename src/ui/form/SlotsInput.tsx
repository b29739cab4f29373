import type { Slot, SlotKind } from '../../config/experiment.ts';
import { settingAt } from '../../config/schema.ts';
import { MAX_HIDDEN, MAX_SLOTS, type StructuredSetting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import { Button } from '../kit/Button.tsx';
import { CloseIcon, CopyIcon } from '../kit/icons.tsx';
import type { InputProps } from '../kit/inputProps.ts';
import { KIND_NAMES } from '../kit/loads.ts';
import { useConfig } from '../kit/useLab.tsx';
import { WholeNumber } from '../kit/WholeNumber.tsx';
import { RackPointer } from './RackPointer.tsx';

const KINDS: readonly SlotKind[] = ['ffn', 'negated', 'zero', 'copy', 'constant'];
const NEW_WIDTH = 256;

/** Indices of the FFN experts among the slots, in order. */
function ffnSlots(slots: readonly Slot[]): number[] {
  return slots.flatMap((slot, i) => (slot.kind === 'ffn' ? [i] : []));
}

function slotOfKind(kind: SlotKind, before: Slot | undefined): Slot {
  switch (kind) {
    case 'ffn':
      return { kind, hidden: before?.kind === 'ffn' ? before.hidden : NEW_WIDTH };
    case 'negated':
      return { kind, of: 0 };
    default:
      return { kind };
  }
}

/** With others in the place of slot i; negated slots follow their expert, and go with it. */
function replaceSlot(slots: readonly Slot[], i: number, others: readonly Slot[]): Slot[] {
  const isExpert = slots[i]?.kind === 'ffn';
  /** The expert that slot i is, or the first behind it. */
  const expert = ffnSlots(slots.slice(0, i)).length;
  const experts = ffnSlots(others).length;
  return slots.flatMap((slot, j) => {
    if (j === i) return others;
    if (slot.kind !== 'negated' || slot.of < expert) return [slot];
    if (isExpert && slot.of === expert) return experts > 0 ? [slot] : [];
    return [{ kind: 'negated', of: slot.of + experts - (isExpert ? 1 : 0) }];
  });
}

interface SlotListProps {
  id: string;
  label: string;
  slots: readonly Slot[];
  change: (slots: Slot[]) => void;
}

/** The slots of one expert space, one line each. */
export function SlotList({ id, label, slots, change }: SlotListProps) {
  const widest = Math.max(1, ...slots.map((slot) => (slot.kind === 'ffn' ? slot.hidden : 0)));
  const replace = (i: number, ...others: Slot[]) => change(replaceSlot(slots, i, others));
  const isFull = slots.length >= MAX_SLOTS;
  return (
    <div className="slot-editor">
      <ol aria-label={label}>
        {slots.map((slot, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
          <li key={i}>
            <span className="num muted">{i}</span>
            <select
              {...(i === 0 ? { id } : {})}
              className="select"
              aria-label={`Kind of slot ${i}`}
              value={slot.kind}
              onChange={(event) => {
                const kind = KINDS.find((name) => name === event.target.value);
                if (kind !== undefined) replace(i, slotOfKind(kind, slot));
              }}
            >
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {KIND_NAMES[kind]}
                </option>
              ))}
            </select>
            {slot.kind === 'ffn' && (
              <span className="slot-width" style={{ '--part': slot.hidden / widest }}>
                <WholeNumber
                  label={`Width of slot ${i}`}
                  value={slot.hidden}
                  min={1}
                  max={MAX_HIDDEN}
                  change={(hidden) => replace(i, { kind: 'ffn', hidden })}
                />
              </span>
            )}
            {slot.kind === 'negated' && (
              <WholeNumber
                label={`Expert that slot ${i} negates`}
                value={slot.of}
                min={0}
                max={Math.max(0, ffnSlots(slots).length - 1)}
                change={(of) => replace(i, { kind: 'negated', of })}
              />
            )}
            {slot.kind !== 'ffn' && slot.kind !== 'negated' && (
              <span className="muted">no matmul</span>
            )}
            <Button
              className="btn quiet icon small"
              aria-label={`Duplicate slot ${i}`}
              isOff={isFull}
              onClick={() => replace(i, slot, slot)}
            >
              <CopyIcon />
            </Button>
            <Button
              className="btn quiet icon small"
              aria-label={`Remove slot ${i}`}
              isOff={slots.length === 1}
              onClick={() => replace(i)}
            >
              <CloseIcon />
            </Button>
          </li>
        ))}
      </ol>
      <div className="slot-tools">
        <Button
          className="btn small"
          isOff={isFull}
          onClick={() =>
            change([
              ...slots,
              slotOfKind(
                'ffn',
                slots.findLast(({ kind }) => kind === 'ffn'),
              ),
            ])
          }
        >
          Add an expert
        </Button>
        <span className="num muted">
          {slots.length} of at most {MAX_SLOTS}
        </span>
      </div>
    </div>
  );
}

/** The expert space of all MoE layers. */
export function SlotsInput({ setting, id, change }: InputProps<StructuredSetting>) {
  const slots = useConfig((s) => s.experiment.experts.slots);
  return (
    <>
      <SlotList
        id={id}
        label={setting.label}
        slots={slots}
        change={(next) => {
          const row = settingAt(setting.path);
          if (row === undefined) return;
          const checked = checkValue(row, next);
          if (checked.ok) change(checked.value);
        }}
      />
      <RackPointer />
    </>
  );
}
