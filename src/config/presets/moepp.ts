/** MoE++: zero-computation experts beside FFN experts, against a plain MoE. */
import type { Change, Slot } from '../experiment.ts';
import { type Preset, uniform, withChanges } from './build.ts';

/** Strategy 1 of Table E, where scale permits. */
const setting: Change = {
  'router.gate': 'softmax',
  'router.capacity': 1.1,
  'losses.switch.alpha': null,
  'losses.heterogeneous.beta': 0.01,
  'optimizer.weightDecay': 0.1,
  'optimizer.clip': 1,
};

/** Hidden width 8/3 of D as in Table 2 (2048 for 768), on a multiple of 8. */
const plain = uniform(8, 344);
const zeroComputation: Slot[] = [
  { kind: 'constant' },
  { kind: 'constant' },
  { kind: 'copy' },
  { kind: 'zero' },
];

const system: Change = {
  'experts.slots': [...plain, ...zeroComputation],
  'router.tau': 0.75,
  'router.gatingResidual': true,
};

const scale =
  'Paper: D 768, 12 layers, peak rate 5e-4 falling to a tenth over 4M-token batches; here D 128, 4 layers and a peak of 3e-3, which suits small batches, falling to a tenth. γ = 1.1 and β = 0.01 are the paper’s.';

function preset(id: string, title: string, remark: string, ...changes: Change[]): Preset {
  const experiment = withChanges(setting, ...changes);
  return { id, title, paper: 'MoE++', remark: `${remark} ${scale}`, experiment };
}

export const moeppPresets: readonly Preset[] = [
  preset(
    'moepp-plain-8',
    'Plain MoE, 8 experts',
    'MoE 0.6B/8E of Table 2. Without zero-computation slots the heterogeneous loss is the plain one.',
    { 'experts.slots': plain },
  ),
  preset(
    'moepp-8+4',
    'MoE++, 8 + 4 experts',
    'MoE++ 0.6B/(8+4)E of Table 2: two constant experts, one copy, one zero; τ = 0.75, gating residuals.',
    system,
  ),
  preset(
    'moepp-8+4-no-residual',
    'MoE++ without gating residuals',
    'Ablation of Table 6: the pathway-aware router without its residual.',
    system,
    { 'router.gatingResidual': false },
  ),
  preset(
    'moepp-8+4-released-code',
    'MoE++ as in the released code',
    'The released code sets the zero expert’s weight to 0 and renormalises the rest, which the paper does not say.',
    system,
    { 'router.gate': 'renormalizedWithoutZero' },
  ),
];
