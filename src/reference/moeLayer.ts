import type { AuxTerm } from '../config/auxTerms.ts';
import {
  expertChoicePlaces,
  hashTable,
  hasSelectionBias,
  layerSelection,
  selectionBiasName,
} from '../config/balancing.ts';
import type { EngineConfig, RouterConfig, Slot } from '../config/experiment.ts';
import { slotsOfLayer } from '../config/layers.ts';
import { addInto, type Real, type RealTensors, zerosLike } from './arrays.ts';
import * as auxLosses from './auxLosses.ts';
import * as balancingLosses from './balancingLosses.ts';
import * as combine from './combine.ts';
import * as dispatch from './dispatch.ts';
import * as expertDown from './expertDown.ts';
import * as expertUp from './expertUp.ts';
import type { LayerChanges } from './interventions.ts';
import { pools } from './pools.ts';
import * as routerLogits from './routerLogits.ts';
import * as routerTopk from './routerTopk.ts';
import * as swiglu from './swiglu.ts';
import { addGradient, valuesOf } from './tensors.ts';

/** What a forward pass is for: the parts of the router that training alone has. */
export interface ForwardMode {
  /** Steps count from 1; evaluation uses 0. */
  step: number;
  /** Whether capacity drops assignments. */
  capacity: boolean;
  /** Whether `randomDrop` drops; off when text is sampled, which also has rules of its own otherwise. */
  randomDrop: boolean;
  /** What an inspection does otherwise in a layer (interventions.ts). */
  changes?: (l: number) => LayerChanges;
}

/** What a pass is: training has a step, and sampling alone drops nothing at random. */
function purposeOf({ step, randomDrop }: ForwardMode): 'train' | 'evaluate' | 'sample' {
  if (step > 0) return 'train';
  return randomDrop ? 'evaluate' : 'sample';
}

export function trainingMode(step: number): ForwardMode {
  return { step, capacity: true, randomDrop: true };
}

/** Complete logits of the previous MoE layer, of Q slots. */
export interface PreviousLogits {
  z_TQ: Real;
  Q: number;
}

export interface MoeLayerInputs {
  /** Normalised input of the layer. */
  m_TD: Real;
  /** Null in the first MoE layer. */
  previous: PreviousLogits | null;
  params: RealTensors;
  l: number;
  /** Input ids [T]; read by hash layers alone. */
  tokens_T?: ArrayLike<number>;
  /** Counts of the steps before, oldest first, each [R] (balance over a window). */
  history?: readonly (readonly number[])[];
}

export interface MoeLayerDims {
  T: number;
  config: EngineConfig;
  mode: ForwardMode;
}

export interface MoeLayerSaved {
  l: number;
  slots: readonly Slot[];
  m_TD: Real;
  z_TR: Real;
  routing: routerTopk.RouterTopkOut;
  dispatch: dispatch.Dispatch;
  logits: routerLogits.RouterLogitsSaved;
  topk: routerTopk.RouterTopkSaved;
  up: expertUp.ExpertUpSaved;
  down: expertDown.ExpertDownSaved;
  combine: combine.CombineInputs;
  shared: swiglu.SwigluSaved | null;
  aux: auxLosses.AuxLossesSaved;
  balancing: balancingLosses.BalancingLossesSaved;
  /** Selection bias of the pass; null without. */
  bias_R: Real | null;
  /** Slots in the pool of every sequence [B, R]; null without pools. */
  pool_BR: Uint8Array | null;
  /** Assignments per slot, dropped ones included. */
  counts_R: number[];
  /** The counts that the balance loss keeps of this step. */
  history_R: number[];
}

export interface MoeLayerOut {
  /** Shared expert included, before the residual sum. */
  y_TD: Real;
  /** Active auxiliary terms, weighted. */
  aux: Partial<Record<AuxTerm, number>>;
}

/** The setting that a selection rule cannot do without. */
function required<T>(value: T | null | undefined, name: string, selection: string): T {
  if (value === null || value === undefined) {
    throw new Error(`reference: selection "${selection}" needs router.${name}`);
  }
  return value;
}

function selectionRule(
  router: RouterConfig,
  l: number,
  { T, config, mode }: MoeLayerDims,
  tokens_T: ArrayLike<number> | undefined,
): routerTopk.SelectionRule {
  const { K } = router;
  const R = slotsOfLayer(config.experts, l).length;
  const selection = layerSelection(config, l);
  switch (selection) {
    case 'topk':
      return { kind: 'topk', K };
    case 'hash': {
      const tokens = required(tokens_T, 'tokens', selection);
      const W = Math.min(K, R);
      const table_VW = hashTable(router.hashSeed, { l, R, K, V: config.model.V });
      const slots_TW = Array.from({ length: T * W }, (_, i) => {
        return table_VW[tokens[Math.floor(i / W)]! * W + (i % W)]!;
      });
      return { kind: 'hash', slots_TW, W };
    }
    case 'expertChoice':
      if (purposeOf(mode) === 'sample') return { kind: 'topk', K };
      return { kind: 'expertChoice', places: expertChoicePlaces(router, T, R) };
    case 'topp':
      return { kind: 'topp', P: required(router.P, 'P', selection) };
    case 'randomDrop': {
      const q = mode.randomDrop ? required(router.q, 'q', selection) : 0;
      const place = { seed: config.seed, step: mode.step, layer: l, T };
      return { kind: 'randomDrop', dropped_T: routerTopk.randomDrops(q, place) };
    }
    case 'adaptive':
      return {
        kind: 'adaptive',
        policy: required(router.policy?.[l], `policy of layer ${l}`, selection),
      };
  }
}

/** Dimensions of every operation of layer l. */
function resolve(l: number, dims: MoeLayerDims) {
  const { T, config, mode } = dims;
  const { router, losses } = config;
  const { D, normEps: eps } = config.model;
  const slots = slotsOfLayer(config.experts, l);
  const R = slots.length;
  const kinds = slots.map(({ kind }) => kind);
  const changes = mode.changes?.(l);
  // Under expert choice γ says how many tokens a slot takes, and nothing is dropped.
  const drops = mode.capacity && router.capacity !== null && router.selection !== 'expertChoice';
  const capacity = drops ? { gamma: router.capacity ?? 1, tau: router.tau } : null;
  // Loads of a hash layer come from the text.
  const { zloss, balance, ...others } = losses;
  const isHash = layerSelection(config, l) === 'hash';
  const balancing = { ...(zloss && { zloss }), ...(balance && !isHash && { balance }) };
  const F_E = slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
  return {
    logits: { T, D, R, eps },
    topk: {
      T,
      R,
      kinds,
      gate: router.gate,
      score: router.score,
      routeScale: router.routeScale,
      changes: changes ?? null,
    },
    dispatch: (W: number) => ({ T, W, slots, capacity }),
    experts: ({ start_E, token_J }: dispatch.Dispatch) => ({ T, D, F_E, start_E, token_J }),
    combine: (W: number) => ({ T, D, R, W, slots, ...(changes && { factor: changes.factor }) }),
    aux: (W: number) => ({ T, R, W, slots, losses: isHash ? {} : others, tau: router.tau }),
    balancing: (W: number) => ({
      ...{ T, R, W, S: config.batch.S, K: router.K },
      losses: balancing,
    }),
    shared: { T, D, F: config.experts.sharedHidden },
  };
}

function routerInputs({ m_TD, previous, params, l }: MoeLayerInputs, router: RouterConfig) {
  const prefix = `layers.${l}.moe.router`;
  const values = (name: string) => valuesOf(params, `${prefix}.${name}`);
  return {
    m_TD,
    w_RD: values('weight'),
    bias_R: router.bias ? values('bias') : null,
    noise: router.noise
      ? { w_RD: values('noise.weight'), norm_R: values('noise_norm.weight') }
      : null,
    residual:
      router.gatingResidual && previous !== null
        ? { zPrev_TQ: previous.z_TQ, w_RQ: values('residual.weight'), Q: previous.Q }
        : null,
  };
}

function expertWeights(params: RealTensors, l: number, E: number, part: string): Real[] {
  return Array.from({ length: E }, (_, e) =>
    valuesOf(params, `layers.${l}.moe.experts.${e}.${part}.weight`),
  );
}

function constantWeights(params: RealTensors, l: number, slots: readonly Slot[]) {
  return slots
    .filter(({ kind }) => kind === 'constant')
    .map((_, c) => ({
      vector_D: valuesOf(params, `layers.${l}.moe.constants.${c}.vector`),
      mix_2D: valuesOf(params, `layers.${l}.moe.constants.${c}.mix.weight`),
    }));
}

/** One MoE layer (docs/model.md, "MoE layer", steps 1 to 5) and its auxiliary terms. */
export function forward(
  inputs: MoeLayerInputs,
  dims: MoeLayerDims,
): { out: MoeLayerOut; saved: MoeLayerSaved } {
  const { m_TD, params, l } = inputs;
  const { config } = dims;
  const slots = slotsOfLayer(config.experts, l);
  const sizes = resolve(l, dims);
  const logits = routerLogits.forward(routerInputs(inputs, config.router), sizes.logits);
  const z_TR = logits.out;
  const pool_BR = poolsOf(z_TR, l, dims);
  const pool_TR = pool_BR && perToken(pool_BR, config.batch.S, sizes.topk);
  const bias_R = hasSelectionBias(config, l) ? valuesOf(params, selectionBiasName(l)) : null;
  const selection = selectionRule(config.router, l, dims, inputs.tokens_T);
  const topk = routerTopk.forward({ z_TR, bias_R, pool_TR }, { ...sizes.topk, selection });
  const { W, selected_TW, gates_TR, p_TR } = topk.out;
  const order = dispatch.forward({ selected_TW }, sizes.dispatch(W));
  const experts = sizes.experts(order);
  const weights = (part: string) => expertWeights(params, l, experts.F_E.length, part);
  const up = expertUp.forward({ m_TD, gate_EFD: weights('gate'), up_EFD: weights('up') }, experts);
  const down = expertDown.forward({ h_EJF: up.out, down_EDF: weights('down') }, experts);
  const constants = constantWeights(params, l, slots);
  const { dropped_TW, row_TW } = order;
  const mixed = combine.forward(
    { m_TD, y_JD: down.out, gates_TR, selected_TW, dropped_TW, row_TW, constants },
    sizes.combine(W),
  );
  const prefix = `layers.${l}.moe.shared`;
  const shared = sizes.shared.F > 0 ? swiglu.forward({ m_TD, params, prefix }, sizes.shared) : null;
  if (shared !== null) addInto(mixed.out, shared.out);
  const aux = auxLosses.forward({ p_TR, gates_TR, selected_TW }, sizes.aux(W));
  const balancing = balancingLosses.forward(
    { z_TR, p_TR, selected_TW, pool_TR, history: inputs.history ?? [] },
    sizes.balancing(W),
  );
  return {
    out: { y_TD: mixed.out, aux: { ...aux.out, ...balancing.out } },
    saved: {
      l,
      slots,
      m_TD,
      z_TR: logits.out,
      routing: topk.out,
      dispatch: order,
      logits: logits.saved,
      topk: topk.saved,
      up: up.saved,
      down: down.saved,
      combine: mixed.saved,
      shared: shared === null ? null : shared.saved,
      aux: aux.saved,
      balancing: balancing.saved,
      bias_R: bias_R?.slice() ?? null,
      pool_BR,
      counts_R: countsOf(selected_TW, slots.length),
      history_R: balancing.counts_R,
    },
  };
}

/** Pools of the pass; null where there are none (docs/balancing.md, "Document pools"). */
function poolsOf(z_TR: Real, l: number, { T, config, mode }: MoeLayerDims): Uint8Array | null {
  const { pool } = config.router;
  const purpose = purposeOf(mode);
  if (pool === null || purpose === 'sample') return null;
  if (purpose === 'evaluate' && pool.evaluation === null) return null;
  const { S } = config.batch;
  const step = purpose === 'train' ? mode.step : null;
  return pools(z_TR, { T, R: z_TR.length / T, S, pool, seed: config.seed, step, l });
}

/** Rows of sequences, for each of their tokens [T, R]. */
function perToken(pool_BR: Uint8Array, S: number, { T, R }: { T: number; R: number }) {
  return Uint8Array.from({ length: T * R }, (_, i) => {
    return pool_BR[Math.floor(i / (S * R)) * R + (i % R)]!;
  });
}

function countsOf(selected_TW: Int32Array, R: number): number[] {
  const counts = new Array<number>(R).fill(0);
  for (const slot of selected_TW) if (slot >= 0) counts[slot]!++;
  return counts;
}

export interface MoeLayerUpstream {
  dy_TD: Real;
  /** Of the logits, from the next MoE layer's gating residual; null for none. */
  dzNext_TR: Real | null;
  /** Of p, from a loss that is not among the auxiliary terms. */
  dp_TR?: Real | null;
}

/** Backward of y and of the auxiliary terms; adds the parameters' gradients to `grads`. */
export function backward(
  { dy_TD, dzNext_TR, dp_TR = null }: MoeLayerUpstream,
  saved: MoeLayerSaved,
  dims: MoeLayerDims,
  grads: RealTensors,
): { dm_TD: Real; dzPrev_TQ: Real | null } {
  const { l, routing } = saved;
  const sizes = resolve(l, dims);
  const experts = sizes.experts(saved.dispatch);
  const mixed = combine.backward(dy_TD, saved.combine, sizes.combine(routing.W));
  const down = expertDown.backward(mixed.dy_JD, saved.down, experts);
  const up = expertUp.backward(down.dh_EJF, saved.up, experts);
  const aux = auxLosses.backward(saved.aux, sizes.aux(routing.W));
  addInto(mixed.dgates_TR, aux.dgates_TR);
  addInto(aux.dp_TR, saved.balancing.dp_TR);
  if (dp_TR !== null) addInto(aux.dp_TR, dp_TR);
  const { dz_TR } = routerTopk.backward(
    { dp_TR: aux.dp_TR, dgates_TR: mixed.dgates_TR },
    saved.topk,
    sizes.topk,
  );
  addInto(dz_TR, saved.balancing.dz_TR);
  if (dzNext_TR !== null) addInto(dz_TR, dzNext_TR);
  const router = routerLogits.backward(dz_TR, saved.logits, sizes.logits);
  const dm_TD = zerosLike(saved.m_TD);
  for (const part of [mixed.dm_TD, up.dm_TD, router.dm_TD]) addInto(dm_TD, part);
  if (saved.shared !== null) addInto(dm_TD, swiglu.backward(dy_TD, saved.shared, grads).dm_TD);
  const { bias, frozen } = dims.config.router;
  if (!frozen) addRouterGradients(grads, l, router, bias);
  addExpertGradients(grads, l, { ...up, ...down, constants: mixed.constants });
  return { dm_TD, dzPrev_TQ: router.residual === null ? null : router.residual.dzPrev_TQ };
}

function addRouterGradients(
  grads: RealTensors,
  l: number,
  router: routerLogits.RouterLogitsGrads,
  hasBias: boolean,
): void {
  const add = (name: string, gradient: Real) =>
    addGradient(grads, `layers.${l}.moe.router.${name}`, gradient);
  add('weight', router.dw_RD);
  if (hasBias) add('bias', router.dbias_R);
  if (router.noise !== null) {
    add('noise.weight', router.noise.dw_RD);
    add('noise_norm.weight', router.noise.dnorm_R);
  }
  if (router.residual !== null) add('residual.weight', router.residual.dw_RQ);
}

function addExpertGradients(
  grads: RealTensors,
  l: number,
  {
    dgate_EFD,
    dup_EFD,
    ddown_EDF,
    constants,
  }: {
    dgate_EFD: Real[];
    dup_EFD: Real[];
    ddown_EDF: Real[];
    constants: combine.CombineGrads['constants'];
  },
): void {
  const prefix = `layers.${l}.moe`;
  dgate_EFD.forEach((dgate, e) => {
    addGradient(grads, `${prefix}.experts.${e}.gate.weight`, dgate);
    addGradient(grads, `${prefix}.experts.${e}.up.weight`, dup_EFD[e]!);
    addGradient(grads, `${prefix}.experts.${e}.down.weight`, ddown_EDF[e]!);
  });
  constants.forEach(({ dvector_D, dmix_2D }, c) => {
    addGradient(grads, `${prefix}.constants.${c}.vector`, dvector_D);
    addGradient(grads, `${prefix}.constants.${c}.mix.weight`, dmix_2D);
  });
}
