import { hurried } from '../../gpu/hurry.ts';
import { type Dispatch, encodeDispatch } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import type { StepPlan } from '../engine/gpuPasses.ts';

/** What one timed step told. */
export interface StepSample {
  /** Nanoseconds at the begin and the end of every span, in order. */
  times: BigUint64Array;
  /** Words of the slices that were read behind the step. */
  words: Uint32Array[];
}

/** Queues one step, timed in spans: dispatches or whole phases. */
export interface StepTimer {
  /** Dispatches, or phases. */
  readonly spans: number;
  /** Queues all plans in order, and waits until they are done. */
  run(): Promise<StepSample>;
  destroy(): void;
}

/** Most queries of one set (WebGPU's limit). */
const SET_QUERIES = 4096;
const STAMP_BYTES = 8;

/**
 * Times every dispatch with GPU timestamps, each in a compute pass of its own: the same kernels on
 * the same bindings in the same order as in one pass, so all results are bit-equal.
 */
export class TimestampTimer implements StepTimer {
  readonly spans: number;
  private readonly device: GPUDevice;
  private readonly dispatches: readonly Dispatch[];
  private readonly reads: readonly Slice[];
  private readonly sets: readonly GPUQuerySet[];
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  /** @param reads slices whose words are read behind every step */
  constructor(device: GPUDevice, plans: readonly StepPlan[], reads: readonly Slice[]) {
    this.device = device;
    this.dispatches = plans.flatMap(({ plan }) => plan.dispatches);
    this.reads = reads;
    this.spans = this.dispatches.length;
    const queries = 2 * this.spans;
    this.sets = Array.from({ length: Math.ceil(queries / SET_QUERIES) }, (_, i) =>
      device.createQuerySet({
        label: `profile:timestamps${i}`,
        type: 'timestamp',
        count: Math.min(SET_QUERIES, queries - i * SET_QUERIES),
      }),
    );
    this.resolved = device.createBuffer({
      label: 'profile:resolved',
      size: queries * STAMP_BYTES,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.staging = device.createBuffer({
      label: 'profile:staging',
      size: reads.reduce((bytes, { size }) => bytes + size, queries * STAMP_BYTES),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  private encodePasses(encoder: GPUCommandEncoder): void {
    this.dispatches.forEach((dispatch, i) => {
      const querySet = this.sets[Math.floor((2 * i) / SET_QUERIES)];
      if (!querySet) throw new Error(`profile: no query set for dispatch ${i}`);
      const beginningOfPassWriteIndex = (2 * i) % SET_QUERIES;
      const pass = encoder.beginComputePass({
        label: dispatch.name,
        timestampWrites: {
          querySet,
          beginningOfPassWriteIndex,
          endOfPassWriteIndex: beginningOfPassWriteIndex + 1,
        },
      });
      encodeDispatch(pass, dispatch);
      pass.end();
    });
  }

  async run(): Promise<StepSample> {
    const { device, resolved, staging } = this;
    const encoder = device.createCommandEncoder({ label: 'profile' });
    this.encodePasses(encoder);
    this.sets.forEach((set, i) => {
      encoder.resolveQuerySet(set, 0, set.count, resolved, i * SET_QUERIES * STAMP_BYTES);
    });
    const stampBytes = 2 * this.spans * STAMP_BYTES;
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, stampBytes);
    let end = stampBytes;
    for (const { buffer, offset, size } of this.reads) {
      encoder.copyBufferToBuffer(buffer, offset, staging, end, size);
      end += size;
    }
    device.queue.submit([encoder.finish()]);
    await hurried(device, staging.mapAsync(GPUMapMode.READ));
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    let start = stampBytes;
    const words = this.reads.map(({ size }) => {
      start += size;
      return new Uint32Array(bytes, start - size, size / 4);
    });
    return { times: new BigUint64Array(bytes, 0, 2 * this.spans), words };
  }

  destroy(): void {
    for (const set of this.sets) set.destroy();
    this.resolved.destroy();
    this.staging.destroy();
  }
}

/** Times whole phases by the CPU's clock, each in a submit of its own, where there are no queries. */
export class WallClockTimer implements StepTimer {
  readonly spans: number;
  private readonly device: GPUDevice;
  private readonly plans: readonly StepPlan[];

  constructor(device: GPUDevice, plans: readonly StepPlan[]) {
    this.device = device;
    this.plans = plans;
    this.spans = plans.length;
  }

  async run(): Promise<StepSample> {
    const times = new BigUint64Array(2 * this.spans);
    const now = () => BigInt(Math.round(performance.now() * 1e6));
    for (const [i, { phase, plan }] of this.plans.entries()) {
      times[2 * i] = now();
      const encoder = this.device.createCommandEncoder({ label: `profile:${phase}` });
      const pass = encoder.beginComputePass({ label: `profile:${phase}` });
      plan.encode(pass);
      pass.end();
      this.device.queue.submit([encoder.finish()]);
      await hurried(this.device, this.device.queue.onSubmittedWorkDone());
      times[2 * i + 1] = now();
    }
    return { times, words: [] };
  }

  destroy(): void {}
}
