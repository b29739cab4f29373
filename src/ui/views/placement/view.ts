import { choice, numberIn } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import { type Asked, MAX_DEVICES } from './asked.ts';

export const view: View<Asked> = {
  id: 'placement',
  title: 'Experts on devices',
  needs: { moe: true },
  rows: 36,
  fields: {
    devices: numberIn({ min: 1, max: MAX_DEVICES, isWhole: true }, 4, 'link'),
    gbytesPerSec: numberIn({ min: 0.001, max: 100_000 }, 50, 'link'),
    tflopsPerSec: numberIn({ min: 0.001, max: 100_000 }, 10, 'link'),
    pass: choice(['training', 'forward'], 'training', 'link'),
    policy: choice(['pair', 'sequential', 'greedy'], 'pair', 'link'),
  },
  load: () => import('./Panel.tsx'),
};
