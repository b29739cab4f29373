/** What golden cases are run on: inputs, outputs, and the interface of an implementation. */
import type { Inspection, Intervention } from '../analysis/inspection.ts';
import type { EngineConfig, LayerPolicy } from '../config/experiment.ts';
import type { Batch } from '../data/types.ts';

/** A tensor of real or whole numbers, row-major. */
export interface GoldenTensor {
  shape: readonly number[];
  data: Float32Array | Float64Array | Int32Array;
}
export type GoldenTensors = Map<string, GoldenTensor>;

/** Parameters under the spec's names. */
export type GoldenParameters = ReadonlyMap<
  string,
  { shape: readonly number[]; data: Float32Array }
>;

export interface TrainCaseInput {
  config: EngineConfig;
  parameters: GoldenParameters;
  /** One batch per training step, [T] each. */
  batches: readonly { tokens: Uint32Array; targets: Uint32Array }[];
}

/** One training step: everything is of the batch before the update. */
export interface StepOutput {
  lr: number;
  /** Before clipping. */
  gradNorm: number;
  /** `ce`, every active term summed over the layers, `total`; for `ladimo-split` `mse`, `balance`, `total`. */
  loss: Readonly<Record<string, number>>;
  /** Assignments per slot by MoE layer, dropped ones included. */
  counts?: Readonly<Record<string, readonly number[]>>;
}

export interface TrainCaseOutput {
  /** `out.…` and `grad.…` of the first step, `after.…` of the last, `bias.…` of all, under the goldens' names. */
  tensors: GoldenTensors;
  steps: readonly StepOutput[];
  /** Places of every slot at step 1 per MoE layer; empty without capacity. */
  capacity: Readonly<Record<string, readonly number[]>>;
}

export interface LadimoSplitInput {
  config: EngineConfig;
  /** The layer that is trained alone, and the factor of the balance term. */
  layer: number;
  alpha: number;
  /** The dense FFN: gate, up [h, D], down [D, h]. */
  dense: { gate: Float32Array; up: Float32Array; down: Float32Array };
  /** Start of the router, under its name. */
  router: GoldenParameters;
  /** Recorded m and f(m) per step, [T, D] each. */
  batches: readonly { inputs: Float32Array; targets: Float32Array }[];
}

export interface LadimoSplitOutput extends TrainCaseOutput {
  /** The experts that the dense FFN was split into, under their parameter names. */
  split: GoldenTensors;
}

export interface LadimoPolicyInput {
  /** Fractions p_u and p_e. */
  pu: number;
  pe: number;
  layers: readonly number[];
  /** Recorded w_m per converted layer [n]. */
  maxWeights: readonly Float32Array[];
}

export interface LadimoPolicyOutput {
  alpha: number;
  beta: number;
  /** Per converted layer, with the layer's own quantiles. */
  layers: readonly { layer: number; kind: LayerPolicy['kind']; alpha: number; beta: number }[];
  /** Slots that every recorded token gets, per converted layer [n]. */
  tokenK: readonly Int32Array[];
}

/** A model and the batches that it is inspected on. */
export interface ModelInput {
  config: EngineConfig;
  parameters: GoldenParameters;
  batches: readonly Batch[];
  /** Names of the domains. */
  domains: readonly string[];
  /** `evaluation.capacity` */
  capacity: boolean;
}

/** Passes over all batches with interventions, as often as they are asked for. */
export interface ModelPasses {
  inspect(items: readonly Intervention[]): Promise<Inspection>;
  /** ce alone [U]. */
  losses(items: readonly Intervention[]): Promise<Float32Array>;
  close(): void;
}

/** An implementation that golden cases are run on. */
export interface GoldenSubject {
  train(input: TrainCaseInput): Promise<TrainCaseOutput>;
  ladimoSplit(input: LadimoSplitInput): Promise<LadimoSplitOutput>;
  ladimoPolicy(input: LadimoPolicyInput): Promise<LadimoPolicyOutput>;
  openModel(model: ModelInput): Promise<ModelPasses>;
}
