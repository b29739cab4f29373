import { type Fields, numberIn } from '../../../state/fields.ts';
import type { ProbeInterval } from '../../../state/probeInterval.ts';
import type { View } from '../view.ts';

const fields: Fields<ProbeInterval> = {
  every: numberIn({ min: 0, max: 1_000_000, isWhole: true }, 0, 'local'),
  items: numberIn({ min: 1, max: 10_000, isWhole: true }, 64, 'local'),
  seed: numberIn({ min: 0, max: 2 ** 32 - 1, isWhole: true }, 1, 'local'),
};

export const view: View<ProbeInterval> = {
  id: 'probes',
  title: 'Probe tasks',
  needs: {},
  rows: 40,
  fields,
  load: () => import('./Panel.tsx'),
};
