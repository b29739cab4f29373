import { moeLayers } from '../../../config/conditions.ts';
import type { Experiment, ExpertsConfig, Slot } from '../../../config/experiment.ts';
import { addSlot, MODSE_RATIOS, type SpaceEdit } from '../../../config/surgeryPlan.ts';
import { Button } from '../../kit/Button.tsx';
import { slotOfExpert } from '../../kit/differences.ts';
import { RedoIcon, UndoIcon } from '../../kit/icons.tsx';
import { KIND_NAMES } from '../../kit/loads.ts';
import { Menu } from '../../kit/Menu.tsx';
import type { MenuRow } from '../../kit/menuRows.ts';
import { useLab, useRack } from '../../kit/useLab.tsx';
import { ratioEdit } from './edits.ts';

interface EditEntry {
  label: string;
  edit: SpaceEdit;
}

function EditMenu({
  label,
  note,
  entries,
  disabled,
}: {
  label: string;
  note?: string;
  entries: () => readonly EditEntry[];
  disabled: boolean;
}) {
  const { commands } = useLab();
  const rows = (): MenuRow[] => [
    ...(note === undefined ? [] : [{ title: note }]),
    ...entries().map(({ label: name, edit }) => ({
      label: name,
      onSelect: () => void commands.rack.edit(edit),
    })),
  ];
  return (
    <Menu className="btn small" align="start" disabled={disabled} rows={rows}>
      {label}
    </Menu>
  );
}

function addEntries(slots: readonly Slot[], width: number): EditEntry[] {
  const fresh: Slot[] = [
    { kind: 'ffn', hidden: width },
    { kind: 'zero' },
    { kind: 'copy' },
    { kind: 'constant' },
  ];
  const experts = slots.filter(({ kind }) => kind === 'ffn');
  return [
    ...fresh.map((slot) => ({
      label: slot.kind === 'ffn' ? `${KIND_NAMES.ffn}, ${width} wide` : KIND_NAMES[slot.kind],
      edit: addSlot(slot),
    })),
    ...experts.map((_, of) => ({
      label: `negated expert of slot ${slotOfExpert(slots, of)}`,
      edit: addSlot({ kind: 'negated', of }),
    })),
  ];
}

function ratioEntries(): EditEntry[] {
  const name = ([a, b]: readonly [number, number]) => `(${a}, ${b})`;
  return [
    { label: MODSE_RATIOS.map(name).join(' '), edit: ratioEdit(MODSE_RATIOS) },
    ...MODSE_RATIOS.map((ratio) => ({
      label: `all pairs ${name(ratio)}`,
      edit: ratioEdit([ratio]),
    })),
  ];
}

/** Adds slots, sets the ratios of pairs. */
export function AddMenus({
  slots,
  width,
  isFull,
  disabled,
}: {
  slots: readonly Slot[];
  width: number;
  isFull: boolean;
  disabled: boolean;
}) {
  const count = slots.filter(({ kind }) => kind === 'ffn').length;
  return (
    <>
      <EditMenu
        label="Add a slot"
        entries={() => addEntries(slots, width)}
        disabled={disabled || isFull}
      />
      <EditMenu
        label="Ratios"
        note="Widths of each pair of experts; the total stays (MoDSE, Table 2)"
        entries={ratioEntries}
        disabled={disabled || count < 2 || count % 2 === 1}
      />
    </>
  );
}

/** Chooses the lists that edits change. */
export function LayerChoice({
  settings,
  experts,
}: {
  settings: Experiment;
  experts: ExpertsConfig;
}) {
  const { rack } = useLab();
  const chosen = useRack((s) => s.layers);
  const isOwn = (layer: number) => Object.hasOwn(experts.perLayer ?? {}, String(layer));
  return (
    <select
      className="select compact"
      aria-label="Layers that the rack edits"
      value={chosen}
      onChange={({ target }) =>
        rack.getState().set({ layers: target.value === 'all' ? 'all' : Number(target.value) })
      }
    >
      <option value="all">All layers</option>
      {moeLayers(settings).map((layer) => (
        <option key={layer} value={layer}>
          Layer {layer}
          {isOwn(layer) ? ' (own)' : ' only'}
        </option>
      ))}
    </select>
  );
}

/** How edits apply: at once or together, one width or a pair's, in which steps. */
export function RackModes({ isOpen }: { isOpen: boolean }) {
  const { rack, commands } = useLab();
  const { mode, pairs, snap } = useRack((s) => s);
  const { set } = rack.getState();
  return (
    <>
      {isOpen && (
        <fieldset className="segments" aria-label="When edits apply">
          <button
            type="button"
            className="btn small"
            aria-pressed={mode === 'once'}
            title="Every edit changes the running model at once"
            onClick={() => {
              set({ mode: 'once' });
              void commands.rack.apply();
            }}
          >
            Apply at once
          </button>
          <button
            type="button"
            className="btn small"
            aria-pressed={mode === 'collect'}
            title="Edits wait, and are applied together as one event"
            onClick={() => set({ mode: 'collect' })}
          >
            Collect edits
          </button>
        </fieldset>
      )}
      <button
        type="button"
        className="btn small"
        aria-pressed={pairs}
        title="A width takes from its pair: experts 0 and 1, 2 and 3, … keep their sums (MoDSE 7, 8)"
        onClick={() => set({ pairs: !pairs })}
      >
        Pairs
      </button>
      <select
        className="select compact"
        aria-label="Widths in steps of"
        value={snap}
        onChange={({ target }) => set({ snap: target.value === '4' ? 4 : 8 })}
      >
        <option value="4">steps of 4</option>
        <option value="8">steps of 8</option>
      </select>
    </>
  );
}

export function RackHistory({ canUndo, canRedo }: { canUndo: boolean; canRedo: boolean }) {
  const { commands } = useLab();
  return (
    <>
      <Button
        className="btn quiet icon small"
        aria-label="Undo expert edit"
        aria-keyshortcuts="Control+Z"
        isOff={!canUndo}
        onClick={() => void commands.rack.undo()}
      >
        <UndoIcon />
      </Button>
      <Button
        className="btn quiet icon small"
        aria-label="Redo expert edit"
        aria-keyshortcuts="Control+Shift+Z"
        isOff={!canRedo}
        onClick={() => void commands.rack.redo()}
      >
        <RedoIcon />
      </Button>
    </>
  );
}
