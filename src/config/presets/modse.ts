/** MoDSE: experts of diverse sizes against uniform ones. */
import type { Change, Slot } from '../experiment.ts';
import { ffn, type Preset, uniform, withChanges } from './build.ts';

/** Router of section 3 and Adam's numbers of section 4.1. */
const setting: Change = {
  'router.noise': true,
  'router.gate': 'renormalized',
  'losses.switch.alpha': 0.01,
  'optimizer.beta1': 0.9,
  'optimizer.beta2': 0.95,
  'optimizer.eps': 1e-8,
  'optimizer.weightDecay': 0.1,
  'optimizer.clip': 1,
};

const scale =
  'Paper: D 1536, 8 layers, h = 2.5·D; here D 128, 4 layers, the same ratios. α, the peak learning rate and the placement of the sizes are not printed: α = 0.01 is Switch Transformer’s, the schedule this program’s.';

function preset(id: string, title: string, remark: string, slots: Slot[]): Preset {
  const experiment = withChanges(setting, { 'experts.slots': slots });
  return { id, title, paper: 'MoDSE', remark: `${remark} ${scale}`, experiment };
}

export const modsePresets: readonly Preset[] = [
  preset('modse-uniform', 'Uniform baseline, 8 × 2.5·D', 'Baseline of Table 1.', uniform(8, 320)),
  preset(
    'modse-pairs',
    'Diverse sizes, pairs (4.5, 0.5) (4, 1) (3, 2) (2.5, 2.5)·D',
    'Table 2: widths of a pair sum to 2·h, so parameters equal the baseline’s (MoDSE 7, 8).',
    ffn(576, 64, 512, 128, 384, 256, 320, 320),
  ),
  preset(
    'modse-baseline-105',
    'Uniform baseline of 105 %',
    'Figure 2: uniform experts widened to the workload that MoDSE was measured at (4045 against 3840).',
    uniform(8, 336),
  ),
];
