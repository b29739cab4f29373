/**
 * The cards of the mechanisms: what each paper (or the field) brought, the settings that turn it on,
 * the operations that compute it, and the golden cases that prove it. The About sheet, the guide's
 * table and a test read these rows; kernels are fused on purpose and know nothing of them.
 */
import { hasSlot, moeLayers } from './conditions.ts';
import type { Experiment } from './experiment.ts';
import { slotsOfLayer } from './layers.ts';
import type { Paper } from './presets/build.ts';
import { expertWidths, isZeroComputation } from './slots.ts';
import type { TelemetryName } from './telemetry.ts';

export const PAPERS: readonly { name: Paper; title: string }[] = [
  { name: 'MoDSE', title: 'Mixture of Diverse Size Experts' },
  {
    name: 'MoE++',
    title: 'Accelerating Mixture-of-Experts Methods with Zero-Computation Experts',
  },
  { name: 'TC-MoE', title: 'Augmenting Mixture of Experts with Ternary Expert Choice' },
  { name: 'LaDiMo', title: 'Layer-wise Distillation Inspired MoEfier' },
  {
    name: 'EqualRes',
    title: 'Can Mixture-of-Experts Surpass Dense LLMs Under Strictly Equal Resources?',
  },
];

export interface Mechanism {
  id: string;
  /** Null for what is older than the five papers. */
  paper: Paper | null;
  title: string;
  /** Paper and equations. */
  source: string;
  /** Settings that turn it on or shape it. */
  paths: readonly string[];
  /** Files of `src/reference` that define it. */
  operations: readonly string[];
  /** Folders of `tests/fixtures/goldens`. */
  goldens: readonly string[];
  /** Recorded fields in which it shows most. */
  fields: readonly TelemetryName[];
  /** Whether an experiment uses it; for a conversion, whether it is one that converts. */
  isOn(e: Experiment): boolean;
}

const hasUnequalWidths = (e: Experiment) =>
  moeLayers(e).some((l) => new Set(expertWidths(slotsOfLayer(e.experts, l))).size > 1);

export const MECHANISMS: readonly Mechanism[] = [
  {
    id: 'topK',
    paper: null,
    title: 'top-k routing over experts',
    source: 'MoDSE 2; MoE++ 1; TC-MoE 1, 2',
    paths: ['router.selection', 'router.K', 'router.gate', 'router.bias'],
    operations: ['routerLogits', 'routerTopk', 'dispatch', 'expertUp', 'expertDown', 'combine'],
    goldens: ['moe-top1', 'moe-top2-renormalized', 'moe-top2-softmax-gate', 'odd-shapes'],
    fields: ['assignments', 'meanGate'],
    isOn: (e) => moeLayers(e).length > 0 && e.router.selection === 'topk',
  },
  {
    id: 'switchLoss',
    paper: null,
    title: 'load-balance loss of Switch',
    source: 'Switch Transformer (Fedus et al. 2022); MoDSE 9–12',
    paths: ['losses.switch.alpha'],
    operations: ['auxLosses'],
    goldens: ['moe-switch-loss'],
    fields: ['meanProb', 'assignments'],
    isOn: (e) => e.losses.switch !== undefined,
  },
  {
    id: 'network',
    paper: null,
    title: 'decoder-only transformer with grouped queries, rotary or ALiBi positions',
    source: 'docs/model.md, "Network"',
    paths: ['model.arrangement', 'model.Hkv', 'model.positions', 'model.keyNorm', 'model.tied'],
    operations: ['attention', 'headPrepare', 'rmsNorm', 'linear', 'embedding', 'crossEntropy'],
    goldens: ['dense', 'gqa-keynorm', 'tied-head'],
    fields: [],
    isOn: () => true,
  },
  {
    id: 'optimiser',
    paper: null,
    title: 'AdamW with warm-up, cosine schedule and clipping',
    source: 'docs/model.md, "Optimiser"',
    paths: ['optimizer.lr', 'optimizer.warmup', 'optimizer.clip', 'optimizer.weightDecay'],
    operations: ['adamw', 'clip'],
    goldens: ['adamw-schedule'],
    fields: [],
    isOn: () => true,
  },
  {
    id: 'diverseSizes',
    paper: 'MoDSE',
    title: 'experts of different widths, in pairs',
    source: 'MoDSE 7, 8',
    paths: ['experts.slots'],
    operations: ['expertUp', 'expertDown', 'swiglu'],
    goldens: ['modse'],
    fields: ['assignments'],
    isOn: hasUnequalWidths,
  },
  {
    id: 'noise',
    paper: 'MoDSE',
    title: 'noise branch of the router',
    source: 'MoDSE 3–5',
    paths: ['router.noise'],
    operations: ['routerLogits'],
    goldens: ['noise-bias-residual'],
    fields: ['meanProb'],
    isOn: (e) => e.router.noise,
  },
  {
    id: 'zeroComputation',
    paper: 'MoE++',
    title: 'zero, copy and constant experts',
    source: 'MoE++ 3–5',
    paths: ['experts.slots'],
    operations: ['combine', 'dispatch'],
    goldens: ['moepp', 'moepp-renormalized-without-zero'],
    fields: ['assignments', 'drops'],
    isOn: (e) => hasSlot(e, isZeroComputation),
  },
  {
    id: 'gatingResidual',
    paper: 'MoE++',
    title: 'gating residuals between routers',
    source: 'MoE++ 6',
    paths: ['router.gatingResidual'],
    operations: ['routerLogits'],
    goldens: ['moepp', 'noise-bias-residual'],
    fields: ['meanProb'],
    isOn: (e) => e.router.gatingResidual,
  },
  {
    id: 'heterogeneousLoss',
    paper: 'MoE++',
    title: 'heterogeneous load-balance loss',
    source: 'MoE++ 7',
    paths: ['losses.heterogeneous.beta', 'router.tau'],
    operations: ['auxLosses'],
    goldens: ['moepp'],
    fields: ['meanProb', 'assignments'],
    isOn: (e) => e.losses.heterogeneous !== undefined,
  },
  {
    id: 'capacity',
    paper: 'MoE++',
    title: 'heterogeneous capacity',
    source: 'MoE++ 8',
    paths: ['router.capacity', 'router.tau', 'evaluation.capacity'],
    operations: ['dispatch'],
    goldens: ['capacity-drop', 'tcmoe-capacity', 'topp-capacity'],
    fields: ['drops'],
    isOn: (e) => e.router.capacity !== null,
  },
  {
    id: 'ternary',
    paper: 'TC-MoE',
    title: 'negated and null slots: ternary expert choice',
    source: 'TC-MoE, section 3.2',
    paths: ['experts.slots', 'router.gate'],
    operations: ['combine', 'routerTopk'],
    goldens: ['tcmoe', 'tcmoe-null-selected', 'tcmoe-capacity'],
    fields: ['assignments'],
    isOn: (e) => hasSlot(e, ({ kind }) => kind === 'negated'),
  },
  {
    id: 'ternaryLoss',
    paper: 'TC-MoE',
    title: 'ternary balance loss',
    source: 'TC-MoE 6–9',
    paths: ['losses.ternary.alpha1'],
    operations: ['auxLosses'],
    goldens: ['tcmoe'],
    fields: ['meanProb', 'assignments'],
    isOn: (e) => e.losses.ternary !== undefined,
  },
  {
    id: 'rewardLoss',
    paper: 'TC-MoE',
    title: 'reward for null slots',
    source: 'TC-MoE 12',
    paths: ['losses.reward.alpha2'],
    operations: ['auxLosses'],
    goldens: ['tcmoe'],
    fields: ['meanGate'],
    isOn: (e) => e.losses.reward !== undefined,
  },
  {
    id: 'randomDrop',
    paper: 'TC-MoE',
    title: 'Random drop of the second choice',
    source: 'TC-MoE, baselines',
    paths: ['router.selection', 'router.q'],
    operations: ['routerTopk'],
    goldens: ['random-drop'],
    fields: ['assignments'],
    isOn: (e) => e.router.selection === 'randomDrop',
  },
  {
    id: 'topP',
    paper: 'TC-MoE',
    title: 'Top-P routing with its dynamic loss',
    source: 'Huang et al. 2024; TC-MoE, baselines',
    paths: ['router.selection', 'router.P', 'losses.dynamic.w'],
    operations: ['routerTopk', 'auxLosses'],
    goldens: ['topp', 'topp-capacity'],
    fields: ['assignments'],
    isOn: (e) => e.router.selection === 'topp' || e.losses.dynamic !== undefined,
  },
  {
    id: 'conversion',
    paper: 'LaDiMo',
    title: 'dense layers split into experts and distilled, one by one',
    source: 'LaDiMo, section 4',
    paths: ['model.arrangement'],
    operations: ['ladimo', 'distillLoss'],
    goldens: ['ladimo-split'],
    fields: ['assignments'],
    isOn: (e) => e.model.arrangement === 'dense',
  },
  {
    id: 'adaptive',
    paper: 'LaDiMo',
    title: 'adaptive routing by a policy of each layer',
    source: 'LaDiMo, section 4.4',
    paths: ['router.selection', 'router.policy'],
    operations: ['routerTopk', 'ladimo'],
    goldens: ['adaptive', 'ladimo-policy'],
    fields: ['assignments'],
    isOn: (e) => e.router.selection === 'adaptive',
  },
  {
    id: 'arrangements',
    paper: 'EqualRes',
    title: 'arrangements of dense and MoE layers',
    source: 'EqualRes, Table 5',
    paths: ['model.arrangement', 'experts.perLayer'],
    operations: ['model', 'moeLayer'],
    goldens: ['equalres', 'interleave', 'layer-list', 'per-layer-experts'],
    fields: ['assignments'],
    isOn: (e) => moeLayers(e).length < e.model.L || e.experts.perLayer !== undefined,
  },
  {
    id: 'sharedExpert',
    paper: 'EqualRes',
    title: 'shared expert beside the routed ones',
    source: 'EqualRes, section 6',
    paths: ['experts.sharedHidden'],
    operations: ['moeLayer'],
    goldens: ['equalres'],
    fields: [],
    isOn: (e) => e.experts.sharedHidden > 0,
  },
];
