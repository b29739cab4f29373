import type { EngineConfig } from '../config/experiment.ts';
import type { GpuMemory } from '../gpu/memory.ts';
import type { Slice } from '../gpu/slice.ts';
import type { TelemetryLayout } from '../layout/telemetry.ts';
import type { ScratchPool } from './scratch.ts';

/** The parameters and gradients of a group (parameterLayout.ts) as bindings. */
export interface WeightSlices {
  weight(group: string): Slice;
  gradient(group: string): Slice;
}

/** Where a layer's counts of the last steps lie; null where it keeps none. */
export interface HistorySlices {
  of(layer: number): Slice | null;
}

/** What a batch uploads, u32 each. */
export interface BatchSlices {
  tokens_T: Slice;
  targets_T: Slice;
  domain_T: Slice;
  positions_T: Slice;
  starts_V1: Slice;
}

/** What the blocks of a network are built from and share. */
export interface NetworkContext {
  config: EngineConfig;
  T: number;
  memory: GpuMemory;
  weights: WeightSlices;
  batch: BatchSlices;
  scratch: ScratchPool;
  telemetry: TelemetryLayout;
  ring: Slice;
  histories?: HistorySlices;
  aux_LA: Slice;
  /** Whether MoE layers compute the auxiliary losses of their tokens. */
  hasAuxLosses: boolean;
  rope: { cos_SP: Slice; sin_SP: Slice } | null;
  slopes_H: Slice;
  /** Rows of a dense layer: token t in row t, coefficient 1. */
  identity: { row_token_J: Slice; row_coef_J: Slice };
}

/** The residual stream between blocks: x, and a sublayer output that the next norm adds to it. */
export interface Stream {
  x_TD: Slice;
  y_TD: Slice | null;
}
