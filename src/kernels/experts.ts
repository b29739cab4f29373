import numbers from '../../shaders/common/numbers.wgsl?raw';
import downBwdW from '../../shaders/experts/expertDown.bwdW.wgsl?raw';
import downBwdX from '../../shaders/experts/expertDown.bwdX.wgsl?raw';
import downFwd from '../../shaders/experts/expertDown.fwd.wgsl?raw';
import upBwdW from '../../shaders/experts/expertUp.bwdW.wgsl?raw';
import upBwdX from '../../shaders/experts/expertUp.bwdX.wgsl?raw';
import upFwd from '../../shaders/experts/expertUp.fwd.wgsl?raw';
import findExpert from '../../shaders/experts/findExpert.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import type { ExpertBuffers } from './expertBuffers.ts';
import { tileConstants, tileShape, withWorkgroupTile } from './matmul.ts';
import { ROW_TILE, type RowTableShape, tileBounds } from './rowTable.ts';
import { swigluBackward, swigluForward } from './swiglu.ts';

const dims = { E: 'u32', D4: 'u32', Fmax4: 'u32' } as const;
const constants = ['TM', 'TN', 'ROW_STEP', 'COL_STEP'];
const preludes = [numbers, rows, findExpert];

export const expertUpFwd = {
  name: 'expertUp.fwd',
  source: upFwd,
  preludes,
  constants,
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    m_TD: 'read',
    w: 'read',
    gate_up_JF: 'readWrite',
    hidden_JF: 'readWrite',
  },
  dims,
} as const satisfies KernelSpec;

export const expertDownFwd = {
  name: 'expertDown.fwd',
  source: downFwd,
  preludes,
  constants,
  bindings: { table: 'read', experts_E: 'read', hidden_JF: 'read', w: 'read', y_JD: 'readWrite' },
  dims,
} as const satisfies KernelSpec;

export const expertDownBwdX = {
  name: 'expertDown.bwdX',
  source: downBwdX,
  preludes,
  constants,
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    row_coef_J: 'read',
    dout_TD: 'read',
    w: 'read',
    gate_up_JF: 'readWrite',
    hidden_JF: 'readWrite',
  },
  dims,
} as const satisfies KernelSpec;

export const expertUpBwdX = {
  name: 'expertUp.bwdX',
  source: upBwdX,
  preludes,
  constants,
  bindings: {
    table: 'read',
    experts_E: 'read',
    dgate_up_JF: 'read',
    w: 'read',
    dm_JD: 'readWrite',
  },
  dims,
} as const satisfies KernelSpec;

export const expertDownBwdW = {
  name: 'expertDown.bwdW',
  source: downBwdW,
  preludes,
  constants,
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    dout_TD: 'read',
    hidden_JF: 'read',
    dw: 'readWrite',
  },
  dims,
} as const satisfies KernelSpec;

export const expertUpBwdW = {
  name: 'expertUp.bwdW',
  source: upBwdW,
  preludes,
  constants,
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    m_TD: 'read',
    dgate_up_JF: 'read',
    dw: 'readWrite',
  },
  dims,
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
  if (plan.usesQuads) {
    swigluForward(plan, io, shape);
    return;
  }
  const values = sizes(shape);
  const bounds = tileBounds(shape);
  const dual = tileConstants({ TM: 2, TN: 2 }, { cols: 'matrices' });
  plan.add(withWorkgroupTile(expertUpFwd, false), io, values, bounds.F, dual);
  const channels = tileConstants(tileShape(ROW_TILE, pad4(shape.D)));
  plan.add(withWorkgroupTile(expertDownFwd), io, values, bounds.D, channels);
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
  if (plan.usesQuads) {
    swigluBackward(plan, io, shape);
    return;
  }
  const values = sizes(shape);
  const bounds = tileBounds(shape);
  const units = tileConstants({ TM: 2, TN: 1 });
  plan.add(withWorkgroupTile(expertDownBwdX), io, values, bounds.F, units);
  const square = tileConstants({ TM: 2, TN: 2 });
  plan.add(withWorkgroupTile(expertDownBwdW), io, values, bounds.downW, square);
  const up = { ...io, dgate_up_JF: io.gate_up_JF };
  const channelTile = tileShape(ROW_TILE, pad4(shape.D));
  const channels = tileConstants(channelTile);
  plan.add(withWorkgroupTile(expertUpBwdX), up, values, bounds.D, channels);
  const dual = tileConstants({ TM: 2, TN: channelTile.TN }, { rows: 'matrices' });
  plan.add(withWorkgroupTile(expertUpBwdW, false), up, values, bounds.upW, dual);
}
