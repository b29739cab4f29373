/**
 * What a recipe measures, a closed union: whoever runs recipes takes every kind, and gives the fields
 * that stand here under their names (`Measured`). All but times is the same bit for bit when repeated
 * on one adapter.
 */
import type { PlacementPolicy } from '../accounting/placement.ts';
import type { FigureRequest } from '../analysis/figures.ts';
import type { OverField } from '../analysis/followed.ts';
import type { ProbeTask } from '../analysis/probes/probe.ts';
import type { Change, CorpusName } from '../config/experiment.ts';
import type { ScalarName } from '../config/telemetry.ts';
import type { Measure } from './term.ts';

/**
 * Fields of one measurement of one variant and seed, by name; `diverged`, 1, alone where what the measurement itself
 * trains came to a loss that is not finite.
 */
export type Measured = Readonly<Record<string, Measure>>;

interface Common {
  /** By which terms read it; unique in its recipe. */
  id: string;
  label: string;
  /** Variants that it is taken of; all of them where absent. */
  of?: readonly string[];
}

/**
 * Validation losses in nats, evaluation mode, on the batches that are the same for all variants.
 * `ce` at the end; `bitsPerCharacter`; `tokens` seen; `compute` C of the run and `activationRate` Na/N by the
 * accounting; `steps` [n], `curve` [n] at every validation, the last one at the end; `perDomain` [M] at the
 * end, in order of the run's domains. Where `ce` is not causal, `generated`: the loss at the end by the
 * rule that texts are gone on with.
 */
export interface ValidationMeasurement extends Common {
  kind: 'validation';
}

/**
 * Scalars of training steps as means over `parts` equal parts of the run: `<name>` [parts] for every name.
 * `steps` [parts]: the last step of each.
 */
export interface TrainingMeasurement extends Common {
  kind: 'training';
  names: readonly ScalarName[];
  parts: number;
}

/**
 * Assignments while training, summed over `parts` equal parts of the run: `counts` [parts, layers, W, R],
 * `layers` [layers] their indices, `steps` [parts] as above.
 * `maxMin` [parts, layers, W]: largest over smallest count, null where the smallest is 0.
 */
export interface LoadsMeasurement extends Common {
  kind: 'loads';
  parts: number;
}

/**
 * Figures over training time, of one validation batch at validations: `<name>` [n] for every name, `steps` [n] when. What compares a row with the one before is null in the first.
 */
export interface FollowedMeasurement extends Common {
  kind: 'followed';
  names: readonly OverField[];
}

/**
 * A shock: the trained model goes on at a constant rate, and then the FFN expert of each MoE layer that had most
 * tokens is cloned. MaxVio is of the counts of `window` steps together; a layer is back when it is at most `within`
 * above its mean over the `before` steps before. `steps`: until it is, mean over layers, `after` for a layer that is
 * not; `back`: part of the layers that are; `layers` [layers] their indices, `byLayer` [layers] their steps;
 * `calm`: MaxVio before, mean over layers; `curveSteps` [n], `curve` [n]: MaxVio behind the shock, likewise, from the
 * first whole window on. Where the model diverged, `diverged` alone.
 */
export interface ShockMeasurement extends Common {
  kind: 'shock';
  /** Learning rate. */
  lr: number;
  window: number;
  before: number;
  /** Steps that are trained behind the shock. */
  after: number;
  within: number;
}

/** Steps before a shock: as many as `before` windows need that end one step apart. */
export function calmSteps({ before, window }: ShockMeasurement): number {
  return before + window - 1;
}

/** A figure of docs/analysis.md and those of its fields that are kept. */
export interface FigureAsk {
  /** Name of the results. */
  as: string;
  request: FigureRequest;
  /** Over the inspection: field `<as>.<name>`. */
  fields?: readonly string[];
  /** Per MoE layer, stacked by depth: field `<as>.layers.<name>` [layers, …]. */
  layerFields?: readonly string[];
}

/**
 * Figures of an inspection of the validation batches at the end. Also `layers` [layers]: indices of the
 * MoE layers. Whole numbers and real ones alike; undefined is null; an absent index stays −1.
 */
export interface FiguresMeasurement extends Common {
  kind: 'figures';
  ask: readonly FigureAsk[];
  /** Variant whose final model is the figures' baseline on the same tokens: both are of one group. */
  baseline?: string;
  /** Settings of the pass that differ from training's, e.g. `evaluation.capacity`. */
  edits?: Change;
}

/**
 * Probe tasks on held-out text. Per task `<task>.accuracy`, `.correct`, `.of`, `.chance`; of the tasks with
 * options by `perCharacter`. `induction.gain` besides.
 */
export interface ProbesMeasurement extends Common {
  kind: 'probes';
  tasks: readonly ProbeTask[];
  /** Items per task (and domain); the task's own number where absent. */
  items?: number;
}

/**
 * Times in milliseconds, variants in turn in one process: every round takes each variant once. `ms`: median
 * over rounds; `rounds` [rounds]; `share`: computing assignments kept per token, over K. `experts`: the grouped
 * products of the MoE layers' forward pass (shared experts and dense layers not), of GPU timestamps where
 * there are some; `forward`: a whole forward pass over one batch; `prefill`, `decode`: of text, per token.
 */
export interface TimesMeasurement extends Common {
  kind: 'times';
  what: 'experts' | 'forward' | 'prefill' | 'decode';
  rounds: number;
  /** Passes per round, which are averaged. */
  passes: number;
  edits?: Change;
}

/**
 * FFN experts on simulated devices (src/accounting/placement.ts), loads by the routing of the validation
 * batches: per policy `<policy>.flops`, `<policy>.tokens`, `<policy>.parameters`: max/mean over the devices.
 */
export interface PlacementMeasurement extends Common {
  kind: 'placement';
  devices: number;
  policies: readonly PlacementPolicy[];
}

/** Settings of a conversion, as `--ladimo FILE` takes them; what is left out has its defaults there. */
export interface ConversionSettings {
  layers: readonly number[];
  N?: number;
  K?: number;
  gate?: 'softmax' | 'renormalized';
  alpha?: number;
  start?: 'split' | 'random';
  sample?: number;
  batch?: number;
  steps?: number;
  optimizer?: { lr?: number; minLr?: number; warmup?: number; weightDecay?: number };
  profile?: number;
  policy?: { pu: number; pe: number };
}

/**
 * Layers of a trained dense variant become MoE. `layers` [n] rising, their indices; `mse` [n] distillation
 * mse of each at the last step; `curveSteps` [m], `curve` [n, m]: mse as means over m equal parts of the
 * distillation; `teacher`: validation loss of the dense model; `converted` [n]: of the model whose last
 * 1 … n layers are converted, `active` [n + 1] parameters that a token uses, the dense model's first;
 * `alone` [n]: of the model with that layer alone converted.
 * `adaptive`: validation loss under the policy; `slotsAdaptive`, `slotsStatic`: computing experts per token, mean
 * over the converted layers. With `throughput`: `prefill` [n + 1] tokens per second for 0 … n converted layers,
 * in turn, medians over rounds; `msStatic`, `msAdaptive`: milliseconds per token of the student with top-K and under the policy.
 * With `domain`: `domainBefore`, `domainAfter` [M]: validation loss by domain of the student of all layers, and
 * after its converted layers alone were trained on that domain's text; `ownBefore`, `ownAfter`: of that domain.
 */
export interface ConversionMeasurement extends Common {
  kind: 'conversion';
  settings: ConversionSettings;
  throughput?: { rounds: number };
  domain?: { corpus: CorpusName; steps: number; lr: number };
}

export type Measurement =
  | ValidationMeasurement
  | TrainingMeasurement
  | LoadsMeasurement
  | FollowedMeasurement
  | ShockMeasurement
  | FiguresMeasurement
  | ProbesMeasurement
  | TimesMeasurement
  | PlacementMeasurement
  | ConversionMeasurement;
export type MeasurementKind = Measurement['kind'];
