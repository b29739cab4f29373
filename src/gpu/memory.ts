import { GpuError } from './errors.ts';
import { alignBind, type Slice } from './slice.ts';

/**
 * Makes and counts the buffers of one owner. Every buffer belongs to a `use`
 * (parameters, activations, …), so that memory can be shown by use; `destroy` frees them all.
 */
export class GpuMemory {
  private readonly buffers: GPUBuffer[] = [];
  private readonly byUse = new Map<string, number>();
  readonly device: GPUDevice;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /**
   * A zero-filled storage buffer of at least `bytes` bytes.
   * @throws ModelTooLarge with both numbers where the adapter's limits are exceeded.
   */
  storage(label: string, bytes: number, use: string): Slice {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    const size = alignBind(Math.max(bytes, 16));
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (size > limit) {
      const mib = (n: number) => `${(n / 2 ** 20).toFixed(1)} MiB`;
      throw new GpuError(
        'ModelTooLarge',
        `${label} needs a buffer of ${mib(size)}; this adapter allows at most ${mib(limit)}. Make the model or the batch smaller.`,
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.track(label, size, usage, use);
  }

  uniform(label: string, bytes: number, use: string): Slice {
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    return this.track(label, alignBind(bytes), usage, use);
  }

  /** A buffer that the CPU can map to read. */
  staging(label: string, bytes: number): Slice {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.track(label, alignBind(bytes), usage, 'staging');
  }

  private track(label: string, size: number, usage: number, use: string): Slice {
    const buffer = this.device.createBuffer({ label, size, usage });
    this.buffers.push(buffer);
    this.byUse.set(use, (this.byUse.get(use) ?? 0) + size);
    return { label, buffer, offset: 0, size };
  }

  /** Bytes by use. */
  get uses(): Record<string, number> {
    return Object.fromEntries(this.byUse);
  }

  get bytes(): number {
    return [...this.byUse.values()].reduce((sum, n) => sum + n, 0);
  }

  destroy(): void {
    for (const buffer of this.buffers) buffer.destroy();
    this.buffers.length = 0;
    this.byUse.clear();
  }
}
