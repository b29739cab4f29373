/**
 * Bodies for adapters without a GPU of kernels that give a row to a workgroup: there an invocation has
 * it to itself, because barriers and workgroup memory cost more than the sums.
 */

import rotated from '../../../shaders/attention/rotated.wgsl?raw';
import index from '../../../shaders/common/index.wgsl?raw';
import numbers from '../../../shaders/common/numbers.wgsl?raw';
import slots from '../../../shaders/common/slots.wgsl?raw';
import columns from '../../../shaders/common/software/columns.wgsl?raw';
import lanes from '../../../shaders/common/software/lanes.wgsl?raw';
import orderedColumns from '../../../shaders/common/software/orderedColumns.wgsl?raw';
import row from '../../../shaders/common/software/row.wgsl?raw';
import step from '../../../shaders/common/step.wgsl?raw';
import mixWeights from '../../../shaders/dispatch/mixWeights.wgsl?raw';
import findExpert from '../../../shaders/experts/findExpert.wgsl?raw';
import rows from '../../../shaders/experts/rows.wgsl?raw';
import historyWords from '../../../shaders/loss/historyWords.wgsl?raw';
import auxLossesFwd from '../../../shaders/loss/software/auxLosses.fwd.serial.wgsl?raw';
import auxLossesLoad from '../../../shaders/loss/software/auxLosses.load.serial.wgsl?raw';
import crossEntropy from '../../../shaders/loss/software/crossEntropy.fwd.serial.wgsl?raw';
import terms from '../../../shaders/loss/terms.wgsl?raw';
import rmsNormBwdW from '../../../shaders/norm/software/rmsNorm.bwdW.serial.wgsl?raw';
import type { KernelSpec } from '../../gpu/kernel.ts';

export interface SerialBody {
  /** Rows of a workgroup. */
  rows: number;
  /** What takes the place of the kernel's own. */
  body: Pick<KernelSpec, 'preludes'> | Pick<KernelSpec, 'name' | 'source' | 'preludes'>;
}

/** The same source, after another prelude. */
const byRow = (...preludes: string[]): SerialBody => ({
  rows: 64,
  body: { preludes: [index, row, ...preludes] },
});

/** The same source with an invocation per output. */
const byOutput = (...preludes: string[]): SerialBody => ({
  rows: 8,
  body: { preludes: [index, lanes, ...preludes] },
});

/** By kernel. */
const BODIES: Record<string, SerialBody> = {
  'rmsNorm.fwd': byRow(),
  'rmsNorm.bwdX': byRow(),
  'rmsNorm.bwdW': {
    rows: 8,
    body: { name: 'rmsNorm.bwdW.serial', source: rmsNormBwdW, preludes: [index] },
  },
  'clip.partial': byRow(),
  'linear.rows': byOutput(),
  'expertUp.rows': byOutput(numbers, rows, findExpert),
  'expertDown.rows': byOutput(rows, findExpert),
  'embedding.bwd': byOutput(),
  'combine.bwd': byOutput(numbers, slots, mixWeights),
  'headPrepare.fwd': byOutput(rotated),
  'headPrepare.bwd': byOutput(rotated),
  'headPrepare.bwdW': { rows: 1, body: { preludes: [index, columns, rotated] } },
  columnSum: { rows: 1, body: { preludes: [index, orderedColumns] } },
  'crossEntropy.fwd': {
    rows: 64,
    body: { name: 'crossEntropy.fwd.serial', source: crossEntropy, preludes: [index, numbers] },
  },
  'zloss.sum': byRow(step, terms),
  'balanceLoss.load': byRow(),
  'balanceLoss.fwd': byRow(step, terms, historyWords),
  'pool.preferences': byRow(),
  'auxLosses.load': { rows: 8, body: { name: 'auxLosses.load.serial', source: auxLossesLoad } },
  'auxLosses.fwd': { rows: 1, body: { name: 'auxLosses.fwd.serial', source: auxLossesFwd } },
};

/** Adds the bodies of kernels that few models load. */
export function addBodies(bodies: Readonly<Record<string, SerialBody>>): void {
  Object.assign(BODIES, bodies);
}

/** The kernel with its body for these adapters, and that body's rows per workgroup; its own without one. */
export function serial<S extends KernelSpec>(spec: S): { spec: S; rows: number } {
  const { rows, body } = BODIES[spec.name] ?? { rows: 1, body: {} };
  return { spec: { ...spec, ...body }, rows };
}
