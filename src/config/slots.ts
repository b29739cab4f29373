/** The one home of what a kind of router slot is (docs/model.md, "Expert space"). */
import type { Slot, SlotKind } from './experiment.ts';

export interface SlotKindRow {
  kind: SlotKind;
  /** Whether a token on it runs the SwiGLU of an FFN expert. */
  computes: boolean;
  /** What the expert's output is multiplied by beside the gate; 0 where there is no expert. */
  sign: 1 | -1 | 0;
  /** Code in shaders/common/slots.wgsl. */
  code: number;
  /** Sign in tables and pictures. */
  glyph: string;
  name: string;
  /** The name in a narrow column. */
  short: string;
  /** The name among the kinds of TC-MoE's expert space. */
  ternary: string;
  /** Colour of its curves. */
  color: string;
}

export const SLOT_KIND_ROWS: readonly SlotKindRow[] = [
  {
    kind: 'ffn',
    computes: true,
    sign: 1,
    code: 0,
    glyph: 'E',
    name: 'FFN expert',
    short: 'FFN',
    ternary: 'E+',
    color: 'var(--train)',
  },
  {
    kind: 'negated',
    computes: true,
    sign: -1,
    code: 1,
    glyph: '−E',
    name: 'negated expert',
    short: 'negated',
    ternary: 'E−',
    color: 'var(--valid)',
  },
  {
    kind: 'zero',
    computes: false,
    sign: 0,
    code: 2,
    glyph: '∅',
    name: 'zero',
    short: 'zero',
    ternary: 'E0',
    color: 'var(--ref-1)',
  },
  {
    kind: 'copy',
    computes: false,
    sign: 0,
    code: 3,
    glyph: '=',
    name: 'copy',
    short: 'copy',
    ternary: 'copy',
    color: 'var(--aux)',
  },
  {
    kind: 'constant',
    computes: false,
    sign: 0,
    code: 4,
    glyph: 'c',
    name: 'constant',
    short: 'constant',
    ternary: 'constant',
    color: 'var(--ref-2)',
  },
];

export const SLOT_KINDS: readonly SlotKind[] = SLOT_KIND_ROWS.map(({ kind }) => kind);

const byKind = Object.fromEntries(SLOT_KIND_ROWS.map((row) => [row.kind, row])) as Readonly<
  Record<SlotKind, SlotKindRow>
>;

export function slotKind(kind: SlotKind): SlotKindRow {
  return byKind[kind];
}

/** Whether a slot of this kind costs an expert's matmuls: `ffn` and `negated`. */
export function isComputing(kind: SlotKind): boolean {
  return byKind[kind].computes;
}

/** Zero-computation slots: `zero`, `copy`, `constant`. */
export function isZeroComputation({ kind }: Slot): boolean {
  return !isComputing(kind);
}

/** Hidden widths of the FFN experts of a layer, in order [E]. */
export function expertWidths(slots: readonly Slot[]): number[] {
  return slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
}

/** Index of the FFN expert whose weights each slot uses, −1 for slots without matmul [R]. */
export function expertOfSlots(slots: readonly Slot[]): number[] {
  let next = 0;
  return slots.map((slot) => {
    if (slot.kind === 'ffn') return next++;
    return slot.kind === 'negated' ? slot.of : -1;
  });
}

/** Hidden width that a token on each slot runs through: the twin's for negated slots, else 0 [R]. */
export function slotWidths(slots: readonly Slot[]): number[] {
  const widths = expertWidths(slots);
  return expertOfSlots(slots).map((expert) => widths[expert] ?? 0);
}
