/**
 * An inspection as safetensors, in the goldens' tensor names: `tokens`, `targets`, `domains` [n, B, S];
 * `out.tokens.ce` [U]; of every MoE layer l `out.layers.{l}.` with `router_logits`, `probs` [U, R],
 * `selected`, `gates`, `dropped` [U, W], and `out.tokens.layers.{l}.norms` [U, W]. Of every figure that
 * was asked for and needs passes with interventions `out.{as}.losses` [passes, U], ce of each in order.
 * The metadata hold what figures need beside them, and what was asked (`requests`, by `as`).
 */
import * as v from 'valibot';
import type { FigureInputs } from '../analysis/figures/figure.ts';
import type { FigureRequest } from '../analysis/figures.ts';
import type { InspectedLayer, Inspection } from '../analysis/inspection.ts';
import { parseJson } from '../config/json.ts';
import { SLOT_KINDS } from '../config/slots.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../data/safetensors.ts';
import { readPassRequests } from './passRequests.ts';

const FORMAT = 'switchyard-inspection-1';

const whole = v.pipe(v.number(), v.integer());
const numbers = v.array(whole);
const about = v.object({
  domains: v.array(v.string()),
  /** UTF-8 of every token id in hexadecimal digits. */
  texts: v.array(v.string()),
  tau: v.number(),
  capacity: v.boolean(),
  layers: v.array(
    v.object({
      layer: whole,
      kinds: v.array(v.picklist(SLOT_KINDS)),
      hidden: numbers,
      experts: numbers,
    }),
  ),
});

/** Figures of passes with interventions by their names, with ce [U] of each pass. */
export type RawPasses = Record<string, { request: FigureRequest; losses: Float32Array[] }>;

export interface RawInspection
  extends Required<Pick<FigureInputs, 'inspection' | 'texts' | 'tau' | 'capacity'>> {
  passes: RawPasses;
}

const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const lossesName = (as: string) => `out.${as}.losses`;

export function encodeRaw({ inspection, texts, tau, capacity, passes }: RawInspection): Uint8Array {
  const { n, B, S, layers, ce } = inspection;
  const U = ce.length;
  const tensors: SafeTensors = new Map();
  const real = (name: string, shape: readonly number[], data: Float32Array) =>
    tensors.set(name, { dtype: 'F32', shape, data });
  const count = (name: string, shape: readonly number[], data: Int32Array) =>
    tensors.set(name, { dtype: 'I32', shape, data });
  for (const name of ['tokens', 'targets', 'domains'] as const)
    count(name, [n, B, S], inspection[name]);
  real('out.tokens.ce', [U], ce);
  for (const { layer, kinds, W, ...of } of layers) {
    const prefix = `out.layers.${layer}`;
    real(`${prefix}.router_logits`, [U, kinds.length], of.logits);
    real(`${prefix}.probs`, [U, kinds.length], of.probs);
    count(`${prefix}.selected`, [U, W], of.selected);
    real(`${prefix}.gates`, [U, W], of.gates);
    count(`${prefix}.dropped`, [U, W], Int32Array.from(of.dropped));
    real(`out.tokens.layers.${layer}.norms`, [U, W], of.norms);
  }
  const asked = Object.entries(passes);
  for (const [as, { losses }] of asked) {
    const all = new Float32Array(losses.length * U);
    for (const [i, row] of losses.entries()) all.set(row, i * U);
    real(lossesName(as), [losses.length, U], all);
  }
  const requests = Object.fromEntries(asked.map(([as, { request }]) => [as, request]));
  const spaces = layers.map(({ layer, kinds, hidden, experts }) => ({
    layer,
    kinds,
    hidden,
    experts,
  }));
  const facts = {
    domains: inspection.domainNames,
    texts: texts.map(hexOf),
    tau,
    capacity,
    layers: spaces,
  };
  return writeSafetensors(tensors, {
    format: FORMAT,
    inspection: JSON.stringify(facts),
    ...(asked.length > 0 && { requests: JSON.stringify(requests) }),
  });
}

/** @throws Error for a file that is no inspection */
export function decodeRaw(bytes: Uint8Array): RawInspection {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT)
    throw new Error(`inspection: the format is "${metadata.format ?? 'none'}", not "${FORMAT}"`);
  const facts = v.parse(about, parseJson(metadata.inspection ?? ''));
  const take = (name: string) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`inspection: there is no tensor "${name}"`);
    return tensor;
  };
  const real = (name: string) => Float32Array.from(take(name).data);
  const count = (name: string) => Int32Array.from(take(name).data);
  const layers = facts.layers.map((space): InspectedLayer => {
    const prefix = `out.layers.${space.layer}`;
    return {
      ...space,
      W: take(`${prefix}.selected`).shape[1] ?? 0,
      logits: real(`${prefix}.router_logits`),
      probs: real(`${prefix}.probs`),
      selected: count(`${prefix}.selected`),
      gates: real(`${prefix}.gates`),
      dropped: Uint8Array.from(take(`${prefix}.dropped`).data),
      norms: real(`out.tokens.layers.${space.layer}.norms`),
    };
  });
  const [n = 0, B = 0, S = 0] = take('tokens').shape;
  const requests = Object.entries(readPassRequests(metadata.requests ?? '{}'));
  const lossesOf = (as: string) => {
    const { shape, data } = take(lossesName(as));
    const U = n * B * S;
    return Array.from({ length: shape[0] ?? 0 }, (_, i) =>
      Float32Array.from(data.subarray(i * U, (i + 1) * U)),
    );
  };
  const inspection: Inspection = {
    n,
    B,
    S,
    tokens: count('tokens'),
    targets: count('targets'),
    domains: count('domains'),
    domainNames: facts.domains,
    ce: real('out.tokens.ce'),
    layers,
  };
  return {
    inspection,
    texts: facts.texts.map(bytesOf),
    tau: facts.tau,
    capacity: facts.capacity,
    passes: Object.fromEntries(
      requests.map(([as, request]) => [as, { request, losses: lossesOf(as) }]),
    ),
  };
}
