import type { Experiment } from '../../src/config/experiment.ts';
import { TINY } from './support.ts';

/** Every kind of slot, capacity in training and a policy of random drops: all of it draws or counts. */
export const MIXED: Experiment = {
  ...TINY,
  router: { ...TINY.router, selection: 'randomDrop', q: 0.4, gate: 'softmax', capacity: 1.1 },
  experts: {
    slots: [
      { kind: 'ffn', hidden: 8 },
      { kind: 'ffn', hidden: 12 },
      { kind: 'constant' },
      { kind: 'copy' },
      { kind: 'zero' },
    ],
    sharedHidden: 0,
  },
  losses: { heterogeneous: { beta: 0.05 } },
};
