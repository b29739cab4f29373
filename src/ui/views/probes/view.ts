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
  about: {
    label: 'Probe tasks',
    meaning:
      'Small stand-ins for the papers’ benchmarks, made of held-out text alone: the same items for every run with the same data and seed. While a run trains, one item is answered between two steps.',
    formula: 'Wilson’s interval: (a + z²/2N ± z·√(a(1 − a)/N + z²/4N²)) / (1 + z²/N), z = 1.96',
  },
  needs: {},
  rows: 40,
  fields,
  load: () => import('./Panel.tsx'),
};
