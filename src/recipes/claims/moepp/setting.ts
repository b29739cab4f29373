/** MoE++: zero-computation experts beside FFN experts. */
import type { Change, Slot } from '../../../config/experiment.ts';
import { uniform } from '../../../config/presets/build.ts';
import type { FigureSpec, Variant } from '../../recipe.ts';
import { budgets, computingOf, D, extra, lossOf, SMALL } from '../common.ts';

/** 8/3 of D, as in Table 2. */
export const plain = uniform(8, (8 / 3) * D);

const setting: Change = {
  ...SMALL,
  'experts.slots': plain,
  'router.gate': 'softmax',
  'router.capacity': 1.1,
  'losses.switch.alpha': null,
  'losses.heterogeneous.beta': 0.01,
};

export const spaceOf = (slots: readonly Slot[], tau = 0.75): Change => ({
  'experts.slots': [...plain, ...slots],
  'router.tau': tau,
  'router.gatingResidual': true,
});

export const whole = extra({ zero: 1, copy: 1, constant: 2 });

export const plainModel: Variant = { id: 'plain', label: 'plain MoE', edits: {} };

export const TAUS = [0.1, 0.25, 0.5, 0.75, 1];

export const tauId = (tau: number) => `tau-${tau}`;

export const tauModels = TAUS.map(
  (tau): Variant => ({ id: tauId(tau), label: `MoE++, τ ${tau}`, edits: spaceOf(whole, tau) }),
);

export const taus = TAUS.map(tauId);

export const remark =
  'Paper: 0.6B/(8+4)E, D 768, 12 layers: 8 FFN experts, 1 zero, 1 copy, 2 constant, γ 1.1, β 0.01. Here the same space at D 48 and 4 layers, on bytes; peak rate 3e-3 falling to a tenth.';

export const common = {
  format: 1,
  paper: 'moepp',
  remark,
  base: setting,
  warmup: 0.05,
  seeds: [1, 2, 3],
  budgets: budgets(240),
} as const;

/** Loss and work of variants, a row each. */
export function workTable(of: readonly string[]): FigureSpec {
  return {
    id: 'work',
    title: 'Loss and FFN experts per token',
    kind: 'table',
    columns: [
      { label: 'validation loss', unit: 'nats' },
      { label: 'FFN experts per token', unit: 'count' },
    ],
    rows: of.map((id) => ({ label: id, cells: [lossOf(id), computingOf(id)] })),
  };
}
