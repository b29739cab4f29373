/** A recipe of tiny models that measures everything there is. */
import type { Recipe } from '../../../src/recipes/recipe.ts';

const figures = {
  kind: 'figures',
  label: 'Figures',
  ask: [
    {
      as: 'load',
      request: { figure: 'load', weights: 'uniform' },
      layerFields: ['counts', 'maxVio'],
    },
    { as: 'tokens', request: { figure: 'tokens' } },
    { as: 'workload', request: { figure: 'workload' }, fields: ['widthPerToken'] },
    {
      as: 'difficult',
      request: { figure: 'difficult', quantiles: [0.5, 0.9] },
      fields: ['reduction', 'count'],
    },
    {
      as: 'contribution',
      request: { figure: 'contribution', n: 2, seed: 1 },
      fields: ['negative'],
    },
  ],
} as const;

const slots = (...widths: number[]) => widths.map((hidden) => ({ kind: 'ffn', hidden }));

export const RECIPE: Recipe = {
  format: 1,
  name: 'tiny-1',
  paper: 'modse',
  number: '1',
  title: 'Tiny',
  claim: 'Nothing.',
  remark: '',
  base: {
    'model.D': 8,
    'model.L': 2,
    'model.H': 2,
    'model.Hkv': 2,
    'model.denseHidden': 8,
    'experts.slots': slots(4, 4, 4, 4),
    'batch.B': 2,
    'batch.S': 4,
    'tokenizer.kind': 'chars',
  },
  warmup: 0.1,
  variants: [
    { id: 'a', label: 'A', edits: {} },
    { id: 'b', label: 'B', edits: { 'experts.slots': slots(6, 2, 6, 2) } },
    {
      id: 'wide',
      label: 'Wide',
      edits: {},
      derived: {
        from: { read: 'work', field: 'workload.widthPerToken', of: 'b' },
        sets: 'width',
        step: 4,
      },
    },
    { id: 'dense', label: 'Dense', edits: { 'model.arrangement': 'dense' }, steps: { share: 0.5 } },
  ],
  seeds: [1, 2, 3],
  budgets: { quick: { steps: 30 }, standard: { steps: 60 }, long: { steps: 120 } },
  held: [{ resource: 'N', among: ['a', 'b'] }],
  measurements: [
    { id: 'loss', kind: 'validation', label: 'Loss' },
    { id: 'training', kind: 'training', label: 'Scalars', names: ['ce', 'lr'], parts: 3 },
    { id: 'loads', kind: 'loads', label: 'Loads', of: ['a', 'b'], parts: 3 },
    { id: 'churn', kind: 'followed', label: 'Churn', of: ['a'], names: ['saturation.churn'] },
    {
      ...{ id: 'shock', kind: 'shock', label: 'Shock', of: ['b'] },
      ...{ lr: 1e-2, window: 4, before: 6, after: 12, within: 0.1 },
    },
    { id: 'work', ...figures, of: ['b'], ask: [figures.ask[2]] },
    { id: 'figures', ...figures, of: ['b'], baseline: 'a' },
    {
      id: 'devices',
      kind: 'placement',
      label: 'Devices',
      of: ['b'],
      devices: 2,
      policies: ['pair', 'sequential'],
    },
    ...(['experts', 'forward', 'prefill', 'decode'] as const).map((what) => ({
      ...{
        id: what,
        kind: 'times' as const,
        label: what,
        of: ['a', 'b'],
        what,
        rounds: 3,
        passes: 1,
      },
    })),
    {
      id: 'conversion',
      kind: 'conversion',
      label: 'Conversion',
      of: ['dense'],
      settings: { layers: [0, 1], N: 4, sample: 64, batch: 8, steps: 20, profile: 32 },
      throughput: { rounds: 3 },
    },
  ],
  primary: null,
  shown: [],
  figures: [],
  printed: [],
};
