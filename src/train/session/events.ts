/** What a training session reports: structured-cloneable data only. */

import type { FiguresAt } from '../../analysis/followed.ts';
import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import type { Change, EngineConfig, Experiment, Problem } from '../../config/experiment.ts';
import type { LayerSpace, StepRecords } from '../../config/telemetry.ts';
import type { TokenRouting } from '../engine/tokenRouting.ts';

export interface AdapterReport {
  /** E.g. "NVIDIA ada-lovelace" or "Google SwiftShader". */
  description: string;
  isSoftware: boolean;
  /** Limits the model is checked against, in bytes. */
  maxBufferBytes: number;
  maxBindingBytes: number;
}

/** What a short probe of the adapter measured. */
export interface AdapterSpeed {
  /** Achieved 10⁹ FLOP/s of a matrix product of 512³. */
  gflopsPerSec: number;
  /** Achieved 10⁹ bytes/s of a copy, read and written bytes counted. */
  gbytesPerSec: number;
  /** Seconds that a kernel takes which has next to nothing to compute. */
  dispatchSeconds: number;
}

/** What a surgery changes of a model. */
export interface ModelReport {
  /** Exact count of all parameters. */
  parameters: number;
  gpuBytes: number;
  layers: LayerSpace[];
}

/** A run that is open. */
export interface SessionReport extends ModelReport {
  adapter: AdapterReport;
  /** The experiment as it runs: vocabulary size and text hash filled in. */
  experiment: Experiment;
  problems: Problem[];
  vocabulary: number;
  tokens: { training: number; validation: number; characters: number };
  /** Nats per token of the unigram model of the training split under this tokenizer. */
  unigramEntropy: number;
  /** Characters per training token: turns nats per token into bits per character. */
  charactersPerToken: number;
  /** Text that the tokenizer can read, to begin samples with. */
  prompt: string;
  domains: string[];
}

export interface SampleRequest {
  prompt: string;
  /** 0: always the most probable token. */
  temperature: number;
  tokens: number;
  seed: number;
}

/** Which items of probe tasks are asked (docs/analysis.md, "Probe tasks"). */
export interface ProbeAsk {
  seed: number;
  /** Of each task at most: of every domain, or of all for `induction`. */
  items: number;
}

/** Items that are answered, of all; 0 of 0 until they are made. */
export interface ItemsAnswered {
  done: number;
  total: number;
}
export type ItemsListener = (items: ItemsAnswered) => void;

/** Text that the model wrote after `step` steps; `text` leaves out the prompt. */
export interface Sample {
  step: number;
  prompt: string;
  text: string;
  temperature: number;
}

/** Several texts to be written side by side. */
export interface GenerateRequest extends Omit<SampleRequest, 'prompt'> {
  prompts: readonly string[];
  /** Texts before which a text ends. */
  stops: readonly string[];
  /** How many of the most probable tokens are told in every place. */
  candidates: number;
}

/** A token that might have been, or is, the next. */
export interface Candidate {
  id: number;
  /** As a person can read it. */
  label: string;
  /** By the model, whatever the temperature. */
  probability: number;
}

export interface GeneratedToken extends Candidate {
  /** The text that it belongs to, and its place there. */
  prompt: number;
  index: number;
  /** What it adds to the text: whole characters. */
  text: string;
  /** The most probable first. */
  candidates: readonly Candidate[];
  /** What the token before it chose, by which it was written. */
  routing: readonly TokenRouting[];
  /** Whether the window was computed as a whole for it. */
  isRecomputed: boolean;
}

/** Hears of tokens, a few at a time. */
export type TokenListener = (tokens: GeneratedToken[]) => void;

export interface GeneratedText {
  prompt: string;
  text: string;
  /** Why it ends: so many tokens, a stop text, or because it was told to. */
  end: 'tokens' | 'stop' | 'cancelled';
}

export interface Generation {
  /** Steps that the model had taken. */
  step: number;
  texts: readonly GeneratedText[];
  tokens: number;
  /** Tokens for which the window was computed as a whole. */
  recomputed: number;
  /** Of all texts together, prompts included. */
  tokensPerSec: number;
  /** Forward FLOPs of a token, by the slots that were chosen. */
  flopsPerToken: number;
}

export type RunState = 'empty' | 'opening' | 'ready' | 'running' | 'paused' | 'finished' | 'failed';

export type StopReason =
  | { kind: 'finished'; step: number }
  | { kind: 'nonFinite'; step: number; layer: number | null; message: string }
  | { kind: 'deviceLost'; message: string }
  /** Anything else that ended the run, e.g. a WebGPU validation error. */
  | { kind: 'error'; message: string };

export type ProgressStage = 'data' | 'tokenizer' | 'kernels' | 'parameters' | 'replay';

/** Why something was not stored. */
export interface StorageFailure {
  kind: 'denied' | 'full' | 'wiped' | 'error';
  message: string;
  /** Bytes that were not stored, where known. */
  bytes: number | null;
}

export interface ValidationLoss {
  /** Mean cross-entropy over all tokens, in nats. */
  ce: number;
  /** The same over the tokens of each domain that occurs. */
  perDomain: Record<string, number>;
  /** Mean cross-entropy by the rule that texts are gone on with, where `ce` is not causal. */
  generated?: number;
}

/** What is kept of the open run. */
export interface RecordingReport {
  /** Id of the run's record. */
  id: string;
  /** Last step that is stored; 0 for none. */
  step: number;
  /** Step of the newest checkpoint that is stored; null for none. */
  checkpoint: number | null;
  /** Why the latest is not stored; null where it is. */
  failure: StorageFailure | null;
  /** Why no checkpoint is taken by itself, where it would be too large a part of the storage. */
  tooLarge: { bytes: number; allowed: number } | null;
}

export type SessionEvent =
  | { type: 'progress'; stage: ProgressStage; done: number; total: number }
  | { type: 'state'; state: RunState; step: number }
  | { type: 'steps'; records: StepRecords; tokensPerSec: number; stepsPerSec: number }
  | ({ type: 'validation'; step: number } & ValidationLoss)
  /** Figures of a validation batch, at each validation or each n-th. */
  | { type: 'figures'; figures: FiguresAt }
  /** Items of probe tasks that are answered, of all; null: none are asked any more. */
  | { type: 'probing'; probing: ItemsAnswered | null }
  /** What the model answered to the probe tasks. */
  | { type: 'probes'; probes: ProbesAt }
  | { type: 'sample'; sample: Sample }
  | { type: 'changed'; step: number; change: Change; experiment: Experiment }
  /** The expert space was changed before `step`, by a person or by an event of the link. */
  | { type: 'model'; step: number; model: ModelReport }
  | { type: 'stopped'; reason: StopReason }
  | { type: 'checkpoint'; step: number; bytes: number }
  /** What is kept of the run, whenever that changes. */
  | { type: 'recording'; recording: RecordingReport };

export type Emit = (event: SessionEvent) => void;

export type { ProbesAt } from '../../analysis/probes/probesAt.ts';
export type { OwnText } from '../../data/ownText.ts';

/** What is told of a run before it is opened. */
export interface CheckReport {
  /** Steps taken. */
  step: number;
  config: EngineConfig;
  /** Kinds of text that telemetry counts apart. */
  domains: number;
}
