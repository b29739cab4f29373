/**
 * The experiment: one JSON object that describes a run everywhere — links, files, checkpoints,
 * headless commands (docs/model.md, "The experiment"). Blocks and names are those of a golden
 * case's `config`. Only types live here; defaults, ranges and labels are rows of `schema.ts`.
 */

import type { LossesConfig } from './auxTerms.ts';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type Arrangement = 'dense' | 'full' | '1dense' | 'interleave' | readonly number[];

/** Network shape. Symbols as in docs/model.md, "Symbols". */
export interface ModelConfig {
  V: number;
  D: number;
  L: number;
  H: number;
  Hkv: number;
  positions: 'rope' | 'alibi';
  ropeBase: number;
  keyNorm: boolean;
  normEps: number;
  tied: boolean;
  denseHidden: number;
  arrangement: Arrangement;
}

export type Selection = 'topk' | 'topp' | 'randomDrop' | 'adaptive' | 'hash' | 'expertChoice';
export type GateMode =
  | 'softmax'
  | 'renormalized'
  | 'renormalizedWithNull'
  | 'renormalizedWithoutZero'
  | 'uniform';

/** How a router makes scores of its logits (docs/balancing.md, "Step 1½: scores"). */
export type ScoreFunction = 'softmax' | 'sigmoid' | 'sqrtSoftplus';

/** How the selection bias moves after every step (docs/balancing.md, "Selection bias"). */
export type BiasRule =
  | { kind: 'none' }
  | { kind: 'sign'; rate: number; centre: boolean }
  | { kind: 'quantile'; smoothing: number }
  | { kind: 'budget'; rate: number; computing: number };

/** Slots that a document's tokens choose among: one size, or one drawn per layer and sequence. */
export type Pool = ({ size: number } | { min: number; max: number }) & {
  /** Size of the pools of evaluation; null for none. */
  evaluation: number | null;
};

/** Policy of one layer under `adaptive` selection (LaDiMo 4.4); null for dense layers. */
export type LayerPolicy =
  | { kind: 'top-1' | 'top-2' | 'top-3' }
  | { kind: 'dynamic'; alpha: number; beta: number };

export interface RouterConfig {
  selection: Selection;
  K: number;
  /** Prefix mass of `topp`; null elsewhere. */
  P: number | null;
  /** Drop probability of `randomDrop`; null elsewhere. */
  q: number | null;
  policy: readonly (LayerPolicy | null)[] | null;
  gate: GateMode;
  bias: boolean;
  noise: boolean;
  gatingResidual: boolean;
  /** Capacity factor γ, or null for no capacity. */
  capacity: number | null;
  tau: number;
  score: ScoreFunction;
  /** Factor on every gate g. */
  routeScale: number;
  /** Null: no selection bias. */
  biasRule: BiasRule | null;
  hashSeed: number;
  /** Hash layers, from the first MoE layer; null for all. */
  hashLayers: number | null;
  /** Whether the router's parameters count as constants. */
  frozen: boolean;
  pool: Pool | null;
}

export type Slot =
  | { kind: 'ffn'; hidden: number }
  /** `of` counts FFN experts of the layer from 0. */
  | { kind: 'negated'; of: number }
  | { kind: 'zero' }
  | { kind: 'copy' }
  | { kind: 'constant' };
export type SlotKind = Slot['kind'];

export interface ExpertsConfig {
  slots: readonly Slot[];
  /** Layers with an expert space of their own, by layer index. */
  perLayer?: Readonly<Record<string, readonly Slot[]>>;
  /** Hidden width of the always-on shared expert, 0 for none. */
  sharedHidden: number;
}

export interface OptimizerConfig {
  /** Peak learning rate. */
  lr: number;
  minLr: number;
  /** Warm-up steps W. */
  warmup: number;
  totalSteps: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** Global-norm clip, null for off. */
  clip: number | null;
}

export interface BatchConfig {
  B: number;
  S: number;
}

/** What the engine is built from: a golden case's `config` and the start's standard deviation. */
export interface EngineConfig {
  model: ModelConfig;
  router: RouterConfig;
  experts: ExpertsConfig;
  losses: LossesConfig;
  optimizer: OptimizerConfig;
  batch: BatchConfig;
  /** `seeds.drop`: used by `randomDrop`, and by pools of drawn size. */
  seed: number;
}

/** Domains that ship with the product; `own` is the person's own text. */
export const CORPORA = ['prose', 'speeches', 'code', 'arithmetic', 'languages', 'own'] as const;
export type CorpusName = (typeof CORPORA)[number];

export interface DataConfig {
  /** Sampling weight per corpus; absent or 0 = not used. */
  mix: Readonly<Partial<Record<CorpusName, number>>>;
  /** Unique training tokens, null = everything there is. */
  uniqueTokens: number | null;
  /** Passes over the unique tokens before the run ends, null = as many as the steps take. */
  epochs: number | null;
  /** Share of each corpus held out for validation. */
  validationShare: number;
  /** SHA-256 (hex) of the text in use, written when the data is prepared; null = not yet known. */
  hash: string | null;
}

export interface TokenizerConfig {
  kind: 'chars' | 'bytes' | 'bpe';
  /** Entries of `bpe`: 256 … 4096. Ignored by the others. */
  size: number;
}

export interface EvaluationConfig {
  /** Steps between two validation losses; 0 = never. */
  every: number;
  /** Validation batches averaged. */
  batches: number;
  /** Whether capacity drops assignments in evaluation too. */
  capacity: boolean;
  /** Steps between two automatic samples; 0 = never. */
  sampleEvery: number;
  /** Tokens per sample. */
  sampleTokens: number;
  temperature: number;
}

/**
 * A live change: dotted paths of the experiment to their new values, e.g.
 * `{ 'optimizer.lr': 0.001 }`. A change of the expert space also has `surgery` (surgery.ts).
 */
export type Change = { readonly [path: string]: JsonValue };

/** Steps count from 1; the change is applied before that step. */
export type ExperimentEvent = readonly [step: number, change: Change];

export interface Experiment {
  version: 1;
  /** `V` null: the tokenizer's number of entries (the default). */
  model: Omit<ModelConfig, 'V'> & { V: number | null };
  router: RouterConfig;
  experts: ExpertsConfig;
  losses: LossesConfig;
  optimizer: OptimizerConfig;
  batch: BatchConfig;
  initStd: number;
  data: DataConfig;
  tokenizer: TokenizerConfig;
  seeds: { init: number; data: number; drop: number };
  evaluation: EvaluationConfig;
  events: readonly ExperimentEvent[];
}

/** One thing wrong with an experiment, a link or a file, said with numbers. */
export interface Problem {
  /** Dotted path, '' for the whole. */
  path: string;
  /** A sentence with the offending value and what is allowed. */
  message: string;
  /** `error`: the value was refused and replaced by its default; `warning`: legal, but to be told. */
  severity: 'error' | 'warning';
}
