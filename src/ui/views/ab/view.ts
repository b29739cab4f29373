import type { View } from '../view.ts';

export const view: View = {
  id: 'ab',
  title: 'A/B',
  about: {
    label: 'A/B',
    meaning:
      'Two experiments on identical batches: side A is the open run, side B trains beside it on the same device, step by step in turn. Each has the losses that it has alone, bit for bit. What is left of the difference is not the batches’: its mean over the last 100 steps stands with the 95 % interval of Student’s t, which takes the differences as independent.',
    formula: 'd̄ ± t(0.975; n − 1) · s / √n',
  },
  needs: {},
  rows: 40,
  fields: {},
  load: () => import('./Panel.tsx'),
};
