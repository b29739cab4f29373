/**
 * A conversion as a value: a dense teacher whose layers become MoE layers, and what was measured of
 * them. Types only, structured-cloneable data only (docs/model.md, "Dense → MoE conversion").
 */
import type { ProbeResults } from '../../analysis/probes/score.ts';
import type { Experiment } from '../../config/experiment.ts';
import type {
  LayerWeights,
  PolicyPreview,
  PolicyShares,
  StudentChoice,
} from '../../config/ladimo.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { ProbeAsk } from '../session/events.ts';

export type { LayerWeights, PolicyPreview, PolicyShares, StudentChoice };

/** Whose layers are converted. A person's own text is found where the run's is kept. */
export type TeacherChoice =
  /** A run of the library at a stored checkpoint; null: the last one. */
  | { readonly run: string; readonly step: number | null }
  /** The open run as it stands; it trains on. */
  | 'live'
  /** A checkpoint file of this program's; those of others are made one with their answers first. */
  | {
      readonly file: string;
      readonly bytes: Uint8Array;
      /** That its experiment, trained from the start, gives it: who made the file knows. */
      readonly isReplayable?: boolean;
    }
  /** As a link names it: the experiment is trained for so many steps first. */
  | { readonly experiment: Experiment; readonly steps: number };

/** The teacher of a conversion, whose checkpoint is kept with it. */
export interface Teacher {
  /** Name of the run or file. */
  name: string;
  /** Run of the library that it was taken from; null for a file or a link. */
  run: string | null;
  /** SHA-256 (hex) of the checkpoint; null until a link's teacher is trained. */
  digest: string | null;
  /** Steps that it was trained. */
  step: number;
  /** With the size of the vocabulary and the hash of the text. */
  experiment: Experiment;
  /** Whether its experiment, trained from the start, gives it: only then a link can name it. */
  isReplayable: boolean;
}

/**
 * `dense`: not begun; `recorded`: its vectors are there, its turn is to come; `stopped`: trained in
 * part, goes on from the last stored state; `converted`: every seed is trained.
 */
export type LayerStatus = 'dense' | 'recorded' | 'training' | 'stopped' | 'converted';

/** One training of a layer. */
export interface LayerSeed {
  /** From 0; 0 trains with the teacher's own seeds, n with these plus n. */
  seed: number;
  /** Steps taken. */
  step: number;
  /** Mean of the mse over the last `min(32, steps)` steps; null before the last step. */
  mse: number | null;
}

export interface LayerState {
  layer: number;
  /** Whether the settings name it; the others stay dense. */
  isChosen: boolean;
  status: LayerStatus;
  /** One for each seed of the settings; empty for a layer that stays dense. */
  seeds: readonly LayerSeed[];
}

/** Losses of one layer under one seed, [steps taken] each. */
export interface LayerCurves {
  layer: number;
  seed: number;
  mse: number[];
  /** α·|mse|·Σ f·P */
  balance: number[];
  total: number[];
  /** Before clipping. */
  gradNorm: number[];
  lr: number[];
}

/** A student, or the teacher, measured. */
export interface StudentQuality {
  layers: readonly number[];
  /** Validation cross-entropy in nats. */
  ce: number;
  /** The same by domain. */
  perDomain: Record<string, number>;
  /** The papers' Na: parameters that a token uses, without vocabulary, routers and norms. */
  active: number;
}

/** What else a choice was, and its answers to probe tasks where they were asked. */
export interface MeasuredStudent extends StudentQuality {
  choice: StudentChoice;
  probes: { ask: ProbeAsk; results: ProbeResults } | null;
  /** FFN experts that compute for a token in a converted layer, on average; null without any. */
  computing: number | null;
}

/** Tokens per second over rounds. */
export interface Speed {
  median: number;
  /** Quartiles: half of the rounds lie between. */
  low: number;
  high: number;
  /** Every round's, in their order. */
  rounds: readonly number[];
}

/** Speed of the student whose last n layers are converted. */
export interface ThroughputRow {
  /** Converted layers, rising. */
  layers: readonly number[];
  /** Na of that student. */
  active: number;
  /** Forward over whole windows of B·S tokens, the loss included. */
  prefill: Speed;
  /** One token of each of B texts at once, with cached keys and values. */
  decode: Speed;
}

export interface Throughput {
  /** What adapter it was measured on. */
  adapter: string;
  /** Of the model that was measured: the teacher's or `demanding`, with untrained weights. */
  shape: 'teacher' | 'demanding';
  D: number;
  L: number;
  denseHidden: number;
  B: number;
  S: number;
  /** Part of the dense model's forward FLOPs that its FFNs have, by accounting. */
  ffnShare: number;
  /** 0, 1, … L converted layers, from the last upward; measured in turn: round r of all belongs together. */
  rows: readonly ThroughputRow[];
  /** What came out, whichever way it went, in two sentences. */
  verdict: string;
}

/** The converted layers trained on, on one domain's own text alone (LaDiMo, Figure 7). */
export interface DomainResult {
  domain: string;
  /** Layers whose experts and routers were trained; nothing else moves. */
  layers: readonly number[];
  /** Steps of each layer. */
  steps: number;
  before: StudentQuality;
  after: StudentQuality;
  teacher: StudentQuality;
}

/** Maximal routing weights of the student of all converted layers, w_m = max_i p_i. */
export interface MaxWeights {
  /** Layers in their order; `weights` are sorted, [tokens]. */
  layers: readonly LayerWeights[];
  /** The same tokens' by domain. */
  domains: readonly {
    domain: string;
    layers: readonly LayerWeights[];
  }[];
  /** Experts of a layer: no policy gives a token more. */
  N: number;
}

/** A policy against static routers, on validation text. */
export interface PolicyResult {
  shares: PolicyShares;
  policy: PolicyPreview;
  adaptive: MeasuredStudent;
  /** Top-1, top-2, top-3, as far as there are experts. */
  statics: readonly (MeasuredStudent & { K: number })[];
}

export type ConversionStage =
  | 'idle'
  | 'teacher'
  | 'recording'
  | 'training'
  | 'measuring'
  | 'probing'
  | 'throughput'
  | 'domains'
  | 'profiling'
  | 'policy';

/** A conversion as the page sees it, without its curves. */
export interface ConversionState {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  begunAt: number;
  changedAt: number;
  teacher: Teacher;
  settings: LadimoSettings;
  stage: ConversionStage;
  /** How far the stage is; null where nobody knows. */
  progress: { done: number; total: number } | null;
  /** Every layer of the teacher, the first first. */
  layers: readonly LayerState[];
  /** The teacher (no layers), each layer alone, the assembly upward, and any other combination. */
  students: readonly MeasuredStudent[];
  throughput: readonly Throughput[];
  domains: readonly DomainResult[];
  weights: MaxWeights | null;
  policies: readonly PolicyResult[];
  /** 16 hexadecimal digits over the curves and weights of all layers; null until all are converted. */
  digest: string | null;
  /** What the link promised as `digest`; null where no link was replayed. */
  expected: string | null;
  /** The student that the link asks for; null where no link was replayed, or it asks for none. */
  student: StudentChoice | null;
  /** Why the last work ended early; null where it did not. */
  failure: string | null;
}

/** A conversion with everything that charts need. */
export interface OpenConversion {
  state: ConversionState;
  curves: readonly LayerCurves[];
}

/** A row of the list of conversions. */
export interface ConversionRow {
  id: string;
  name: string;
  begunAt: number;
  changedAt: number;
  teacher: string;
  layers: number;
  converted: number;
  /** Bytes that are stored of it. */
  bytes: number;
}

/** What to expect of a conversion before it begins. */
export interface ConversionPlan {
  settings: LadimoSettings;
  /** Text's domains, of which `settings.domain` may name one. */
  domains: readonly string[];
  /** Layers of the teacher, and the hidden width of its FFNs. */
  teacher: { L: number; hidden: number };
  /** Numbers N that divide the hidden width. */
  divisors: readonly number[];
  /** Parameters of the teacher, and of the student of all chosen layers. */
  parameters: { teacher: number; student: number };
  /** Na of 0, 1, … of the chosen layers, from the last upward. */
  active: readonly number[];
  /** Part of the teacher's forward FLOPs that its FFNs have. */
  ffnShare: number;
  /** Bytes of recorded vectors in memory, and of what is stored. */
  bytes: { recorded: number; stored: number };
  /** Estimated; null where the adapter cannot be measured now, because a run trains. */
  seconds: { recording: number; training: number } | null;
}

export type ConversionEvent =
  | { type: 'state'; state: ConversionState }
  /** Steps that were taken: [n] each; replaces whatever is known from `firstStep` on. */
  | {
      type: 'steps';
      id: string;
      layer: number;
      seed: number;
      firstStep: number;
      mse: Float32Array;
      balance: Float32Array;
    }
  | { type: 'removed'; id: string };

export type ConversionListener = (event: ConversionEvent) => void;
