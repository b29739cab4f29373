/** The SwiGLU experts' bodies for software adapters: one product by rows, one for weights, and what is between. */
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import findExpert from '../../shaders/experts/findExpert.wgsl?raw';
import rows from '../../shaders/experts/rows.wgsl?raw';
import bwd from '../../shaders/experts/swiglu.bwd.wgsl?raw';
import fwd from '../../shaders/experts/swiglu.fwd.wgsl?raw';
import rowsSource from '../../shaders/experts/swiglu.rows.wgsl?raw';
import weightsSource from '../../shaders/experts/swiglu.weights.wgsl?raw';
import type { KernelSpec } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import { pad4, type Slice } from '../gpu/slice.ts';
import type { ExpertBuffers } from './expertBuffers.ts';
import { withQuadTile } from './matmul.ts';
import { type RowTableShape, SECTION, tileBounds, tileWidths } from './rowTable.ts';

export const swigluRows = {
  name: 'swiglu.rows',
  source: rowsSource,
  preludes: [rows, findExpert],
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    a: 'read',
    b: 'read',
    c: 'readWrite',
  },
  dims: {
    E: 'u32',
    section: 'u32',
    parts: 'u32',
    D: 'u32',
    Fmax: 'u32',
    by_token: 'u32',
    row_a: 'u32',
    row_c4: 'u32',
    terms: 'u32',
    cols: 'u32',
    is_down: 'u32',
    by_term: 'u32',
  },
} as const satisfies KernelSpec;

export const swigluWeights = {
  name: 'swiglu.weights',
  source: weightsSource,
  preludes: [rows, findExpert],
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_token_J: 'read',
    a: 'read',
    b: 'read',
    dw: 'readWrite',
  },
  dims: { E: 'u32', section: 'u32', parts: 'u32', D: 'u32', Fmax: 'u32', is_down: 'u32' },
} as const satisfies KernelSpec;

export const swigluFwd = {
  name: 'swiglu.fwd',
  source: fwd,
  preludes: [index, numbers, rows, findExpert],
  bindings: { table: 'read', experts_E: 'read', gate_up_JF: 'read', hidden_JF: 'readWrite' },
  dims: { E: 'u32', Fmax4: 'u32' },
} as const satisfies KernelSpec;

export const swigluBwd = {
  name: 'swiglu.bwd',
  source: bwd,
  preludes: [index, numbers, rows, findExpert],
  bindings: {
    table: 'read',
    experts_E: 'read',
    row_coef_J: 'read',
    gate_up_JF: 'readWrite',
    hidden_JF: 'readWrite',
  },
  dims: { E: 'u32', Fmax4: 'u32' },
} as const satisfies KernelSpec;

/** What the columns or the terms of a product are. */
const CHANNELS = 0;
const UNITS = 1;
const GATE_AND_UP = 2;

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
    const overUnits = how.cols !== CHANNELS;
    const section = overUnits ? SECTION.tilesF : SECTION.tilesD;
    const unitParts = how.cols === GATE_AND_UP ? 2 : 1;
    const parts = overUnits ? unitParts : this.channelParts;
    const tiles = overUnits ? this.bounds.F : this.bounds.D;
    const io = { ...this.io, ...buffers, b: this.io.w };
    const dims = { ...this.sizes, section, parts, ...how };
    this.plan.add(withQuadTile(swigluRows, operation), io, dims, tiles * parts);
  }

  weights(operation: string, buffers: { a: Slice; b: Slice }, isDown: boolean): void {
    const section = isDown ? SECTION.tilesDownW : SECTION.tilesUpW;
    const parts = isDown ? 2 : this.channelParts;
    const tiles = isDown ? this.bounds.downW : this.bounds.upW;
    const dims = { ...this.sizes, section, parts, is_down: isDown ? 1 : 0 };
    const io = { ...this.io, ...buffers };
    this.plan.add(withQuadTile(swigluWeights, operation), io, dims, tiles * parts);
  }

  /** Dimensions and workgroups of what is done to every row's hidden units. */
  get perUnit() {
    const Fmax4 = this.Fmax / 4;
    const groups = Math.ceil((this.maxRows * Math.ceil(Fmax4 / 4)) / 64);
    return { dims: { E: this.E, Fmax4 }, groups };
  }
}

/** `expertsForward` (experts.ts) on software adapters. */
export function swigluForward(
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
      terms: CHANNELS,
      cols: GATE_AND_UP,
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
      terms: UNITS,
      cols: CHANNELS,
      is_down: 1,
      by_term: 0,
    },
  );
}

/** `expertsBackward` (experts.ts) on software adapters. */
export function swigluBackward(
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
      terms: CHANNELS,
      cols: UNITS,
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
      terms: GATE_AND_UP,
      cols: CHANNELS,
      is_down: 0,
      by_term: 1,
    },
  );
  products.weights('expertUp.bwdW', { a: io.gate_up_JF, b: io.m_TD }, false);
}
