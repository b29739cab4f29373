/** What a profile of training steps tells: structured-cloneable data only. */
import type { AdapterSpeed } from '../session/events.ts';

export const STEP_PHASES = ['forward', 'backward', 'optimizer'] as const;
/** Forward; loss and gradients; clipping and AdamW. */
export type StepPhase = (typeof STEP_PHASES)[number];

/** The dispatches of one kernel in one phase of one layer; figures are per step. */
export interface ProfileRow {
  /** `<op>.<pass>`; `all kernels` where only phases could be timed. */
  kernel: string;
  phase: StepPhase;
  /** Null outside the layers: embedding, final norm, head, loss, optimizer. */
  layer: number | null;
  /** Dispatches. */
  calls: number;
  /** Milliseconds, the mean over the timed steps. */
  ms: number;
  /** What the kernel computes and moves, each operand once; null where it is not known. */
  flops: number | null;
  bytes: number | null;
}

/** One FFN expert's part of the grouped products of its layer, per step. */
export interface ExpertTime {
  layer: number;
  /** Number among the layer's FFN experts, in the order of their slots. */
  expert: number;
  /** Hidden width, padded to a multiple of 4. */
  hidden: number;
  /** Kept assignments, the mean over the timed steps. */
  rows: number;
  forwardMs: number;
  backwardMs: number;
}

export interface ProfileBuffer {
  label: string;
  /** Parameters, gradients, activations, … */
  use: string;
  bytes: number;
}

export interface ProfileReport {
  /** `timestamps`: every kernel by GPU timestamps. `wallClock`: the phases by the CPU's clock. */
  source: 'timestamps' | 'wallClock';
  /** Timed steps; as many ordinary ones were taken between them. */
  steps: number;
  /** First and last step that were taken for it. */
  firstStep: number;
  lastStep: number;
  /** Smallest difference that the clock shows, in milliseconds. */
  resolutionMs: number;
  /** Times that were left out: their timestamps ran backwards, or one was missing. */
  invalid: number;
  /** In the order in which a step first dispatches them. */
  rows: ProfileRow[];
  /** Empty where kernels could not be timed, and without MoE layers. */
  experts: ExpertTime[];
  /** Sum of the rows' milliseconds. */
  kernelMs: number;
  /** Milliseconds from the submit of an ordinary step to its end, nothing else queued: the mean. */
  wallMs: number;
  /** The same of the timed steps, whose kernels stand in passes of their own. */
  timedWallMs: number;
  /** kernelMs / wallMs. */
  gpuBusy: number;
  /** Of an ordinary step. */
  dispatches: number;
  submits: number;
  /** GPU buffers of the engine. */
  buffers: ProfileBuffer[];
}

/** A profile that a session took. */
export interface SessionProfile extends ProfileReport {
  /** What the adapter achieved right before, under the same load: the kernels' limits. */
  speed: AdapterSpeed;
}
