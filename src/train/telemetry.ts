/** What one training step reports, as typed arrays: the layout of the GPU's ring and of the events. */
import { AUX_TERMS, type SlotKind } from '../config/experiment.ts';

/** Columns of `StepRecords.scalars`. Losses in nats; `grad_norm` before clipping. */
export const SCALARS = ['ce', ...AUX_TERMS, 'total', 'gradNorm', 'lr'] as const;
export type ScalarName = (typeof SCALARS)[number];
export const SCALAR_COUNT = SCALARS.length;

export function scalarColumn(name: ScalarName): number {
  return SCALARS.indexOf(name);
}

/** The expert space of one MoE layer. */
export interface LayerSpace {
  layer: number;
  /** Number of slots R. */
  slots: number;
  /** Ranks W: the most slots that a token can select. */
  ranks: number;
  kinds: SlotKind[];
  /** Hidden width per slot; 0 for zero-computation slots, the twin's for negated ones. */
  hidden: number[];
}

/** Loads of one MoE layer over n consecutive steps; row-major, n slowest. */
export interface LayerLoads {
  layer: number;
  R: number;
  W: number;
  /** Assignments, dropped ones included [n, W, R]. */
  assignments: Uint32Array;
  /** Assignments that capacity dropped [n, R]. */
  drops: Uint32Array;
  /** Mean of p over the batch's tokens [n, R]. */
  meanProb: Float32Array;
  /** Mean of g over the tokens that select the slot, 0 where none does [n, R]. */
  meanGate: Float32Array;
  /** Assignments by domain of the token [n, R, domains]. */
  domains: Uint32Array;
}

/** n consecutive steps, the first of which is `firstStep` (steps count from 1). */
export interface StepRecords {
  firstStep: number;
  n: number;
  /** [n, SCALAR_COUNT] */
  scalars: Float32Array;
  layers: LayerLoads[];
}
