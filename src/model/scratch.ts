import type { GpuMemory } from '../gpu/memory.ts';
import type { Slice } from '../gpu/slice.ts';

/**
 * Buffers that all layers share because each is dead before the next layer writes it. Blocks
 * reserve while they are built; the first `slice` after that makes the buffer at its largest size.
 */
export class ScratchPool {
  private readonly memory: GpuMemory;
  private readonly sizes = new Map<string, number>();
  private readonly slices = new Map<string, Slice>();

  constructor(memory: GpuMemory) {
    this.memory = memory;
  }

  /** @throws Error once the buffer has been handed out. */
  reserve(name: string, floats: number): void {
    if (this.slices.has(name)) throw new Error(`scratch ${name} is in use already`);
    this.sizes.set(name, Math.max(this.sizes.get(name) ?? 0, floats * 4));
  }

  slice(name: string): Slice {
    const existing = this.slices.get(name);
    if (existing) return existing;
    const bytes = this.sizes.get(name);
    if (bytes === undefined) throw new Error(`scratch ${name} was not reserved`);
    const slice = this.memory.storage(`scratch:${name}`, bytes, 'scratch');
    this.slices.set(name, slice);
    return slice;
  }
}
