/** What is measured and how it is asked for: the same words for every library and both runners. */
import type { EngineConfig } from '../src/config/experiment.ts';
import type { ProfileReport } from '../src/train/profile/profileReport.ts';

export const SUBJECTS = ['ours', 'jax-js', 'tfjs-webgpu'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

/** A product of m × k and n × k, transposed: `[m, k] · [n, k]ᵀ`. */
export interface ProductSize {
  m: number;
  n: number;
  k: number;
}

/** A piece of work that a subject can be asked to prepare. */
export type WorkSpec =
  /** Whole training steps on one batch; its value is the loss of the last step. */
  | { kind: 'train'; config: EngineConfig }
  /** The MoE layer of a one-layer model, forward alone; its value sums the squares of the output. */
  | { kind: 'moeForward'; config: EngineConfig }
  /** One matrix product; its value sums the squares of the output. */
  | { kind: 'matmul'; size: ProductSize }
  | OurWorkSpec;

/** Work that only our engine is asked for. */
export type OurWorkSpec =
  /** The same product cut into 8 equal groups of rows, each with a weight of its own. */
  | { kind: 'groupedMatmul'; size: ProductSize }
  /** The same product with one invocation per output. */
  | { kind: 'naiveMatmul'; size: ProductSize }
  /** The losses of one batch, and an inspection of it with interventions of every kind; the value is a loss. */
  | { kind: 'evaluate' | 'inspect'; config: EngineConfig }
  /** Texts that are gone on with; the value tells them apart. */
  | { kind: 'decode'; config: EngineConfig; prompts: number; how: 'cached' | 'first' | 'window' }
  /** A step without clipping and AdamW. */
  | { kind: 'gradients'; config: EngineConfig }
  /** Dispatch, experts and combination with `share` of the assignments on FFN slots. */
  | { kind: 'expertForward'; config: EngineConfig; share: number }
  /** Storing a checkpoint, or the records of some seconds; the value is the bytes of a checkpoint. */
  | { kind: 'keep'; config: EngineConfig; what: 'checkpoint' | 'metrics' }
  /** Chains of multiply-adds in registers. */
  | { kind: 'fma'; scale: number }
  /** A kernel that copies one buffer to another. */
  | { kind: 'copy'; scale: number };

/** Prepared work on one device. */
export interface Work {
  /** Does it `times` times; resolves when the device has finished. */
  run(times: number): Promise<void>;
  /** What the last run came to: equal for all subjects that compute the same. */
  value(): Promise<number>;
  /** Steps timed kernel by kernel; only our training can tell. */
  profile?(steps: number): Promise<ProfileReport>;
  destroy(): void;
}

/** One library on one device. */
export interface Library {
  /** Vendor and model of the adapter as far as the platform tells them. */
  open(): Promise<string>;
  /** @throws Error for work that the library is not asked for */
  prepare(spec: WorkSpec): Promise<Work>;
}

/** Calls to WebGPU; `bytes` and `buffers` are those alive, the others count from the start. */
export interface CallCounts {
  dispatches: number;
  submits: number;
  /** Buffers, bind groups, pipelines, layouts, shader modules, textures, samplers, query sets. */
  objects: number;
  /** Buffers alone. */
  buffersMade: number;
  maps: number;
  /** Of buffers created and not destroyed. */
  bytes: number;
}

export interface Prepared {
  id: number;
  /** Value after each of the first runs. */
  values: number[];
  /** From the worker's start to the end of the first run. */
  firstMs: number;
}

export interface Measurement {
  /** Wall time of one run. */
  ms: number;
  /** Per run, but `bytes`, which is what is alive afterwards. */
  counts: CallCounts;
}

/** What a worker of the benchmark answers; in Node the same object without a worker. */
export interface Session {
  open(): Promise<string>;
  /** Prepares work and runs it `runs` times, so that nothing is compiled later. */
  prepare(spec: WorkSpec, runs: number): Promise<Prepared>;
  measure(id: number, times: number): Promise<Measurement>;
  /** @throws Error for work that cannot tell its kernels apart */
  profile(id: number, steps: number): Promise<ProfileReport>;
  /** Bytes of the JavaScript heap; null where the runtime does not tell them. */
  heapBytes(): Promise<number | null>;
  release(id: number): Promise<void>;
}
