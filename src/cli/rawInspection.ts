/**
 * An inspection as safetensors, in the goldens' tensor names: `tokens`, `targets`, `domains` [n, B, S];
 * `out.tokens.ce` [U]; of every MoE layer l `out.layers.{l}.` with `router_logits`, `probs` [U, R],
 * `selected`, `gates`, `dropped` [U, W], `ranking` [U, R] where slots do not rank by their logits, and
 * `out.tokens.layers.{l}.norms` [U, W]. Of every figure that
 * was asked for and needs passes with interventions `out.{as}.losses` [passes, U], ce of each in order,
 * and where their routing was asked for, the same of every layer under `out.{as}.` in place of `out.`.
 * The metadata hold what figures need beside them, and what was asked (`requests`, by `as`).
 */
import * as v from 'valibot';
import type { FigureInputs } from '../analysis/figures/figure.ts';
import type { FigureRequest } from '../analysis/figures.ts';
import type { InspectedLayer, Inspection } from '../analysis/inspection.ts';
import type { Selection } from '../config/experiment.ts';
import { parseJson } from '../config/json.ts';
import { SLOT_KINDS } from '../config/slots.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../data/safetensors.ts';
import { SELECTION_CODES } from '../kernels/codes.ts';
import { passRequestJson, readPassRequests } from './passRequests.ts';

const FORMAT = 'switchyard-inspection-1';
const SELECTIONS = Object.keys(SELECTION_CODES) as Selection[];

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
      selection: v.optional(v.picklist(SELECTIONS)),
    }),
  ),
});

/** A figure of passes with interventions, with ce [U] of each pass. */
interface RawFigure {
  request: FigureRequest;
  losses: Float32Array[];
  /** The pass as a whole; null where its routing was not asked for. */
  after: Inspection | null;
}
/** Such figures by their names. */
export type RawPasses = Record<string, RawFigure>;

export interface RawInspection
  extends Required<Pick<FigureInputs, 'inspection' | 'texts' | 'tau' | 'capacity'>> {
  passes: RawPasses;
}

const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const lossesName = (as: string) => `out.${as}.losses`;

/** Names of a layer's tensors behind `out`, or `out.{as}`. */
const layerName = (out: string, layer: number, name: string) =>
  name === 'norms' ? `${out}.tokens.layers.${layer}.norms` : `${out}.layers.${layer}.${name}`;

const tensor = {
  real: (shape: readonly number[], data: Float32Array) => ({ dtype: 'F32', shape, data }) as const,
  count: (shape: readonly number[], data: Int32Array) => ({ dtype: 'I32', shape, data }) as const,
};

function addLayers(tensors: SafeTensors, out: string, { ce, layers }: Inspection): void {
  const U = ce.length;
  for (const { layer, kinds, W, ...of } of layers) {
    const add = (name: string, value: ReturnType<(typeof tensor)['real' | 'count']>) =>
      tensors.set(layerName(out, layer, name), value);
    add('router_logits', tensor.real([U, kinds.length], of.logits));
    add('probs', tensor.real([U, kinds.length], of.probs));
    if (of.ranking) add('ranking', tensor.real([U, kinds.length], of.ranking));
    add('selected', tensor.count([U, W], of.selected));
    add('gates', tensor.real([U, W], of.gates));
    add('dropped', tensor.count([U, W], Int32Array.from(of.dropped)));
    add('norms', tensor.real([U, W], of.norms));
  }
}

export function encodeRaw({ inspection, texts, tau, capacity, passes }: RawInspection): Uint8Array {
  const { n, B, S, layers, ce } = inspection;
  const U = ce.length;
  const tensors: SafeTensors = new Map();
  for (const name of ['tokens', 'targets', 'domains'] as const)
    tensors.set(name, tensor.count([n, B, S], inspection[name]));
  tensors.set('out.tokens.ce', tensor.real([U], ce));
  addLayers(tensors, 'out', inspection);
  const asked = Object.entries(passes);
  for (const [as, { losses, after }] of asked) {
    const all = new Float32Array(losses.length * U);
    for (const [i, row] of losses.entries()) all.set(row, i * U);
    tensors.set(lossesName(as), tensor.real([losses.length, U], all));
    if (after !== null) addLayers(tensors, `out.${as}`, after);
  }
  const requests = Object.fromEntries(
    asked.map(([as, { request, after }]) => [
      as,
      passRequestJson({ request, routing: after !== null }),
    ]),
  );
  const spaces = layers.map(({ layer, kinds, hidden, experts, selection }) => ({
    layer,
    kinds,
    hidden,
    experts,
    ...(selection !== 'topk' && { selection }),
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
  const layersOf = (out: string) =>
    facts.layers.map((space): InspectedLayer => {
      const nameOf = (name: string) => layerName(out, space.layer, name);
      return {
        ...space,
        W: take(nameOf('selected')).shape[1] ?? 0,
        logits: real(nameOf('router_logits')),
        probs: real(nameOf('probs')),
        ranking: tensors.has(nameOf('ranking')) ? real(nameOf('ranking')) : undefined,
        selected: count(nameOf('selected')),
        gates: real(nameOf('gates')),
        dropped: Uint8Array.from(take(nameOf('dropped')).data),
        norms: real(nameOf('norms')),
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
    layers: layersOf('out'),
  };
  const figureOf = ([as, { request, routing = false }]: (typeof requests)[number]) => {
    const losses = lossesOf(as);
    const [ce = inspection.ce] = losses;
    const after = routing ? { ...inspection, ce, layers: layersOf(`out.${as}`) } : null;
    return [as, { request, losses, after }];
  };
  return {
    inspection,
    texts: facts.texts.map(bytesOf),
    tau: facts.tau,
    capacity: facts.capacity,
    passes: Object.fromEntries(requests.map(figureOf)),
  };
}
