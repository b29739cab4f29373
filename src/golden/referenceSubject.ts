import type { Intervention } from '../analysis/inspection.ts';
import { hashTable, isSelectionBias, layerSelection } from '../config/balancing.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { adaptivePolicy, layerPolicy } from '../config/ladimo.ts';
import type { Real, RealTensors } from '../reference/arrays.ts';
import { inspect } from '../reference/inspection.ts';
import * as ladimo from '../reference/ladimo.ts';
import type { Trace } from '../reference/model.ts';
import { type MoeLayerSaved, trainingMode } from '../reference/moeLayer.ts';
import { checkParameters, copyTensors } from '../reference/tensors.ts';
import {
  applyGradients,
  type StepResult,
  startState,
  type TrainState,
  trainStep,
} from '../reference/train.ts';
import { BiasRows } from './biasRows.ts';
import type {
  GoldenSubject,
  GoldenTensors,
  LadimoPolicyInput,
  LadimoPolicyOutput,
  LadimoSplitInput,
  LadimoSplitOutput,
  ModelInput,
  ModelPasses,
  StepOutput,
  TrainCaseInput,
  TrainCaseOutput,
} from './subject.ts';

export type Precision = 'float32' | 'float64';

/** `out.layers.{l}.…` of a MoE layer (the goldens' README). */
export function moeTensors(saved: MoeLayerSaved, y_TD: Real, config: EngineConfig): GoldenTensors {
  const { l, slots, m_TD, z_TR, routing, dispatch, pool_BR } = saved;
  const { p_TR, s_TR, W, selected_TW, gates_TR } = routing;
  const R = slots.length;
  const T = z_TR.length / R;
  const { D } = config.model;
  const gates = Float64Array.from(selected_TW, (slot, i) =>
    slot < 0 ? 0 : gates_TR[Math.floor(i / W) * R + slot]!,
  );
  const tensors: GoldenTensors = new Map([
    ['moe_input', { shape: [T, D], data: m_TD }],
    ['router_logits', { shape: [T, R], data: z_TR }],
    ['probs', { shape: [T, R], data: p_TR }],
    ['selected', { shape: [T, W], data: selected_TW }],
    ['gates', { shape: [T, W], data: gates }],
    ['dropped', { shape: [T, W], data: Int32Array.from(dispatch.dropped_TW) }],
    ['moe_output', { shape: [T, D], data: y_TD }],
  ]);
  if (config.router.gate === 'renormalizedWithNull') {
    const data = gates_TR.filter((_, i) => slots[i % R]!.kind === 'zero');
    tensors.set('null_gates', { shape: [T, data.length / T], data });
  }
  if (config.router.score !== 'softmax') tensors.set('scores', { shape: [T, R], data: s_TR });
  if (pool_BR)
    tensors.set('pool', { shape: [T / config.batch.S, R], data: Int32Array.from(pool_BR) });
  if (layerSelection(config, l) === 'hash') {
    const { hashSeed, K } = config.router;
    const { V } = config.model;
    tensors.set('hash_table', { shape: [V, W], data: hashTable(hashSeed, { l, R, K, V }) });
  }
  return new Map([...tensors].map(([name, tensor]) => [`out.layers.${l}.${name}`, tensor]));
}

/** All `out.*` tensors of a forward pass. */
export function outTensors(trace: Trace, config: EngineConfig): GoldenTensors {
  const { D, V } = config.model;
  const T = trace.ce_T.length;
  const tensors: GoldenTensors = new Map([
    ['out.logits', { shape: [T, V], data: trace.logits_TV }],
  ]);
  trace.layers.forEach(({ attnOutput_TD, ffnOutput_TD, ffn }, l) => {
    tensors.set(`out.layers.${l}.attn_output`, { shape: [T, D], data: attnOutput_TD });
    if (ffn.kind === 'dense') {
      tensors.set(`out.layers.${l}.ffn_output`, { shape: [T, D], data: ffnOutput_TD });
    } else {
      for (const [name, tensor] of moeTensors(ffn.saved, ffnOutput_TD, config)) {
        tensors.set(name, tensor);
      }
    }
  });
  return tensors;
}

/** All but states, which have no gradient and are told step by step. */
function addPrefixed(tensors: GoldenTensors, prefix: string, source: RealTensors): void {
  for (const [name, tensor] of source)
    if (!isSelectionBias(name)) tensors.set(`${prefix}.${name}`, tensor);
}

/** Assignments per slot by MoE layer. */
function countsOf(trace: Trace): Record<string, readonly number[]> {
  return Object.fromEntries(
    trace.layers.flatMap(({ ffn }, l) => (ffn.kind === 'moe' ? [[l, ffn.saved.counts_R]] : [])),
  );
}

/** Places of every slot per MoE layer; empty without capacity. */
function capacityOf(trace: Trace): Record<string, readonly number[]> {
  const places: Record<string, readonly number[]> = {};
  trace.layers.forEach(({ ffn }, l) => {
    if (ffn.kind === 'moe' && ffn.saved.dispatch.places_R !== null) {
      places[String(l)] = ffn.saved.dispatch.places_R;
    }
  });
  return places;
}

/** A training case on the reference; `onStep` sees every step before the next one. */
export function trainReference(
  { config, parameters, batches }: TrainCaseInput,
  precision: Precision,
  onStep: (step: StepResult) => void = () => {},
): TrainCaseOutput {
  const state = startState(parameters, precision);
  checkParameters(config, state.params);
  const tensors: GoldenTensors = new Map();
  const steps: StepOutput[] = [];
  let capacity: Record<string, readonly number[]> = {};
  const biases = new BiasRows();
  biases.add(state.params);
  batches.forEach((batch, i) => {
    const step = trainStep(state, batch, config);
    biases.add(state.params);
    onStep(step);
    const { lr, gradNorm, losses: loss, trace } = step;
    steps.push({ lr, gradNorm, loss, counts: countsOf(trace) });
    if (i > 0) return;
    for (const [name, tensor] of outTensors(step.trace, config)) tensors.set(name, tensor);
    addPrefixed(tensors, 'grad', step.grads);
    capacity = capacityOf(step.trace);
  });
  addPrefixed(tensors, 'after', state.params);
  for (const [name, tensor] of biases.tensors) tensors.set(name, tensor);
  return { tensors, steps, capacity };
}

/** The experts of the split under their parameter names. */
function splitParameters({ config, layer, dense }: LadimoSplitInput): RealTensors {
  const { D, denseHidden: h } = config.model;
  const N = config.experts.slots.length;
  const params: RealTensors = new Map();
  ladimo.splitDense(dense, { D, h, N }).forEach((expert, i) => {
    const prefix = `layers.${layer}.moe.experts.${i}`;
    params.set(`${prefix}.gate.weight`, { shape: [h / N, D], data: expert.gate });
    params.set(`${prefix}.up.weight`, { shape: [h / N, D], data: expert.up });
    params.set(`${prefix}.down.weight`, { shape: [D, h / N], data: expert.down });
  });
  return params;
}

function distillStep(
  state: TrainState,
  batch: LadimoSplitInput['batches'][number],
  { layer: l, alpha, config }: LadimoSplitInput,
  precision: Precision,
) {
  const real = (data: Float32Array) => (precision === 'float32' ? data : Float64Array.from(data));
  const T = config.batch.B * config.batch.S;
  const dims = { T, config: ladimo.distillConfig(config), mode: trainingMode(state.step + 1) };
  const recorded = { m_TD: real(batch.inputs), target_TD: real(batch.targets) };
  const result = ladimo.distill({ ...recorded, params: state.params, l, alpha }, dims);
  const { total } = result.losses;
  const update = applyGradients(state, result.grads, total, config.optimizer);
  return { ...result, ...update };
}

async function ladimoSplit(
  input: LadimoSplitInput,
  precision: Precision,
): Promise<LadimoSplitOutput> {
  const split = splitParameters(input);
  const state = startState(new Map([...input.router, ...split]), precision);
  const tensors: GoldenTensors = new Map();
  const steps: StepOutput[] = [];
  input.batches.forEach((batch, i) => {
    const step = distillStep(state, batch, input, precision);
    steps.push({ lr: step.lr, gradNorm: step.gradNorm, loss: step.losses });
    if (i > 0) return;
    for (const [name, tensor] of moeTensors(step.saved, step.y_TD, input.config)) {
      tensors.set(name, tensor);
    }
    addPrefixed(tensors, 'grad', step.grads);
  });
  addPrefixed(tensors, 'after', state.params);
  return { split: copyTensors(split, 'float32'), tensors, steps, capacity: {} };
}

async function ladimoPolicy(input: LadimoPolicyInput): Promise<LadimoPolicyOutput> {
  const { layers, maxWeights } = input;
  const policy = adaptivePolicy(maxWeights, input);
  return {
    alpha: policy.alpha,
    beta: policy.beta,
    layers: policy.layers.map((own, i) => ({ layer: layers[i]!, ...own })),
    tokenK: maxWeights.map((weights, i) =>
      ladimo.tokenWidths(weights, layerPolicy(policy.layers[i]!)),
    ),
  };
}

function openModel(model: ModelInput, precision: Precision): ModelPasses {
  const { config, batches, capacity, domains: domainNames } = model;
  const params = copyTensors(model.parameters, precision);
  const pass = (interventions: readonly Intervention[]) => {
    const options = { capacity, interventions, domainNames };
    return inspect({ params, batches }, config, options).inspection;
  };
  return {
    inspect: async (items) => pass(items),
    losses: async (items) => pass(items).ce,
    close: () => undefined,
  };
}

/** The CPU reference as a subject; in `float32` every intermediate value is rounded. */
export function referenceSubject(precision: Precision = 'float64'): GoldenSubject {
  return {
    train: async (input) => trainReference(input, precision),
    ladimoSplit: (input) => ladimoSplit(input, precision),
    ladimoPolicy,
    openModel: async (model) => openModel(model, precision),
  };
}
