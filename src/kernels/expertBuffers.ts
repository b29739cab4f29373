import type { Slice } from '../gpu/slice.ts';

/** Buffers of one set of SwiGLU experts: a MoE layer's, a dense layer's or a shared expert's. */
export interface ExpertBuffers {
  /** Routing table (rowTable.ts). */
  table: Slice;
  /** [E] (F4, gate, up, down offsets in vec4). */
  experts_E: Slice;
  row_token_J: Slice;
  /** sign · routing weight of each row [J]. */
  row_coef_J: Slice;
  w: Slice;
  dw: Slice;
  /** [J, 2, Fmax]: pre-activations, overwritten by their gradients in the backward pass. */
  gate_up_JF: Slice;
  /** [J, Fmax]: scratch, may be shared by all layers. */
  hidden_JF: Slice;
}
