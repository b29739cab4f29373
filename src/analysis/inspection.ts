/**
 * One forward pass in evaluation mode as figures read it (docs/analysis.md, "Inspection"): plain arrays,
 * whoever made the pass. Symbols: U = n·B·S tokens, R slots and W ranks of a layer, M domains.
 */
import type { Selection, SlotKind } from '../config/experiment.ts';

/** A MoE layer of the pass. */
export interface InspectedLayer {
  /** Index among all layers, dense ones counted. */
  layer: number;
  /** By slot [R]; widths are 0 for zero-computation slots and the twin's for negated ones. */
  kinds: readonly SlotKind[];
  hidden: readonly number[];
  /** FFN expert whose weights the slot uses, counted from 0; −1 for zero-computation slots [R]. */
  experts: readonly number[];
  /** How the layer selects; `topk` where nothing is said. */
  selection?: Selection | undefined;
  /** Most slots that a token selects in this inspection. */
  W: number;
  /** Router logits z and probabilities p [U, R]. */
  logits: Float32Array;
  probs: Float32Array;
  /** What slots rank by where it is not z: s + b, −∞ outside a pool (docs/balancing.md) [U, R]. */
  ranking?: Float32Array | undefined;
  /** Slots by rank, −1 beyond k_u [U, W]. */
  selected: Int32Array;
  /** Gates before capacity, 0 beyond k_u [U, W]. */
  gates: Float32Array;
  /** 1 where capacity dropped the assignment [U, W]. */
  dropped: Uint8Array;
  /** ‖g·E(m)‖₂ of a kept assignment, 0 elsewhere [U, W]. */
  norms: Float32Array;
}

export interface Inspection {
  /** Batches, sequences of a batch, tokens of a sequence. */
  n: number;
  B: number;
  S: number;
  /** Token, its target and the domain of the token [U]. */
  tokens: Int32Array;
  targets: Int32Array;
  domains: Int32Array;
  /** Names of the M domains. */
  domainNames: readonly string[];
  /** −ln softmax(logits)[target], nats [U]. */
  ce: Float32Array;
  layers: readonly InspectedLayer[];
}

/** One thing that a pass does otherwise; tokens count over the whole inspection. */
export type Intervention =
  | { type: 'force'; layer: number; token: number; rank: number; slot: number }
  | { type: 'scale'; layer: number; token: number; slot: number; factor: number }
  | { type: 'keepOnly'; layer: number; slots: readonly number[] }
  /** Without a layer: in every MoE layer. */
  | { type: 'removeKind'; kind: SlotKind; layer: number | null };
