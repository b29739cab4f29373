import { countHistoryName, historyLayers, historySteps } from '../config/countHistory.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { GpuMemory } from '../gpu/memory.ts';
import { readWords } from '../gpu/readback.ts';
import type { Slice } from '../gpu/slice.ts';
import { HISTORY, historyStride } from '../kernels/codes.ts';
import type { Tensors } from './parameterBuffers.ts';

/** Counts of the last steps per MoE layer, which the balance loss over a window needs; a state of the layers. */
export class CountHistories {
  readonly memory: GpuMemory;
  /** Steps that a history holds at most. */
  readonly steps: number;
  private readonly layers: ReadonlyMap<number, { R: number; slice: Slice }>;

  constructor(device: GPUDevice, config: EngineConfig) {
    const memory = new GpuMemory(device);
    const steps = historySteps(config.losses);
    this.memory = memory;
    this.steps = steps;
    this.layers = new Map(
      historyLayers(config).map(({ layer, R }) => {
        const slice = memory.storage(
          countHistoryName(layer),
          R * historyStride(steps) * 4,
          'other',
        );
        return [layer, { R, slice }];
      }),
    );
  }

  /** The layer's buffer [R, 3 + steps] (shaders/loss/historyWords.wgsl); null where it has none. */
  of(layer: number): Slice | null {
    return this.layers.get(layer)?.slice ?? null;
  }

  /** [n, R] of every layer that has counts, oldest first. */
  async read(): Promise<Tensors> {
    const stride = historyStride(this.steps);
    const tensors: Tensors = new Map();
    for (const [layer, { R, slice }] of this.layers) {
      const words = await readWords(this.memory.device, slice);
      const n = words[HISTORY.filled] ?? 0;
      if (n === 0) continue;
      const first = n < this.steps ? 0 : (words[HISTORY.next] ?? 0);
      const data = new Float32Array(n * R);
      for (let i = 0; i < n; i++) {
        const at = HISTORY.counts + ((first + i) % this.steps);
        for (let r = 0; r < R; r++) data[i * R + r] = words[r * stride + at]!;
      }
      tensors.set(countHistoryName(layer), { shape: [n, R], data });
    }
    return tensors;
  }

  /** Takes the newest of what is given; a layer that is not among it begins anew. */
  write(tensors: ReadonlyMap<string, { data: ArrayLike<number> }>): void {
    const stride = historyStride(this.steps);
    for (const [layer, { R, slice }] of this.layers) {
      const data = tensors.get(countHistoryName(layer))?.data ?? [];
      const given = data.length / R;
      const n = Math.min(given, this.steps);
      const words = new Uint32Array(R * stride);
      for (let r = 0; r < R; r++) {
        let total = 0;
        for (let i = 0; i < n; i++) {
          const count = data[(given - n + i) * R + r]!;
          words[r * stride + HISTORY.counts + i] = count;
          total += count;
        }
        words[r * stride + HISTORY.filled] = n;
        words[r * stride + HISTORY.next] = n % this.steps;
        words[r * stride + HISTORY.total] = total;
      }
      this.memory.device.queue.writeBuffer(slice.buffer, slice.offset, words);
    }
  }

  destroy(): void {
    this.memory.destroy();
  }
}
