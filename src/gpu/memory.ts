import { alignBind } from '../layout/sizes.ts';
import { GpuError } from './errors.ts';
import type { Slice } from './slice.ts';

/** One buffer and what it is for. */
export interface TrackedBuffer {
  readonly label: string;
  readonly use: string;
  readonly bytes: number;
}

/**
 * Makes and counts the buffers of one owner. Every buffer belongs to a `use`
 * (parameters, activations, …), so that memory can be shown by use; `destroy` frees them all.
 */
export class GpuMemory {
  private readonly buffers: GPUBuffer[] = [];
  private list: TrackedBuffer[] = [];
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
        `${label}: ${mib(size)} in one buffer, but this adapter binds at most ${mib(limit)}. Make the model or the batch smaller.`,
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

  /**
   * Runs what makes buffers here, without waiting in between.
   * @throws ModelTooLarge where the GPU has no memory left for them; the device stays of use
   */
  async allocating<T>(make: () => T): Promise<T> {
    this.device.pushErrorScope('out-of-memory');
    let shortage: Promise<GPUError | null> = Promise.resolve(null);
    let made: T;
    try {
      made = make();
    } finally {
      shortage = this.device.popErrorScope();
      shortage.catch(() => undefined);
    }
    const error = await shortage;
    if (error === null) return made;
    const size = `${(this.bytes / 2 ** 20).toFixed(1)} MiB`;
    throw new GpuError(
      'ModelTooLarge',
      `The GPU has no memory left for ${size} more: ${error.message} Make the model or the batch smaller.`,
    );
  }

  private track(label: string, size: number, usage: number, use: string): Slice {
    const buffer = this.device.createBuffer({ label, size, usage });
    this.buffers.push(buffer);
    this.list.push({ label, use, bytes: size });
    return { label, buffer, offset: 0, size };
  }

  /** Every buffer in the order in which they were made. */
  get tracked(): readonly TrackedBuffer[] {
    return this.list;
  }

  /** Bytes by use. */
  get uses(): Record<string, number> {
    const byUse: Record<string, number> = {};
    for (const { use, bytes } of this.list) byUse[use] = (byUse[use] ?? 0) + bytes;
    return byUse;
  }

  get bytes(): number {
    return this.list.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  destroy(): void {
    for (const buffer of this.buffers) buffer.destroy();
    this.buffers.length = 0;
    this.list = [];
  }
}

/** A device as this one but without memory: what is laid out on it takes none, and can only be compiled. */
export function withoutMemory(device: GPUDevice): GPUDevice {
  const { limits, features, adapterInfo } = device;
  const createBuffer = ({ label, size, usage }: GPUBufferDescriptor) =>
    ({ label, size, usage, destroy: () => undefined }) as unknown as GPUBuffer;
  return {
    limits,
    features,
    adapterInfo,
    createBuffer,
    queue: { writeBuffer: () => undefined },
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
  } as unknown as GPUDevice;
}

/** Bytes of several memories by use. */
export function bytesByUse(memories: readonly GpuMemory[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { uses } of memories) {
    for (const [use, bytes] of Object.entries(uses)) total[use] = (total[use] ?? 0) + bytes;
  }
  return total;
}
