/** What one MoE layer chose for one token. */
export interface TokenRouting {
  layer: number;
  /** The slots that it has, by rank. */
  selected: Int32Array;
  /** g of each. */
  gates: Float32Array;
}
