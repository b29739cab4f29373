import type { Measurement } from '../../measurement.ts';
import type { Recipe } from '../../recipe.ts';
import { LOSS, numbers, read, TIME_MARGIN } from '../common.ts';
import { common, pair } from './setting.ts';

export const times: Measurement = {
  kind: 'times',
  id: 'times',
  label: 'Time of a forward pass',
  what: 'forward',
  rounds: 7,
  passes: 5,
};

const devicesOf = (policy: string) => read('devices', `${policy}.flops`, 'diverse');

export const speed: Recipe = {
  ...common,
  name: 'modse-5',
  number: '5',
  title: 'Equal speed, even devices',
  claim:
    'Inference times of both models are about equal; with pair placement the devices’ work is even, with sequential placement it is not.',
  measurements: [
    LOSS,
    times,
    {
      kind: 'placement',
      id: 'devices',
      label: 'Work of four simulated devices',
      devices: 4,
      policies: ['pair', 'sequential', 'greedy'],
    },
  ],
  primary: {
    id: 'time',
    label: 'forward pass, MoDSE/uniform − 1',
    side: 'none',
    unit: 'share',
    margin: TIME_MARGIN,
    test: 'difference',
    measure: 'ratio',
    variant: read('times', 'ms', 'diverse'),
    reference: read('times', 'ms', 'uniform'),
  },
  shown: [
    {
      id: 'devices',
      label: 'largest over mean work of four devices, pair − sequential',
      side: '<',
      unit: 'ratio',
      margin: null,
      test: 'difference',
      variant: devicesOf('pair'),
      reference: devicesOf('sequential'),
    },
  ],
  figures: [
    {
      id: 'times',
      title: 'Time of a forward pass',
      kind: 'bars',
      x: { label: 'model', unit: 'none', names: [...pair] },
      y: { label: 'median over rounds', unit: 'ms' },
      series: [
        {
          label: 'forward',
          x: numbers([0, 1]),
          y: { list: pair.map((of) => read('times', 'ms', of)) },
        },
      ],
    },
    {
      id: 'devices',
      title: 'Largest over mean work of four devices',
      kind: 'bars',
      x: { label: 'placement', unit: 'none', names: ['pair', 'sequential', 'greedy'] },
      y: { label: 'max/mean', unit: 'ratio' },
      series: pair.map((of) => ({
        label: of,
        x: numbers([0, 1, 2]),
        y: {
          list: ['pair', 'sequential', 'greedy'].map((policy) =>
            read('devices', `${policy}.flops`, of),
          ),
        },
      })),
    },
  ],
  printed: [
    { where: 'Table 4', inTable: true, says: 'Durations of inference by benchmark, both models.' },
  ],
};
