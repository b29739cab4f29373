/** Kinds of slots as lines over steps: colours, and what they are called. */
import type { SlotKind } from '../../config/experiment.ts';

export const KIND_COLORS: Readonly<Record<SlotKind, string>> = {
  ffn: 'var(--train)',
  negated: 'var(--valid)',
  zero: 'var(--ref-1)',
  copy: 'var(--aux)',
  constant: 'var(--ref-2)',
};

const NAMES: Readonly<Record<SlotKind, string>> = {
  ffn: 'FFN',
  negated: 'negated',
  zero: 'zero',
  copy: 'copy',
  constant: 'constant',
};
/** Names of the expert spaces of TC-MoE, where every zero slot is a null slot. */
const TERNARY_NAMES: Readonly<Record<SlotKind, string>> = {
  ...NAMES,
  ffn: 'E+',
  negated: 'E−',
  zero: 'E0',
};

export function kindNames(kinds: readonly SlotKind[]): Readonly<Record<SlotKind, string>> {
  return kinds.includes('negated') ? TERNARY_NAMES : NAMES;
}
