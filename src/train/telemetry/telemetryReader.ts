import {
  layerLoads,
  REFUSED_WORD,
  SCALAR_COUNT,
  type StepRecords,
} from '../../config/telemetry.ts';
import { hurried } from '../../gpu/hurry.ts';
import type { GpuMemory } from '../../gpu/memory.ts';
import type { Slice } from '../../gpu/slice.ts';
import { RING_STEPS, ringBytes, type TelemetryLayout } from '../../layout/telemetry.ts';

/** Reads the ring through one staging buffer, behind the queue and without stopping it. */
export class TelemetryReader {
  private readonly memory: GpuMemory;
  private readonly ring: Slice;
  private readonly staging: Slice;
  private readonly layout: TelemetryLayout;
  private pending: Promise<StepRecords | null> | null = null;
  private lastRead: number;
  /** Last step whose record is in the staging buffer, or on its way there. */
  private copied: number;
  /** The step that was refused, once its record was read. */
  refusedStep: number | null = null;

  /** @param step steps taken before the first one that will be recorded */
  constructor(memory: GpuMemory, ring: Slice, layout: TelemetryLayout, step: number) {
    this.memory = memory;
    this.ring = ring;
    this.layout = layout;
    this.lastRead = step;
    this.copied = step;
    this.staging = memory.staging('telemetry:staging', ringBytes(layout));
  }

  /** Forgets what was read: the next step is `step` + 1. */
  restart(step: number): void {
    this.lastRead = step;
    this.copied = step;
    this.refusedStep = null;
  }

  /**
   * Records after those read before, of steps up to `step`, the last submitted; the latest may come
   * with the next call. Calls while a read is under way share it.
   * @throws Error where records were overwritten before they were read.
   */
  read(step: number): Promise<StepRecords | null> {
    this.pending ??= this.copy(step).finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  /** Copies the records up to `step` along with what is being submitted, unless a read is under way. */
  copyInto(encoder: GPUCommandEncoder, step: number): void {
    if (this.pending !== null) return;
    const { ring, staging } = this;
    encoder.copyBufferToBuffer(ring.buffer, ring.offset, staging.buffer, 0, this.bytes);
    this.copied = step;
  }

  private get bytes(): number {
    return RING_STEPS * this.layout.record * 4;
  }

  private async copy(submitted: number): Promise<StepRecords | null> {
    const first = this.lastRead + 1;
    if (submitted < first || this.refusedStep !== null) return null;
    const { bytes } = this;
    if (this.copied < first) this.submitCopy(submitted);
    const step = this.copied;
    this.lastRead = step;
    const { buffer } = this.staging;
    await hurried(this.memory.device, buffer.mapAsync(GPUMapMode.READ, 0, bytes));
    const words = buffer.getMappedRange(0, bytes).slice(0);
    buffer.unmap();
    if (step - first >= RING_STEPS) {
      throw new Error(
        `telemetry: steps ${first} … ${step - RING_STEPS} were overwritten before they were read`,
      );
    }
    return this.parse(words, first, step);
  }

  /** A copy of its own, where no submit has carried one. */
  private submitCopy(step: number): void {
    const { device } = this.memory;
    const encoder = device.createCommandEncoder({ label: 'telemetry:copy' });
    const { ring, staging } = this;
    encoder.copyBufferToBuffer(ring.buffer, ring.offset, staging.buffer, 0, this.bytes);
    device.queue.submit([encoder.finish()]);
    this.copied = step;
  }

  private parse(bytes: ArrayBuffer, first: number, last: number): StepRecords {
    const { record } = this.layout;
    const floats = new Float32Array(bytes);
    let end = last;
    for (let step = first; step <= last; step++) {
      if (floats[((step - 1) % RING_STEPS) * record + REFUSED_WORD] === 0) continue;
      this.refusedStep = step;
      end = step;
      break;
    }
    const n = end - first + 1;
    const base = (i: number) => ((first + i - 1) % RING_STEPS) * record;
    const gather = <A extends Float32Array | Uint32Array>(
      source: Float32Array | Uint32Array,
      out: A,
      word: number,
    ) => {
      const width = out.length / n;
      for (let i = 0; i < n; i++) {
        out.set(source.subarray(base(i) + word, base(i) + word + width), i * width);
      }
      return out;
    };
    const words = new Uint32Array(bytes);
    const layers = this.layout.sections.map((section) =>
      layerLoads(section, n, this.layout.domains, (name, into) => {
        gather(into instanceof Float32Array ? floats : words, into, section[name]);
      }),
    );
    return {
      firstStep: first,
      n,
      scalars: gather(floats, new Float32Array(n * SCALAR_COUNT), 0),
      layers,
    };
  }
}
