/**
 * The boundary between page and worker: types only, structured-cloneable data only.
 * The worker's object is declared `satisfies TrainerApi` before it is exposed; the client wraps
 * the same type.
 */
import type { Change, Experiment, Problem } from '../config/experiment.ts';
import type { LayerSpace, StepRecords } from '../train/telemetry.ts';

export interface AdapterReport {
  /** E.g. "NVIDIA ada-lovelace" or "Google SwiftShader". */
  description: string;
  isSoftware: boolean;
  /** Limits the model is checked against, in bytes. */
  maxBufferBytes: number;
  maxBindingBytes: number;
}

export interface OpenReport {
  runId: number;
  adapter: AdapterReport;
  /** The experiment as it runs: vocabulary size and text hash filled in. */
  experiment: Experiment;
  problems: Problem[];
  vocabulary: number;
  /** Exact count of all parameters. */
  parameters: number;
  gpuBytes: number;
  tokens: { training: number; validation: number; characters: number };
  /** Nats per token of the unigram model of the training split under this tokenizer. */
  unigramEntropy: number;
  /** Characters per training token: turns nats per token into bits per character. */
  charactersPerToken: number;
  domains: string[];
  layers: LayerSpace[];
}

export interface SampleRequest {
  prompt: string;
  temperature: number;
  tokens: number;
  seed: number;
}

/** A sample with, per token, its text, domain-free routing and how many computing experts it used. */
export interface Sample {
  step: number;
  prompt: string;
  text: string;
  temperature: number;
}

export type RunState = 'empty' | 'opening' | 'ready' | 'running' | 'paused' | 'finished' | 'failed';

export type StopReason =
  | { kind: 'finished'; step: number }
  | { kind: 'nonFinite'; step: number; layer: number | null; message: string }
  | { kind: 'deviceLost'; message: string };

/** Every event carries the run it belongs to; the client drops those of older runs. */
export type TrainerEvent = { runId: number } & (
  | { type: 'progress'; stage: 'data' | 'tokenizer' | 'kernels' | 'parameters' | 'replay'; done: number; total: number }
  | { type: 'state'; state: RunState; step: number }
  | { type: 'steps'; records: StepRecords; tokensPerSec: number; stepsPerSec: number }
  | { type: 'validation'; step: number; ce: number; perDomain: Record<string, number> }
  | { type: 'sample'; sample: Sample }
  | { type: 'changed'; step: number; change: Change; experiment: Experiment }
  | { type: 'stopped'; reason: StopReason }
  | { type: 'checkpoint'; step: number; bytes: number }
);

/** Name of an error that crosses the worker boundary: Comlink keeps only name, message and stack. */
export type ErrorCode =
  | 'ConfigInvalid'
  | 'DataMissing'
  | 'DeviceLost'
  | 'KernelCompile'
  | 'ModelTooLarge'
  | 'NoWebGPU'
  | 'NonFinite'
  | 'Cancelled';

export interface OwnText {
  name: string;
  text: string;
}

/** Commands. All reject with an error whose `name` is an `ErrorCode`. */
export interface TrainerApi {
  /** What adapter there is; rejects with NoWebGPU where there is none. */
  probe(): Promise<AdapterReport>;
  /** Prepares data, device, kernels and parameters; replaces the run that was open. */
  open(experiment: Experiment, own: OwnText | null): Promise<OpenReport>;
  start(): Promise<void>;
  pause(): Promise<void>;
  /** Trains exactly one step, then pauses. */
  step(): Promise<void>;
  /** Back to step 0 with the same seeds and the experiment's events cleared. */
  reset(): Promise<void>;
  /** Records a live change as an event before the next step; returns that step. */
  change(change: Change): Promise<number>;
  /** The experiment with all events so far: what a link holds. */
  experiment(): Promise<Experiment>;
  evaluate(): Promise<number>;
  sample(request: SampleRequest): Promise<Sample>;
  /** Parameters, moments, step and data cursor as safetensors with the spec's names. */
  checkpoint(): Promise<Uint8Array>;
  restore(bytes: Uint8Array): Promise<OpenReport>;
  subscribe(listener: (event: TrainerEvent) => void): Promise<void>;
  dispose(): Promise<void>;
}
