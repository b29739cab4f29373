/** Bodies for adapters without a GPU, as serial.ts has them, of kernels of the balancing lab: they come with these. */
import index from '../../../shaders/common/index.wgsl?raw';
import row from '../../../shaders/common/software/row.wgsl?raw';
import quantile from '../../../shaders/router/software/biasRule.quantile.serial.wgsl?raw';
import threshold from '../../../shaders/router/software/expertChoice.threshold.serial.wgsl?raw';
import type { SerialBody } from './serial.ts';

export const LAB_BODIES: Readonly<Record<string, SerialBody>> = {
  'expertChoice.threshold': {
    rows: 64,
    body: { name: 'expertChoice.threshold.serial', source: threshold, preludes: [index, row] },
  },
  'biasRule.quantile': {
    rows: 1,
    body: { name: 'biasRule.quantile.serial', source: quantile },
  },
};
