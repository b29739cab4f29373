/** experts.ts for adapters without a GPU: one product by rows, one for weights, and what is between. */
import index from '../../../shaders/common/index.wgsl?raw';
import numbers from '../../../shaders/common/numbers.wgsl?raw';
import findExpert from '../../../shaders/experts/findExpert.wgsl?raw';
import rows from '../../../shaders/experts/rows.wgsl?raw';
import bwd from '../../../shaders/experts/software/swiglu.bwd.wgsl?raw';
import fwd from '../../../shaders/experts/software/swiglu.fwd.wgsl?raw';
import rowsSource from '../../../shaders/experts/software/swiglu.rows.wgsl?raw';
import weightsSource from '../../../shaders/experts/software/swiglu.weights.wgsl?raw';
import { type KernelSpec, read, readWrite, u32 } from '../../gpu/kernel.ts';
import type { PlanBuilder } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { pad4 } from '../../layout/sizes.ts';
import { AXIS, SECTION } from '../codes.ts';
import type { ExpertBuffers } from '../expertBuffers.ts';
import { type RowTableShape, tileBounds, tileWidths } from '../rowTable.ts';
import { QUAD_DIRECTIVES, QUAD_TILE } from './quads.ts';

export const swigluRows = {
  name: 'swiglu.rows',
  source: rowsSource,
  directives: QUAD_DIRECTIVES,
  preludes: [...QUAD_TILE, rows, findExpert],
  bindings: { ...read('table', 'experts_E', 'row_token_J', 'a', 'b'), ...readWrite('c') },
  dims: u32(
    'E',
    'section',
    'parts',
    'D',
    'Fmax',
    'by_token',
    'row_a',
    'row_c4',
    'terms',
    'cols',
    'is_down',
    'by_term',
  ),
} as const satisfies KernelSpec;

export const swigluWeights = {
  name: 'swiglu.weights',
  source: weightsSource,
  directives: QUAD_DIRECTIVES,
  preludes: [...QUAD_TILE, rows, findExpert],
  bindings: { ...read('table', 'experts_E', 'row_token_J', 'a', 'b'), ...readWrite('dw') },
  dims: u32('E', 'section', 'parts', 'D', 'Fmax', 'is_down'),
} as const satisfies KernelSpec;

export const swigluFwd = {
  name: 'swiglu.fwd',
  source: fwd,
  preludes: [index, numbers, rows, findExpert],
  bindings: { ...read('table', 'experts_E', 'gate_up_JF'), ...readWrite('hidden_JF') },
  dims: u32('E', 'Fmax4'),
} as const satisfies KernelSpec;

export const swigluBwd = {
  name: 'swiglu.bwd',
  source: bwd,
  preludes: [index, numbers, rows, findExpert],
  bindings: {
    ...read('table', 'experts_E', 'row_coef_J'),
    ...readWrite('gate_up_JF', 'hidden_JF'),
  },
  dims: u32('E', 'Fmax4'),
} as const satisfies KernelSpec;

/** Sizes of one set of experts, and its products. */
class Products {
  private readonly plan: PlanBuilder;
  private readonly io: ExpertBuffers;
  private readonly bounds: ReturnType<typeof tileBounds>;
  private readonly E: number;
  private readonly maxRows: number;
  /** 32 channels each, of a tile over D. */
  private readonly channelParts: number;
  readonly D: number;
  readonly Fmax: number;

  constructor(plan: PlanBuilder, io: ExpertBuffers, shape: RowTableShape) {
    this.plan = plan;
    this.io = io;
    this.bounds = tileBounds(shape);
    this.E = shape.hidden.length;
    this.maxRows = shape.maxRows;
    this.channelParts = tileWidths(shape.D).channels / 32;
    this.D = pad4(shape.D);
    this.Fmax = pad4(Math.max(...shape.hidden));
  }

  private get sizes() {
    return { E: this.E, D: this.D, D4: this.D / 4, Fmax: this.Fmax };
  }

  /** c = rows of `a` times the weights, over tiles of hidden units or of channels. */
  rows(
    operation: string,
    buffers: { a: Slice; c: Slice },
    how: {
      by_token: 0 | 1;
      row_a: number;
      row_c4: number;
      terms: number;
      cols: number;
      is_down: 0 | 1;
      by_term: 0 | 1;
    },
  ): void {
    const overUnits = how.cols !== AXIS.channels;
    const section = overUnits ? SECTION.tilesF : SECTION.tilesD;
    const unitParts = how.cols === AXIS.gateAndUp ? 2 : 1;
    const parts = overUnits ? unitParts : this.channelParts;
    const tiles = overUnits ? this.bounds.F : this.bounds.D;
    const io = { ...this.io, ...buffers, b: this.io.w };
    const dims = { ...this.sizes, section, parts, ...how };
    this.plan.add({ ...swigluRows, operation }, io, dims, tiles * parts);
  }

  weights(operation: string, buffers: { a: Slice; b: Slice }, isDown: boolean): void {
    const section = isDown ? SECTION.tilesDownW : SECTION.tilesUpW;
    const parts = isDown ? 2 : this.channelParts;
    const tiles = isDown ? this.bounds.downW : this.bounds.upW;
    const dims = { ...this.sizes, section, parts, is_down: isDown ? 1 : 0 };
    const io = { ...this.io, ...buffers };
    this.plan.add({ ...swigluWeights, operation }, io, dims, tiles * parts);
  }

  /** Dimensions and workgroups of what is done to every row's hidden units. */
  get perUnit() {
    const Fmax4 = this.Fmax / 4;
    const groups = Math.ceil((this.maxRows * Math.ceil(Fmax4 / 4)) / 64);
    return { dims: { E: this.E, Fmax4 }, groups };
  }
}

/** y_JD = SwiGLU experts of m_TD, rows in expert order, unscaled. */
export function expertsForward(
  plan: PlanBuilder,
  io: ExpertBuffers & { m_TD: Slice; y_JD: Slice },
  shape: RowTableShape,
): void {
  const products = new Products(plan, io, shape);
  const { D, Fmax, perUnit } = products;
  products.rows(
    'expertUp.fwd',
    { a: io.m_TD, c: io.gate_up_JF },
    {
      by_token: 1,
      row_a: D,
      row_c4: Fmax / 2,
      terms: AXIS.channels,
      cols: AXIS.gateAndUp,
      is_down: 0,
      by_term: 0,
    },
  );
  plan.add(swigluFwd, io, perUnit.dims, perUnit.groups);
  products.rows(
    'expertDown.fwd',
    { a: io.hidden_JF, c: io.y_JD },
    {
      by_token: 0,
      row_a: Fmax,
      row_c4: D / 4,
      terms: AXIS.units,
      cols: AXIS.channels,
      is_down: 1,
      by_term: 0,
    },
  );
}

/** dm_JD and the gradients of all weights, zeros for experts without rows. */
export function expertsBackward(
  plan: PlanBuilder,
  io: ExpertBuffers & { m_TD: Slice; dout_TD: Slice; dm_JD: Slice },
  shape: RowTableShape,
): void {
  const products = new Products(plan, io, shape);
  const { D, Fmax, perUnit } = products;
  products.rows(
    'expertDown.bwdX',
    { a: io.dout_TD, c: io.hidden_JF },
    {
      by_token: 1,
      row_a: D,
      row_c4: Fmax / 4,
      terms: AXIS.channels,
      cols: AXIS.units,
      is_down: 1,
      by_term: 1,
    },
  );
  plan.add(swigluBwd, io, perUnit.dims, perUnit.groups);
  products.weights('expertDown.bwdW', { a: io.dout_TD, b: io.hidden_JF }, true);
  products.rows(
    'expertUp.bwdX',
    { a: io.gate_up_JF, c: io.dm_JD },
    {
      by_token: 0,
      row_a: 2 * Fmax,
      row_c4: D / 4,
      terms: AXIS.gateAndUp,
      cols: AXIS.channels,
      is_down: 0,
      by_term: 1,
    },
  );
  products.weights('expertUp.bwdW', { a: io.gate_up_JF, b: io.m_TD }, false);
}
