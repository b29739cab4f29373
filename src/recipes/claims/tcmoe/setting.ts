/** TC-MoE: ternary expert choice. */
import type { Change, Slot } from '../../../config/experiment.ts';
import { uniform } from '../../../config/presets/build.ts';
import type { Variant } from '../../recipe.ts';
import { budgets, D, extra, SMALL } from '../common.ts';

/** 8/3 of D, as in Table 2. */
const plain = uniform(8, (8 / 3) * D);
const negated: Slot[] = plain.map((_, of) => ({ kind: 'negated', of }));
/** As many null slots as K. */
const nulls = extra({ zero: 2 });

export const setting: Change = {
  ...SMALL,
  'model.Hkv': 2,
  'model.keyNorm': true,
  'model.tied': true,
  'experts.slots': plain,
};

function space(slots: readonly Slot[], gate: string): Change {
  return {
    'experts.slots': slots,
    'router.bias': true,
    'router.gate': gate,
    'losses.switch.alpha': null,
    'losses.ternary.alpha1': 0.01,
  };
}

export const ternary = space([...plain, ...negated, ...nulls], 'renormalizedWithNull');

export const topK: Variant = { id: 'topk', label: 'Top-K, {1}', edits: {} };
export const ternaryModel: Variant = { id: 'tcmoe', label: 'TC-MoE, {−1, 0, 1}', edits: ternary };
export const setModels: readonly Variant[] = [
  topK,
  { id: 'pm1', label: '{−1, 1}', edits: space([...plain, ...negated], 'renormalized') },
  { id: 'null1', label: '{0, 1}', edits: space([...plain, ...nulls], 'renormalizedWithNull') },
  ternaryModel,
];

export const remark =
  'Paper: D 768 to 1024, 24 or 32 layers, 8 experts, K 2, 3e-4 falling to 3e-5 after 10 % of warm-up. Here D 48, 4 layers, 2 key/value heads of 4, ten times those rates, on bytes; weight decay and α₁ are the paper’s, the initial deviation is 0.02 and not 0.006, with which a model of this width stays at the frequencies of bytes for hundreds of steps.';

export const common = {
  format: 1,
  paper: 'tcmoe',
  remark,
  base: setting,
  warmup: 0.1,
  seeds: [1, 2, 3],
  budgets: budgets(360),
} as const;
