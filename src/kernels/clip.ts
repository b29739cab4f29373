import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import reduce64 from '../../shaders/common/reduce64.wgsl?raw';
import row from '../../shaders/common/row.wgsl?raw';
import stepParams from '../../shaders/common/step.wgsl?raw';
import terms from '../../shaders/loss/terms.wgsl?raw';
import finish from '../../shaders/optim/clip.finish.wgsl?raw';
import partial from '../../shaders/optim/clip.partial.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { addRows } from './bodies.ts';
import { RECORD } from './codes.ts';

export const clipPartial = {
  name: 'clip.partial',
  source: partial,
  preludes: [index, row, reduce64],
  bindings: { ...read('grad_N'), ...readWrite('partials_W') },
  dims: u32('N4', 'workgroups'),
} as const satisfies KernelSpec;

export const clipFinish = {
  name: 'clip.finish',
  source: finish,
  preludes: [numbers, reduce64, stepParams, terms],
  bindings: { ...read('partials_W', 'loss_T', 'aux_LA'), ...readWrite('state', 'ring') },
  dims: u32('workgroups', 'T', 'layers', 'record_floats'),
  step: true,
} as const satisfies KernelSpec;

/** Floats of the scratch buffer `partials_W`. */
export const CLIP_WORKGROUPS = 256;

/** Words of the state buffer: 0 halted (0 or 1), 1 bits of the factor of clipping, 2 the refused step. */
export const STATE_WORDS = 3;

/** Words that `clip` writes at the start of a ring record: SCALARS, then these. */
export const CLIP_RECORD_WORDS = RECORD.step + 1;

/**
 * Global gradient norm, factor of clipping, losses and the halt on non-finite numbers. Sums of
 * squares beyond float32 (a norm above 1.8e19) count as non-finite.
 *
 * grad_N: all gradients, `floats` in number (a multiple of 4), padding 0. aux_LA [layers, 7]: the
 * layers' terms in the order of AUX_TERMS; any slice where `layers` is 0. `ring`: records of
 * `recordFloats` words, of which the one of this step's `ring_slot` gets its first 13.
 */
export function clip(
  plan: PlanBuilder,
  io: {
    grad_N: Slice;
    partials_W: Slice;
    loss_T: Slice;
    aux_LA: Slice;
    state: Slice;
    ring: Slice;
  },
  dims: { floats: number; T: number; layers: number; recordFloats: number },
): void {
  const { floats, T, layers, recordFloats } = dims;
  if (floats % 4 !== 0) throw new RangeError(`clip: ${floats} floats are not a multiple of 4`);
  if (recordFloats < CLIP_RECORD_WORDS) {
    throw new RangeError(`clip: records of ${recordFloats} words hold no ${CLIP_RECORD_WORDS}`);
  }
  const workgroups = CLIP_WORKGROUPS;
  addRows(plan, clipPartial, io, { N4: floats / 4, workgroups }, workgroups);
  plan.add(clipFinish, io, { workgroups, T, layers, record_floats: recordFloats }, 1);
}
