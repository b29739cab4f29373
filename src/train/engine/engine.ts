import type { Inspection, Intervention } from '../../analysis/inspection.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import type { Surgery } from '../../config/surgery.ts';
import type { LayerSpace, StepRecords } from '../../config/telemetry.ts';
import type { Batch } from '../../data/types.ts';
import type { Elements } from '../../model/surgery.ts';
import type { Origin } from '../../model/surgeryOrigins.ts';
import type { ProfileReport } from '../profile/profileReport.ts';
import type { TokenRouting } from './tokenRouting.ts';

/** Named tensors in the spec's names and shapes, row-major. */
export type TensorMap = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** Parameters, AdamW moments and the number of steps taken: all that training needs to go on. */
export interface EngineState {
  step: number;
  parameters: TensorMap;
  /** First and second moments under the parameters' names. */
  firstMoments: TensorMap;
  secondMoments: TensorMap;
  /** Counts of the last steps by MoE layer [n, R], where the balance loss is over a window of them. */
  countHistories?: TensorMap;
  /** Surgeries done so far, in order; null where undo no longer reaches. None when absent. */
  surgeries?: readonly (SurgeryRecord | null)[];
}

/** What a surgery did: where the parameters came from, and the elements that it removed. */
export interface SurgeryRecord {
  origins: readonly (readonly [name: string, Origin])[];
  removed: Elements;
}

/** A surgery to be done; `number` counts those of the run from 1 and names the random draws. */
export interface SurgeryOrder {
  number: number;
  surgery: Surgery;
}

/** A step that was refused (docs/model.md, "Non-finite values"). */
export interface NonFinite {
  step: number;
}

/**
 * Takes training steps, every other one of them timed; the ordinary ones tell how long a step takes
 * when its kernels stand in one pass. All train as `submitStep` does, bit for bit.
 */
export interface Profiler {
  /** Timed steps so far. */
  readonly steps: number;
  /** Whether the engine still has what is profiled; another model needs another profiler. */
  readonly isCurrent: boolean;
  /** Takes one training step, ordinary and timed ones in turn, and waits until it is done. */
  step(batch: Batch): Promise<void>;
  /** What the steps so far took. */
  report(): ProfileReport;
  destroy(): void;
}

/** A tensor that was read of a forward pass. */
export interface InspectedTensor {
  shape: readonly number[];
  data: Float32Array | Int32Array;
}
export type InspectedTensors = Map<string, InspectedTensor>;

/** Which tensors are read, by name. */
export type Wants = (name: string) => boolean;

/** Batches of one shape that are passed forward in evaluation mode (docs/analysis.md, "Inspection"). */
export interface PassRequest {
  batches: readonly Batch[];
  /** Tokens of a sequence, at most those of training; every batch has a multiple of them. */
  S: number;
  /** Whether capacity drops assignments (`evaluation.capacity`). */
  capacity: boolean;
  interventions: readonly Intervention[];
}

/** An inspection; who asks knows the names of the domains. */
export type Pass = Omit<Inspection, 'domainNames'>;

/** Most texts that are gone on with at once. */
export const MOST_TEXTS = 64;

/** What may follow a text. */
export interface NextToken {
  /** [V] */
  logits: Float32Array;
  /** Of the text's last token, layer by layer; empty unless it is asked for. */
  routing: readonly TokenRouting[];
  /** Whether the window was computed as a whole, without what is kept of earlier tokens. */
  isRecomputed: boolean;
}

/**
 * One model on one device. Nothing in `submitStep` waits, reads back or makes GPU objects; the
 * parameters, moments and step number live on the GPU until they are asked for.
 */
export interface Engine {
  readonly config: EngineConfig;
  readonly layers: readonly LayerSpace[];
  /** Steps submitted so far: the next one is `step + 1`. */
  readonly step: number;
  readonly parameterCount: number;
  /** GPU memory held, in bytes. */
  readonly gpuBytes: number;
  /** Bytes by use: parameters, moments, gradients, activations, other. */
  readonly memory: Readonly<Record<string, number>>;

  /**
   * Queues one whole training step (forward, backward, clipping, AdamW, telemetry). Short steps are
   * submitted several at once.
   */
  submitStep(batch: Batch): void;
  /** Times training steps; makes GPU objects, which `Profiler.destroy` frees. */
  profiler(): Promise<Profiler>;
  /** Resolves when at most `n` submits are unfinished; for 0, when every step taken is finished. */
  settle(n: number): Promise<void>;
  /**
   * Records of the steps that finished since the last call, or null when there are none. Never
   * blocks the queue; may lag behind `step`. Call at least every `ringSteps` steps.
   */
  readTelemetry(): Promise<StepRecords | null>;
  readonly ringSteps: number;
  /** The refused step, once telemetry has seen it; no later step changed anything. */
  readonly nonFinite: NonFinite | null;

  /**
   * Takes the numbers of a new configuration from the next step on (learning rate, weight decay,
   * clipping, loss weights, P, q, τ, γ …): no GPU object is made and no step waited for. False, and
   * nothing is changed, where more than numbers differs.
   */
  rewrite(config: EngineConfig): boolean;
  /**
   * Takes a new configuration between steps, K, gate mode and selection included; throws where a
   * parameter's shape would change. Needs all telemetry read where `rewrite` does not do.
   */
  reconfigure(config: EngineConfig): Promise<void>;
  /** Surgeries done so far. */
  readonly surgeries: number;
  /**
   * Changes the expert space between steps, without losing what the model learnt; the step count
   * goes on. Needs all telemetry read, as `reconfigure` does. Leaves the model as it was where it
   * throws.
   */
  operate(config: EngineConfig, order: SurgeryOrder): Promise<void>;

  /** Mean cross-entropy of a batch in evaluation mode (no dropping unless `capacity`), and per token [T]. */
  evaluate(
    batch: Batch,
    options: { capacity: boolean },
  ): Promise<{ ce: number; perToken: Float32Array }>;
  /**
   * Cross-entropy per token [T] of the same batch by the rule that texts are gone on with: `topk` in
   * place of expert choice, no pools, nothing dropped.
   */
  generationLoss(batch: Batch): Promise<Float32Array>;
  /**
   * Logits [V] of the last of the given tokens (at most S of them), in sampling mode. With
   * `capacity` these tokens alone compete for the places.
   */
  nextLogits(tokens: ArrayLike<number>, options: { capacity: boolean }): Promise<Float32Array>;
  /**
   * What may follow each of some texts, in sampling mode. Keys and values of their tokens are kept for the
   * next call, which computes one token of a text that one more was added to, at the parameters as they were. Of a text of
   * more than S tokens the last S are computed as a whole, and of every text where `capacity` drops
   * assignments: a token's places depend on the window then.
   * @param texts null: nothing is asked of the one in this place any more
   * @param routing whether what the last tokens chose is read
   * @throws RangeError for no text or too many, an empty one, or a token that is none
   */
  next(
    texts: readonly (ArrayLike<number> | null)[],
    options: { capacity: boolean; routing: boolean },
  ): Promise<(NextToken | null)[]>;
  /**
   * Runs a batch forward as the next training step would, changing nothing, and reads the tensors
   * whose names (inspect.ts) are wanted.
   */
  inspect(batch: Batch, wants: Wants): Promise<InspectedTensors>;
  /**
   * Passes batches forward in evaluation mode with interventions, changing nothing of the run, and
   * reads what every token chose. Its buffers come with the first one.
   * @throws RangeError for batches or an intervention that are refused
   */
  pass(request: PassRequest): Promise<Pass>;
  /** The cross-entropy alone of the same passes [U]. */
  passLosses(request: PassRequest): Promise<Float32Array>;
  /** The logits of the same passes [U, V]. */
  passLogits(request: PassRequest): Promise<Float32Array>;

  readState(): Promise<EngineState>;
  loadState(state: EngineState): void;
  destroy(): void;
}
