import { hurried } from '../../gpu/hurry.ts';
import { Plan } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { MAX_GROUP } from '../../layout/sizes.ts';

/** Submits that may be unfinished when the next one is made. */
export const IN_FLIGHT = 2;
/** What a submit should keep the GPU busy for, in ms: long enough to hide its cost, short enough to stop. */
const TARGET_MS = 50;
/** What it may at most, in ms: meanwhile some GPUs draw nothing else, and systems end what takes seconds. */
const MOST_MS = 500;
/** Submits of a step before it is known how long one takes. */
const FIRST_PARTS = 32;

/** What one step reads: where it is copied to, and the same numbers on the CPU. */
export interface StepInput {
  target: Slice;
  bytes: ArrayBuffer | Uint32Array<ArrayBuffer>;
}

/** Bytes of the slots from which a group's steps get their inputs, for inputs of these sizes each. */
export function slotBytes(inputs: readonly number[]): number {
  return MAX_GROUP * inputs.reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Submits training steps, several at once where they are short, and in parts where they are long. A step
 * alone has its inputs written where its kernels read them; those of a group wait in slots and are copied
 * there between the steps. How steps are grouped or parted changes no bit.
 */
export class StepQueue {
  /** Submits so far. */
  submits = 0;
  private readonly device: GPUDevice;
  private readonly fixedSize: number | null;
  private readonly alongWith: (encoder: GPUCommandEncoder) => void;
  private readonly unfinished: Promise<unknown>[] = [];
  private encoder: GPUCommandEncoder | null = null;
  /** Steps that are encoded and not submitted. */
  private waiting = 0;
  private msPerStep = Number.POSITIVE_INFINITY;
  private lastDone = 0;

  /**
   * @param size steps per submit; null: as many as take about 50 ms, or parts of one that takes long
   * @param alongWith encodes what goes with every submit of steps, behind them
   */
  constructor(
    device: GPUDevice,
    size: number | null,
    alongWith: (encoder: GPUCommandEncoder) => void,
  ) {
    if (size !== null && !(size >= 1 && size <= MAX_GROUP))
      throw new RangeError(`steps per submit: ${size} is not between 1 and ${MAX_GROUP}`);
    this.device = device;
    this.fixedSize = size;
    this.alongWith = alongWith;
  }

  /** Steps of the next submit. */
  private get size(): number {
    if (this.fixedSize !== null) return this.fixedSize;
    return Math.max(1, Math.min(MAX_GROUP, Math.round(TARGET_MS / this.msPerStep)));
  }

  /** Queues a step. `slots` holds `slotBytes` of its inputs' sizes. */
  add(inputs: readonly StepInput[], plans: readonly Plan[], slots: Slice): void {
    const start = performance.now();
    const isAlone = this.waiting === 0 && this.size === 1;
    this.encoder ??= this.device.createCommandEncoder({ label: 'train' });
    if (isAlone) for (const input of inputs) this.write(input.target, 0, input);
    else this.copyFromSlots(this.encoder, inputs, slots);
    const parts = isAlone ? this.partsOf(plans) : [plans];
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        this.submit(this.encoder);
        this.encoder = this.device.createCommandEncoder({ label: 'train' });
      }
      const pass = this.encoder.beginComputePass({ label: 'train' });
      for (const plan of part) plan.encode(pass);
      pass.end();
    }
    this.waiting += 1;
    if (this.waiting >= this.size) this.flush(isAlone ? start : undefined);
  }

  /** Plans of a step, or of a pass over a batch, by submits, in their order. */
  partsOf(plans: readonly Plan[]): (readonly Plan[])[] {
    const { msPerStep, fixedSize } = this;
    const parts = Number.isFinite(msPerStep) ? Math.ceil(msPerStep / MOST_MS) : FIRST_PARTS;
    if (fixedSize !== null || parts <= 1) return [plans];
    const all = plans.flatMap(({ dispatches }) => dispatches);
    const each = Math.max(1, Math.ceil(all.length / parts));
    return Array.from({ length: Math.ceil(all.length / each) }, (_, i) => [
      new Plan(all.slice(i * each, (i + 1) * each)),
    ]);
  }

  private write({ buffer, offset }: Slice, at: number, { bytes }: StepInput): void {
    this.device.queue.writeBuffer(buffer, offset + at, bytes);
  }

  private copyFromSlots(
    encoder: GPUCommandEncoder,
    inputs: readonly StepInput[],
    slots: Slice,
  ): void {
    const stride = inputs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    let at = this.waiting * stride;
    for (const input of inputs) {
      const { target, bytes } = input;
      this.write(slots, at, input);
      const from = slots.offset + at;
      encoder.copyBufferToBuffer(
        slots.buffer,
        from,
        target.buffer,
        target.offset,
        bytes.byteLength,
      );
      at += bytes.byteLength;
    }
  }

  /**
   * Submits what waits.
   * @param start when its work was given to the GPU
   */
  flush(start = performance.now()): void {
    if (this.encoder === null) return;
    const steps = this.waiting;
    this.alongWith(this.encoder);
    this.submit(this.encoder);
    this.encoder = null;
    this.waiting = 0;
    const { device } = this;
    const done = hurried(device, device.queue.onSubmittedWorkDone()).then(() => {
      const now = performance.now();
      this.msPerStep = (now - Math.max(start, this.lastDone)) / steps;
      this.lastDone = now;
    });
    // Whoever waits hears of a failure; the others that fail with it may have nobody.
    done.catch(() => undefined);
    this.unfinished.push(done);
  }

  submit(encoder: GPUCommandEncoder): void {
    this.device.queue.submit([encoder.finish()]);
    this.submits += 1;
  }

  /** Resolves when at most `n` submits are unfinished; for 0, what waits is submitted too. */
  async settle(n: number): Promise<void> {
    if (n === 0) this.flush();
    while (this.unfinished.length > n) await this.unfinished.shift();
  }
}
