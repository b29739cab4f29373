import { alignBind, GROUP_ALIGNMENT, pad4 } from './sizes.ts';

/** Tokens that go through the model's head together. */
export interface HeadChunk {
  first: number;
  rows: number;
}

/** Bytes of the logits of so many tokens. */
export function logitsBytes(rows: number, V: number): number {
  return 4 * rows * pad4(V);
}

/**
 * The tokens of a batch as they go through the head: all at once where their logits fit one binding, else in as few
 * chunks as do, of whole bindings of words and about one length. By sizes alone, so that runs repeat bit for bit.
 * @param most bytes of the largest binding
 */
export function headChunks(T: number, V: number, most: number): HeadChunk[] {
  if (alignBind(logitsBytes(T, V)) <= most) return [{ first: 0, rows: T }];
  const blocks = Math.ceil(T / GROUP_ALIGNMENT);
  const fitting = Math.max(1, Math.floor(most / logitsBytes(GROUP_ALIGNMENT, V)));
  const count = Math.ceil(blocks / fitting);
  const rows = Math.ceil(blocks / count) * GROUP_ALIGNMENT;
  return Array.from({ length: Math.ceil(T / rows) }, (_, i) => ({
    first: i * rows,
    rows: Math.min(rows, T - i * rows),
  }));
}
