/** MoDSE: experts of diverse sizes against uniform ones. */
import type { Change } from '../../../config/experiment.ts';
import { ffn, uniform } from '../../../config/presets/build.ts';
import type { Variant } from '../../recipe.ts';
import { budgets, D, held, SMALL } from '../common.ts';

/** Mean width h, in units of D as in the paper. */
const h = 2.5 * D;

const setting: Change = {
  ...SMALL,
  'router.noise': true,
  'router.gate': 'renormalized',
  'losses.switch.alpha': 0.01,
};

export const uniformModel: Variant = {
  id: 'uniform',
  label: 'uniform',
  edits: { 'experts.slots': uniform(8, h) },
};

/** In the order of the paper's Table 9, from wide to narrow. */
export const diverseModel: Variant = {
  id: 'diverse',
  label: 'MoDSE',
  edits: {
    'experts.slots': ffn(...[4.5, 4, 3, 2.5, 2.5, 2, 1, 0.5].map((ratio) => ratio * D)),
  },
};

export const remark =
  'Paper: D 1536, 8 layers, h = 2.5·D, 8 experts in pairs (4.5, 0.5) (4, 1) (3, 2) (2.5, 2.5)·D. Here the same ratios at D 48 and 4 layers, on bytes. α = 0.01 is Switch Transformer’s, the schedule this program’s.';

export const common = {
  format: 1,
  paper: 'modse',
  remark,
  base: setting,
  warmup: 0.05,
  seeds: [1, 2, 3],
  budgets: budgets(240),
  variants: [uniformModel, diverseModel],
  held: held(['N', 'Na', 'C', 'D', 'flops']),
} as const;

export const pair = ['uniform', 'diverse'] as const;
