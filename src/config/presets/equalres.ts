/** EqualRes: dense and MoE at equal parameters, and the arrangements of Table 5. */
import type { Change } from '../experiment.ts';
import { type Preset, uniform, withChanges } from './build.ts';

/** Table 4: ALiBi, routing weights not normalised, cosine to 1e-5, warm-up of 1 % of the steps. */
const setting: Change = {
  'model.positions': 'alibi',
  'model.denseHidden': 352,
  'router.gate': 'softmax',
  'router.K': 2,
  'optimizer.minLr': 1e-5,
  'optimizer.warmup': 20,
  'optimizer.weightDecay': 0.1,
  'optimizer.clip': 1,
};

/** Experts of 64 and a shared expert as wide as the chosen ones together, D_se = K·D_e. */
function shared(arrangement: string, experts: number): Change {
  return {
    'model.arrangement': arrangement,
    'experts.slots': uniform(experts, 64),
    'experts.sharedHidden': 128,
  };
}

const scale =
  'Paper: D 1408 and more, dense FFN 2.77·D, N from 2B; here D 128, 4 layers, dense FFN 352 and N = 3.49M, the same for all presets within 0.5 %. The balance weight is not printed, 0.01 is this program’s; AdamW stands for Adam; the warm-up of 1 % is clipped to 200 to 2000 steps there.';

function preset(id: string, title: string, remark: string, ...changes: Change[]): Preset {
  const experiment = withChanges(setting, ...changes);
  return { id, title, paper: 'EqualRes', remark: `${remark} ${scale}`, experiment };
}

export const equalresPresets: readonly Preset[] = [
  preset(
    'equalres-dense',
    'Dense model of equal N',
    'All parameters active. Widened in its FFN only, where the paper’s dense models (Table 14) have shapes of their own.',
    { 'model.arrangement': 'dense', 'model.denseHidden': 2104 },
  ),
  preset(
    'equalres-1dense-shared',
    'First layer dense, shared expert, ra = 20 %',
    'The paper’s choice: 1dense + shared expert, near the best activation rate (Figure 1b).',
    shared('1dense', 40),
  ),
  preset(
    'equalres-1dense',
    'First layer dense, no shared expert',
    'Table 5 without the shared expert: K doubles, so that as many parameters are active.',
    { 'model.arrangement': '1dense', 'experts.slots': uniform(42, 64), 'router.K': 4 },
  ),
  preset(
    'equalres-interleave-shared',
    'Interleaved, shared expert',
    'Table 5: every other layer is a MoE layer.',
    shared('interleave', 58),
  ),
  preset(
    'equalres-full-shared',
    'Every layer MoE, shared expert',
    'Table 5: all layers are MoE layers.',
    shared('full', 31),
  ),
  preset(
    'equalres-1dense-normalized',
    'First layer dense, normalised weights',
    'Table 6: weights of the chosen experts normalised to 1.',
    shared('1dense', 40),
    { 'router.gate': 'renormalized' },
  ),
];
