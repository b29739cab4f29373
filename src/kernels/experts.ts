import numbers from '../../shaders/common/numbers.wgsl?raw';
import downBwdW from '../../shaders/experts/expertDown.bwdW.wgsl?raw';
import downBwdX from '../../shaders/experts/expertDown.bwdX.wgsl?raw';
import downFwd from '../../shaders/experts/expertDown.fwd.wgsl?raw';
import upBwdW from '../../shaders/experts/expertUp.bwdW.wgsl?raw';
import upBwdX from '../../shaders/experts/expertUp.bwdX.wgsl?raw';
import upFwd from '../../shaders/experts/expertUp.fwd.wgsl?raw';
import findExpert from '../../shaders/experts/findExpert.wgsl?raw';
import product from '../../shaders/experts/product.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import tokens from '../../shaders/experts/tokens.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { tileShape } from '../layout/tiles.ts';
import type { ExpertBuffers } from './expertBuffers.ts';
import { TILE, TILE_CONSTANTS, TILE_OF_TWO, tileConstants } from './matmul.ts';
import { ROW_TILE, type RowTableShape, tileBounds } from './rowTable.ts';

const grouped = { constants: TILE_CONSTANTS, dims: u32('E', 'D4', 'Fmax4') };
const preludes = [numbers, rows, findExpert, product];

export const expertUpFwd = {
  ...grouped,
  name: 'expertUp.fwd',
  source: upFwd,
  preludes: [...TILE_OF_TWO, ...preludes, tokens],
  bindings: {
    ...read('table', 'experts_E', 'row_token_J', 'm_TD', 'w'),
    ...readWrite('gate_up_JF', 'hidden_JF'),
  },
} as const satisfies KernelSpec;

export const expertDownFwd = {
  ...grouped,
  name: 'expertDown.fwd',
  source: downFwd,
  preludes: [...TILE, ...preludes],
  bindings: { ...read('table', 'experts_E', 'hidden_JF', 'w'), ...readWrite('y_JD') },
} as const satisfies KernelSpec;

export const expertDownBwdX = {
  ...grouped,
  name: 'expertDown.bwdX',
  source: downBwdX,
  preludes: [...TILE, ...preludes, tokens],
  bindings: {
    ...read('table', 'experts_E', 'row_token_J', 'row_coef_J', 'dout_TD', 'w'),
    ...readWrite('gate_up_JF', 'hidden_JF'),
  },
} as const satisfies KernelSpec;

export const expertUpBwdX = {
  ...grouped,
  name: 'expertUp.bwdX',
  source: upBwdX,
  preludes: [...TILE, ...preludes],
  bindings: { ...read('table', 'experts_E', 'dgate_up_JF', 'w'), ...readWrite('dm_JD') },
} as const satisfies KernelSpec;

export const expertDownBwdW = {
  ...grouped,
  name: 'expertDown.bwdW',
  source: downBwdW,
  preludes: [...TILE, ...preludes, tokens],
  bindings: {
    ...read('table', 'experts_E', 'row_token_J', 'dout_TD', 'hidden_JF'),
    ...readWrite('dw'),
  },
} as const satisfies KernelSpec;

export const expertUpBwdW = {
  ...grouped,
  name: 'expertUp.bwdW',
  source: upBwdW,
  preludes: [...TILE_OF_TWO, ...preludes, tokens],
  bindings: {
    ...read('table', 'experts_E', 'row_token_J', 'm_TD', 'dgate_up_JF'),
    ...readWrite('dw'),
  },
} as const satisfies KernelSpec;

function sizes(shape: RowTableShape) {
  return {
    E: shape.hidden.length,
    D4: pad4(shape.D) / 4,
    Fmax4: pad4(Math.max(...shape.hidden)) / 4,
  };
}

/** y_JD = SwiGLU experts of m_TD, rows in expert order, unscaled (docs/model.md, "5. Experts"). */
export function expertsForward(
  plan: PlanBuilder,
  io: ExpertBuffers & { m_TD: Slice; y_JD: Slice },
  shape: RowTableShape,
): void {
  const values = sizes(shape);
  const bounds = tileBounds(shape);
  const dual = tileConstants({ TM: 2, TN: 2 }, { cols: 'matrices' });
  plan.add(expertUpFwd, io, values, bounds.F, dual);
  const channels = tileConstants(tileShape(ROW_TILE, pad4(shape.D)));
  plan.add(expertDownFwd, io, values, bounds.D, channels);
}

/**
 * Backward of `expertsForward` and of the scaling by row_coef: dm_JD rows in expert order and the
 * gradients of all weights, zeros for experts without rows.
 */
export function expertsBackward(
  plan: PlanBuilder,
  io: ExpertBuffers & { m_TD: Slice; dout_TD: Slice; dm_JD: Slice },
  shape: RowTableShape,
): void {
  const values = sizes(shape);
  const bounds = tileBounds(shape);
  const units = tileConstants({ TM: 2, TN: 1 });
  plan.add(expertDownBwdX, io, values, bounds.F, units);
  const square = tileConstants({ TM: 2, TN: 2 });
  plan.add(expertDownBwdW, io, values, bounds.downW, square);
  const up = { ...io, dgate_up_JF: io.gate_up_JF };
  const channelTile = tileShape(ROW_TILE, pad4(shape.D));
  const channels = tileConstants(channelTile);
  plan.add(expertUpBwdX, up, values, bounds.D, channels);
  const dual = tileConstants({ TM: 2, TN: channelTile.TN }, { rows: 'matrices' });
  plan.add(expertUpBwdW, up, values, bounds.upW, dual);
}
