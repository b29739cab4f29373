import type { Recipe } from '../../recipe.ts';
import { LOSS, mean } from '../common.ts';
import { common, conversion, LAYERS, of } from './setting.ts';

const mse = (measurement: string) => of(measurement, 'mse');
const starts = ['split', 'random'] as const;

export const start: Recipe = {
  ...common,
  name: 'ladimo-1',
  number: '1',
  title: 'Starting from the split weights',
  claim: 'Starting from the split weights reaches a lower distillation loss than a random start.',
  measurements: [
    LOSS,
    conversion('split', 'Split start'),
    conversion('random', 'Random start', { start: 'random' }),
  ],
  primary: {
    id: 'mse',
    label: 'distillation mse at the last step, mean over layers, split − random',
    side: '<',
    unit: 'none',
    margin: null,
    test: 'difference',
    variant: mean(mse('split')),
    reference: mean(mse('random')),
  },
  shown: [
    {
      id: 'layers',
      label: 'by layer, split/random − 1',
      side: '<',
      unit: 'share',
      margin: null,
      test: 'parts',
      all: false,
      parts: LAYERS.map((layer) => ({
        id: `layer ${layer}`,
        label: `layer ${layer}`,
        side: '<',
        unit: 'share',
        margin: null,
        test: 'difference',
        measure: 'ratio',
        variant: of('split', 'mse', layer),
        reference: of('random', 'mse', layer),
      })),
    },
  ],
  figures: [
    {
      id: 'curves',
      title: 'Distillation loss of the last layer',
      kind: 'lines',
      x: { label: 'step', unit: 'count' },
      y: { label: 'mse', unit: 'none', scale: 'log' },
      series: starts.map((from) => ({
        label: from,
        x: of(from, 'curveSteps'),
        y: of(from, 'curve', -1),
      })),
    },
  ],
  printed: [{ where: 'Figure 2', inTable: false, says: 'Curves of the distillation loss, drawn.' }],
};

export const depth: Recipe = {
  ...common,
  name: 'ladimo-2',
  number: '2',
  title: 'Later layers are harder to distil',
  claim: 'The distillation mse grows from the first layers to the last.',
  measurements: [LOSS, conversion('split', 'Split start')],
  primary: {
    id: 'slope',
    label: 'slope of the final mse over the layers',
    side: '>',
    unit: 'none',
    margin: null,
    test: 'trend',
    settings: of('split', 'layers'),
    values: mse('split'),
  },
  shown: [],
  figures: [
    {
      id: 'layers',
      title: 'Distillation mse at the last step by layer',
      kind: 'lines',
      x: { label: 'layer', unit: 'count' },
      y: { label: 'mse', unit: 'none', scale: 'log' },
      series: [{ label: 'split start', x: of('split', 'layers'), y: mse('split') }],
    },
  ],
  printed: [{ where: 'Figure 3', inTable: false, says: 'Curves by layer, drawn.' }],
};
