import { choice, numberIn } from '../../../state/fields.ts';
import type { View } from '../view.ts';
import { type Asked, MAX_DEVICES } from './asked.ts';

export const view: View<Asked> = {
  id: 'placement',
  title: 'Experts on devices',
  about: {
    label: 'Experts on devices',
    meaning:
      'G simulated devices hold the FFN experts of every layer. Tokens live on the devices in contiguous shards, all alike here since only the counts per slot are known. An assignment to an expert elsewhere moves the token there and its result back; slots without matmul are on every device and move nothing. A layer takes as long as its slowest device.',
    formula:
      'bytes = 2·D·4 per moved assignment, twice that in training; time = Σ_layers max_g (FLOPs/rate + bytes/bandwidth)',
    source: 'MoDSE 3.2; MoE++',
  },
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
