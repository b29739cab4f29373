/** What an inspection's plan has beside the kernels of every pass (docs/analysis.md, "Inspection"). */
import index from '../../shaders/common/index.wgsl?raw';
import numbers from '../../shaders/common/numbers.wgsl?raw';
import slots from '../../shaders/common/slots.wgsl?raw';
import mixWeights from '../../shaders/dispatch/mixWeights.wgsl?raw';
import forceSource from '../../shaders/inspection/interventions.force.wgsl?raw';
import maskSource from '../../shaders/inspection/interventions.mask.wgsl?raw';
import reportSource from '../../shaders/inspection/interventions.report.wgsl?raw';
import scaleSource from '../../shaders/inspection/interventions.scale.wgsl?raw';
import requests from '../../shaders/inspection/requests.wgsl?raw';
import codes from '../../shaders/router/codes.wgsl?raw';
import gates from '../../shaders/router/gates.wgsl?raw';
import type { GateMode } from '../config/experiment.ts';
import { type KernelSpec, read, readWrite, u32 } from '../gpu/kernel.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { pad4 } from '../layout/sizes.ts';
import { GATE_CODES } from './codes.ts';
import type { ConstantBuffers } from './combine.ts';

export const interventionsMask = {
  name: 'interventions.mask',
  source: maskSource,
  preludes: [index, numbers, requests],
  bindings: { ...read('z_TR', 'requests'), ...readWrite('left_TR') },
  dims: u32('T', 'R', 'R4', 'request'),
} as const satisfies KernelSpec;

export const interventionsForce = {
  name: 'interventions.force',
  source: forceSource,
  preludes: [index, numbers, slots, codes, gates, requests],
  bindings: {
    ...read('z_TR', 'slots_R', 'requests'),
    ...readWrite('p_TR', 'g_TR', 'selected_WT', 'refused'),
  },
  dims: u32('T', 'R', 'R4', 'W', 'gate', 'request', 'forced'),
} as const satisfies KernelSpec;

export const interventionsScale = {
  name: 'interventions.scale',
  source: scaleSource,
  preludes: [index],
  bindings: { ...read('selected_WT', 'factor_TR'), ...readWrite('route_WT') },
  dims: u32('T', 'R4', 'W'),
} as const satisfies KernelSpec;

export const interventionsReport = {
  name: 'interventions.report',
  source: reportSource,
  preludes: [index, numbers, slots, mixWeights],
  bindings: {
    ...read('selected_WT', 'g_TR', 'route_WT', 'y_JD', 'm_TD', 'mix_TC', 'v_CD'),
    ...readWrite('report_WT'),
  },
  constants: ['C'],
  dims: u32('T', 'D4', 'R4', 'W'),
} as const satisfies KernelSpec;

/** Words of a forced slot: token, rank, slot. */
export const FORCED_WORDS = 3;
/** Words of an assignment in `report_WT`. */
export const REPORT_WORDS = 4;

/** Words of a layer's request, before the forced slots of all layers. */
export function requestWords(R: number): number {
  return 2 + R;
}

/** What is asked of one layer. */
export interface LayerRequest {
  /** Whether the logit of a slot is left [R]. */
  left: readonly boolean[];
  /** By token, those of a token in the order in which they act. */
  forced: readonly { token: number; rank: number; slot: number }[];
}

/** The buffer `requests`: every layer's words, then the forced slots of all layers in one list. */
export function encodeRequests(layers: readonly LayerRequest[]): Uint32Array<ArrayBuffer> {
  let first = 0;
  const heads = layers.flatMap(({ left, forced }) => {
    const range = [first, first + forced.length];
    first += forced.length;
    return [...range, ...left.map(Number)];
  });
  const forced = layers.flatMap(({ forced }) => forced);
  return Uint32Array.from([
    ...heads,
    ...forced.flatMap(({ token, rank, slot }) => [token, rank, slot]),
  ]);
}

export interface LayerDims {
  T: number;
  R: number;
  W: number;
  /** Words of `requests` before the layer's own, and before the forced slots. */
  request: number;
  forced: number;
}

/** left_TR: z, and the lowest number where a slot is not left. */
export function maskLogits(
  plan: PlanBuilder,
  io: { z_TR: Slice; requests: Slice; left_TR: Slice },
  { T, R, request }: LayerDims,
): void {
  const R4 = pad4(R) / 4;
  plan.add(interventionsMask, io, { T, R, R4, request }, Math.ceil((T * R4 * 4) / 64));
}

/** Ranks and gates after the selection over z_TR, the logits left; refused [forced slots]: 1 + k_u, or 0. */
export function forceSlots(
  plan: PlanBuilder,
  io: {
    z_TR: Slice;
    slots_R: Slice;
    requests: Slice;
    p_TR: Slice;
    g_TR: Slice;
    selected_WT: Slice;
    refused: Slice;
  },
  dims: LayerDims & { gate: GateMode },
): void {
  const { T, R, W, request, forced } = dims;
  const values = { T, R, R4: pad4(R) / 4, W, gate: GATE_CODES[dims.gate], request, forced };
  plan.add(interventionsForce, io, values, Math.ceil(T / 64));
}

/** Multiplies the coefficients of route_WT by the factors of their slots. */
export function scaleRoutes(
  plan: PlanBuilder,
  io: { selected_WT: Slice; factor_TR: Slice; route_WT: Slice },
  { T, R, W }: Pick<LayerDims, 'T' | 'R' | 'W'>,
): void {
  plan.add(interventionsScale, io, { T, R4: pad4(R) / 4, W }, Math.ceil((W * T) / 64));
}

/** report_WT [W, T, 4]: slot, gate, dropped and norm of every assignment. */
export function reportAssignments(
  plan: PlanBuilder,
  io: {
    selected_WT: Slice;
    g_TR: Slice;
    route_WT: Slice;
    y_JD: Slice;
    m_TD: Slice;
    constants: ConstantBuffers | null;
    report_WT: Slice;
  },
  { T, D, R, W, C }: { T: number; D: number; R: number; W: number; C: number },
): void {
  const buffers = {
    ...io,
    mix_TC: io.constants?.mix_TC ?? io.m_TD,
    v_CD: io.constants?.v_CD ?? io.m_TD,
  };
  const values = { T, D4: pad4(D) / 4, R4: pad4(R) / 4, W };
  plan.add(interventionsReport, buffers, values, Math.ceil((W * T) / 64), { C });
}
