import type { GpuMemory } from '../gpu/memory.ts';
import { type Slice, subslice } from '../gpu/slice.ts';
import { fillTokenCsr } from '../kernels/embedding.ts';
import { alignBind } from '../layout/sizes.ts';
import type { BatchSlices } from './context.ts';

/** What a batch consists of, [T] each. */
export interface BatchArrays {
  tokens: ArrayLike<number>;
  targets: ArrayLike<number>;
  domains: ArrayLike<number>;
}

/** The buffer of a batch and its image on the CPU: one write per step. */
export class BatchBuffer {
  readonly slices: BatchSlices;
  readonly whole: Slice;
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly views: Record<
    'tokens' | 'targets' | 'domains' | 'positions' | 'starts',
    Uint32Array
  >;
  readonly T: number;

  constructor(memory: GpuMemory, T: number, V: number) {
    const part = alignBind(T * 4);
    const bytes = 4 * part + alignBind((V + 1) * 4);
    const whole = memory.storage('batch', bytes, 'other');
    this.T = T;
    this.whole = whole;
    this.words = new Uint32Array(bytes / 4);
    const view = (i: number, length: number) =>
      this.words.subarray((i * part) / 4, (i * part) / 4 + length);
    this.views = {
      tokens: view(0, T),
      targets: view(1, T),
      domains: view(2, T),
      positions: view(3, T),
      starts: view(4, V + 1),
    };
    const slice = (name: string, i: number, length: number) =>
      subslice(whole, `batch:${name}`, i * part, length * 4);
    this.slices = {
      tokens_T: slice('tokens_T', 0, T),
      targets_T: slice('targets_T', 1, T),
      domain_T: slice('domain_T', 2, T),
      positions_T: slice('positions_T', 3, T),
      starts_V1: slice('starts_V1', 4, V + 1),
    };
  }

  /**
   * The batch as the buffer is to hold it; the next call overwrites it.
   * @throws RangeError for a batch of another size or a token outside the vocabulary
   */
  image({ tokens, targets, domains }: BatchArrays): Uint32Array<ArrayBuffer> {
    if (tokens.length !== this.T || targets.length !== this.T || domains.length !== this.T) {
      throw new RangeError(
        `batch: ${tokens.length} tokens, ${targets.length} targets, ${domains.length} domains; this model takes ${this.T} each`,
      );
    }
    this.views.tokens.set(tokens);
    this.views.targets.set(targets);
    this.views.domains.set(domains);
    fillTokenCsr(this.views.tokens, this.views);
    return this.words;
  }
}
