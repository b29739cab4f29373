/** TC-MoE: ternary expert choice, its ablation of the set and its baselines. */
import type { Change, Slot } from '../experiment.ts';
import { type Preset, uniform, withChanges } from './build.ts';

const N = 8;
const K = 2;

/** Section 4.1, Table 2 (tiny) and appendix A.2. */
const setting: Change = {
  'model.Hkv': 2,
  'model.keyNorm': true,
  'model.tied': true,
  initStd: 0.006,
  'router.K': K,
  'optimizer.beta1': 0.9,
  'optimizer.beta2': 0.95,
  'optimizer.weightDecay': 0.1,
  'optimizer.warmup': 200,
};

/** Hidden width 8/3 of D as in Table 2 (2048 for 768), on a multiple of 8. */
const plain = uniform(N, 344);
const negated: Slot[] = plain.map((_, of) => ({ kind: 'negated', of }));
const nulls: Slot[] = Array.from({ length: K }, () => ({ kind: 'zero' }));

/** An expanded expert space: trained bias, and the ternary instead of the Switch loss. */
function space(slots: readonly Slot[], gate: string): Change {
  return {
    'experts.slots': slots,
    'router.bias': true,
    'router.gate': gate,
    'losses.switch.alpha': null,
    'losses.ternary.alpha1': 0.01,
  };
}

const baseline: Change = { 'experts.slots': plain, 'losses.switch.alpha': 0.01 };
const ternary = space([...plain, ...negated, ...nulls], 'renormalizedWithNull');

const scale =
  'Paper: D 768, 24 layers, 12 heads with 2 key/value heads, 3e-4 falling to 3e-5 after 10 % of warm-up; here D 128, 4 layers and ten times those rates, which suits small batches. Initial deviation 0.006, weight decay and factors are the paper’s.';

function preset(id: string, title: string, remark: string, ...changes: Change[]): Preset {
  const experiment = withChanges(setting, ...changes);
  return { id, title, paper: 'TC-MoE', remark: `${remark} ${scale}`, experiment };
}

/** Average K that the paper measured, by reward factor α₂ (appendix A.2). */
const rewards: readonly [alpha2: number, averageK: number][] = [
  [1e-5, 1.61],
  [2e-5, 1.3],
];
const drops: readonly [q: number, averageK: number][] = [
  [0.15, 1.85],
  [0.45, 1.55],
  [0.7, 1.3],
];
const dynamics: readonly [w: number, averageK: number][] = [
  [1e-5, 1.99],
  [2e-5, 1.56],
  [5e-5, 1.14],
];

export const tcmoePresets: readonly Preset[] = [
  preset(
    'tcmoe-1',
    'Top-K baseline, set {1}',
    'First row of Table 3. Its balance loss is not printed; here Switch, with α₁’s 0.01.',
    baseline,
  ),
  preset(
    'tcmoe-pm1',
    'Set {−1, 1}',
    'Second row of Table 3: plain and sign-flipped slots.',
    space([...plain, ...negated], 'renormalized'),
  ),
  preset(
    'tcmoe-01',
    'Set {0, 1}',
    'Third row of Table 3: plain and null slots. Without negated slots the router bias starts at 0.',
    space([...plain, ...nulls], 'renormalizedWithNull'),
  ),
  preset(
    'tcmoe',
    'TC-MoE, set {−1, 0, 1}',
    'Fourth row of Table 3, α₁ = 0.01 and no reward (α₂ = 0): average K of 1.82 in the paper.',
    ternary,
  ),
  ...rewards.map(([alpha2, averageK]) =>
    preset(
      `tcmoe-reward-${alpha2.toExponential()}`,
      `TC-MoE with reward α₂ = ${alpha2.toExponential()}`,
      `Appendix A.2: average K of ${averageK} in the paper.`,
      ternary,
      { 'losses.reward.alpha2': alpha2 },
    ),
  ),
  ...drops.map(([q, averageK]) =>
    preset(
      `tcmoe-random-drop-${q}`,
      `Random drop, ${Math.round(q * 100)} %`,
      `Baseline of appendix A.2: average K of ${averageK} in the paper.`,
      baseline,
      { 'router.selection': 'randomDrop', 'router.q': q },
    ),
  ),
  ...dynamics.map(([w, averageK]) =>
    preset(
      `tcmoe-top-p-${w.toExponential()}`,
      `Top-P, P = 0.4, dynamic loss ${w.toExponential()}`,
      `Baseline of appendix A.2: average K of ${averageK} in the paper.`,
      baseline,
      { 'router.selection': 'topp', 'router.P': 0.4, 'losses.dynamic.w': w },
    ),
  ),
];
