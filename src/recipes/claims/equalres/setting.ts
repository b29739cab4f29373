/** EqualRes: dense and MoE at strictly equal parameters, compute and data. */
import type { Change } from '../../../config/experiment.ts';
import { uniform } from '../../../config/presets/build.ts';
import type { Variant } from '../../recipe.ts';
import { budgets, D, SMALL } from '../common.ts';

export const setting: Change = {
  ...SMALL,
  'model.positions': 'alibi',
  'model.denseHidden': 2.75 * D,
  'router.gate': 'softmax',
  'router.K': 2,
  'optimizer.minLr': 1e-5,
};

/** Width of an expert at a model width. */
const expertWidth = (width: number) => width / 2;
/** Experts chosen and not chosen together: N is the same for every K, since the shared expert is K wide. */
const SLICES = 62;

/** First layer dense, shared expert as wide as the chosen ones, at a number of chosen experts. */
export function sparse(K: number, width = D): Change {
  return {
    'model.D': width,
    'model.denseHidden': Math.round((2.75 * width) / 4) * 4,
    'model.arrangement': '1dense',
    'experts.slots': uniform(SLICES - K, expertWidth(width)),
    'experts.sharedHidden': K * expertWidth(width),
    'router.K': K,
  };
}

/** Activation rates that K gives, Na/N. */
export const RATES: readonly [K: number, ra: number][] = [
  [1, 0.11],
  [2, 0.14],
  [4, 0.2],
  [6, 0.26],
  [9, 0.35],
  [14, 0.5],
];
export const rateId = (ra: number) => `ra-${ra}`;

export const denseModel: Variant = {
  id: 'dense',
  label: 'dense',
  edits: { 'model.arrangement': 'dense', 'model.denseHidden': 1148 },
};

/** Rates of claim 1, all for the compute of the dense model. */
export const rateModels: readonly Variant[] = RATES.map(([K, ra]) => ({
  id: rateId(ra),
  label: `ra ${Math.round(100 * ra)} %`,
  edits: sparse(K),
  steps: { compute: { to: 'dense' } },
}));

export const remark =
  'Paper: N from 2B to 7B, D from 1408, dense FFN 2.77·D, ALiBi, gates not normalised, cosine to 1e-5, warm-up of 1 % of the steps. Here N = 0.7M, D 48, 4 layers, on bytes; AdamW stands for Adam, the balance weight 0.01 is this program’s.';

export const common = {
  format: 1,
  paper: 'equalres',
  remark,
  base: setting,
  warmup: 0.02,
  seeds: [1, 2, 3],
  budgets: budgets(240),
} as const;
