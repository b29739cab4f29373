import type { View } from '../view.ts';

export const view: View = {
  id: 'rack',
  title: 'Expert rack',
  about: {
    label: 'Expert rack',
    meaning:
      'One bar per slot: as wide as its hidden layer, filled as high as its measured load; the line across is the ideal load, so that the filled area is the work of the slot. While a run is open, edits change the running model: widening adds units whose output is zero, narrowing drops the units that weigh least, cloning copies weights and moments. Each is an event of the link and a mark on every chart.',
    formula: 'width ∝ h, height = load / ideal, 1× at the line',
    source: 'widths and pairs: MoDSE 7, 8; ∅ ⧉ c: MoE++; −E: TC-MoE',
  },
  needs: { moe: true },
  rows: 42,
  fields: {},
  load: () => import('./Panel.tsx'),
};
