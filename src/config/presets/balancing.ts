/** How today's models balance their routers (docs/balancing.md, "As in"), at a size for the browser. */
import type { Change, Slot } from '../experiment.ts';
import { type Preset, uniform, withChanges } from './build.ts';

/** Fine experts, four of sixteen per token, and no loss of the defaults. */
const setting: Change = {
  'experts.slots': uniform(16, 128),
  'router.K': 4,
  'losses.switch.alpha': null,
};
const shared: Change = { 'experts.sharedHidden': 128 };
const sign = (rate: number, centre: boolean): Change => ({
  'router.biasRule': { kind: 'sign', rate, centre },
});

const scale = 'Here D 128, 4 layers, 4 of 16 experts of width 128 and the program’s own schedule.';

function preset(id: string, title: string, remark: string, ...changes: Change[]): Preset {
  const experiment = withChanges(setting, ...changes);
  return { id, title, paper: 'Balancing', remark, experiment };
}

const copies: readonly Slot[] = [
  ...uniform(8, 128),
  ...Array.from({ length: 4 }, (): Slot => ({ kind: 'copy' })),
];

export const balancingPresets: readonly Preset[] = [
  preset(
    'bal-deepseek-v3',
    'DeepSeek-V3: sigmoid and a bias moved by signs',
    `Sigmoid scores, renormalised and times 2.5, rate 0.001, a weak loss per sequence, a shared expert. The model: 61 layers, 3 of them dense, 8 of 256 experts in node-limited groups, latent attention, several tokens predicted; its last phase holds the bias (rule none). ${scale}`,
    shared,
    sign(0.001, false),
    {
      'model.arrangement': '1dense',
      'router.score': 'sigmoid',
      'router.gate': 'renormalized',
      'router.routeScale': 2.5,
      'losses.balance': {
        coefficient: 1e-4,
        scope: 'sequence',
        counts: 'unbiased',
      },
    },
  ),
  preset(
    'bal-torchtitan',
    'torchtitan: raw sigmoid and a centred bias',
    `Raw sigmoid scores as weights, a centred bias of rate 0.001, no loss. The library’s default for models of any size, whose counts are taken over all devices. ${scale}`,
    sign(0.001, true),
    { 'router.score': 'sigmoid', 'router.gate': 'softmax' },
  ),
  preset(
    'bal-olmoe',
    'OLMoE: balance loss and z-loss',
    `Softmax scores as weights, balance 0.01 over the batch, z-loss 0.001. The model: 16 layers, D 2048, 8 of 64 experts, normed queries and keys. ${scale}`,
    {
      'router.gate': 'softmax',
      'losses.balance': { coefficient: 0.01, scope: 'batch' },
      'losses.zloss.coefficient': 0.001,
    },
  ),
  preset(
    'bal-qwen3',
    'Qwen3 MoE: balance over the global batch',
    `Renormalised softmax, balance 0.001 over 16 steps, which stand for the global batch of many devices. The model: 8 of 128 experts, no shared one, 48 or 94 layers. ${scale}`,
    {
      'router.gate': 'renormalized',
      'losses.balance': { coefficient: 0.001, scope: 'global', window: 16 },
    },
  ),
  preset(
    'bal-kimi-k3',
    'Kimi K3: bias at the quantiles of the scores',
    `Sigmoid scores and a bias set to what the batch would have needed, no balance loss. The model approximates the quantiles by histograms; here they are exact, of one batch. ${scale}`,
    {
      'router.score': 'sigmoid',
      'router.gate': 'renormalized',
      'router.biasRule': { kind: 'quantile', smoothing: 0 },
    },
  ),
  preset(
    'bal-longcat-flash',
    'LongCat-Flash: a budget of computing experts',
    'Copy slots among the experts, and a bias that aims at 2 computing slots of 3 per token. The model: 12 of 512 experts and 256 identity ones, 8 computing on average, shortcut connections between layers. Here D 128, 4 layers, 8 experts of width 128 and 4 copies; the rate 0.01 is this program’s.',
    {
      'experts.slots': copies,
      'router.K': 3,
      'router.gate': 'softmax',
      'router.biasRule': { kind: 'budget', rate: 0.01, computing: 2 },
    },
  ),
  preset(
    'bal-deepseek-v4-flash',
    'DeepSeek-V4 Flash: hash layers first',
    'Root-of-softplus scores, renormalised and times 1.5; three hash layers, a bias of rate 0.001 in the others, a shared expert. The model’s hash tables are unpublished; here they are drawn by a seed. Here D 128, 6 layers, 4 of 16 experts of width 128.',
    shared,
    sign(0.001, false),
    {
      'model.L': 6,
      'router.selection': 'hash',
      'router.hashLayers': 3,
      'router.score': 'sqrtSoftplus',
      'router.gate': 'renormalized',
      'router.routeScale': 1.5,
    },
  ),
  preset(
    'bal-emo',
    'EMO: pools of experts per document',
    `Each sequence chooses among a pool of 4 to 16 experts, with balance over 16 steps, z-loss and a shared expert. In the model a document is a document; here it is a sequence, and the coefficients 0.01 and 0.001 are this program’s. ${scale}`,
    shared,
    {
      'router.gate': 'softmax',
      'router.pool': { min: 4, max: 16, evaluation: null },
      'losses.balance': { coefficient: 0.01, scope: 'global', window: 16 },
      'losses.zloss.coefficient': 0.001,
    },
  ),
];
