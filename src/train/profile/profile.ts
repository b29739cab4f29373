import type { Cost } from '../../accounting/costs.ts';
import type { Batch } from '../../data/types.ts';
import type { TrackedBuffer } from '../../gpu/memory.ts';
import type { Profiler } from '../engine/engine.ts';
import type { StepPlan } from '../engine/gpuPasses.ts';
import { dispatchCost } from './profileCosts.ts';
import { ExpertRows } from './profileExperts.ts';
import type { ProfileReport, ProfileRow } from './profileReport.ts';
import { type StepTimer, TimestampTimer, WallClockTimer } from './profileTimer.ts';

const NS_PER_MS = 1e6;

/** The greatest common divisor: how finely the clock tells times that are multiples of its tick. */
function commonTick(times: BigUint64Array, tick: bigint): bigint {
  let [common, index] = [tick, 0];
  while (common !== 1n && index < times.length) {
    let rest = times[index++] ?? 0n;
    while (rest !== 0n) [common, rest] = [rest, common % rest];
  }
  return common;
}

/** What of the WebGPU engine is timed. */
export interface ProfiledEngine {
  readonly device: GPUDevice;
  readonly stepPlans: readonly StepPlan[];
  readonly step: number;
  readonly submits: number;
  readonly dispatchesPerStep: number;
  readonly buffers: readonly TrackedBuffer[];
  settle(unfinished: number): Promise<void>;
  submitStep(batch: Batch): void;
  /** Writes the numbers and the batch of the next step, of which the caller runs the plans. */
  beginStep(batch: Batch): void;
}

/** Steps of the WebGPU engine, timed kernel by kernel (engine.ts says what a profiler promises). */
export class StepProfiler implements Profiler {
  private readonly engine: ProfiledEngine;
  private readonly plans: readonly StepPlan[];
  private readonly timer: StepTimer;
  private readonly firstStep: number;
  private readonly hasTimestamps: boolean;
  private readonly experts: ExpertRows;
  /** Sums over the timed steps, by span. */
  private readonly ms: Float64Array;
  private readonly samples: Uint32Array;
  private tick = 0n;
  private invalid = 0;
  private wallMs = 0;
  private timedWallMs = 0;
  private submits = 0;
  private ordinary = 0;
  private timed = 0;

  constructor(engine: ProfiledEngine) {
    const { device, stepPlans } = engine;
    this.engine = engine;
    this.plans = stepPlans;
    this.firstStep = engine.step + 1;
    this.hasTimestamps = device.features.has('timestamp-query');
    this.experts = new ExpertRows(stepPlans);
    this.timer = this.hasTimestamps
      ? new TimestampTimer(device, stepPlans, this.experts.reads)
      : new WallClockTimer(device, stepPlans);
    this.ms = new Float64Array(this.timer.spans);
    this.samples = new Uint32Array(this.timer.spans);
  }

  get steps(): number {
    return this.timed;
  }

  get isCurrent(): boolean {
    return this.engine.stepPlans === this.plans;
  }

  async step(batch: Batch): Promise<void> {
    await this.engine.settle(0);
    if (this.ordinary > this.timed) await this.timedStep(batch);
    else await this.ordinaryStep(batch);
  }

  private async ordinaryStep(batch: Batch): Promise<void> {
    const { engine } = this;
    const before = engine.submits;
    const start = performance.now();
    engine.submitStep(batch);
    await engine.settle(0);
    this.wallMs += performance.now() - start;
    this.submits += engine.submits - before;
    this.ordinary += 1;
  }

  private async timedStep(batch: Batch): Promise<void> {
    const start = performance.now();
    this.engine.beginStep(batch);
    const { times, words } = await this.timer.run();
    this.timedWallMs += performance.now() - start;
    this.timed += 1;
    this.tick = commonTick(times, this.tick);
    const spent = Array.from({ length: this.timer.spans }, (_, i) => {
      const [begin = 0n, end = 0n] = times.subarray(2 * i, 2 * i + 2);
      // A query that the GPU did not answer reads 0.
      const isTold = begin > 0n && end >= begin;
      return isTold ? Number(end - begin) / NS_PER_MS : null;
    });
    spent.forEach((ms, i) => {
      if (ms === null) this.invalid += 1;
      else {
        this.ms[i] = (this.ms[i] ?? 0) + ms;
        this.samples[i] = (this.samples[i] ?? 0) + 1;
      }
    });
    if (this.hasTimestamps) this.experts.add(words, spent);
  }

  /** Mean milliseconds of a span over the steps in which the clock told it. */
  private meanMs(span: number): number {
    return (this.ms[span] ?? 0) / Math.max(1, this.samples[span] ?? 0);
  }

  private rows(): ProfileRow[] {
    const rows = new Map<string, ProfileRow>();
    let span = 0;
    for (const { phase, plan } of this.plans) {
      for (const dispatch of plan.dispatches) {
        const { name: kernel, layer } = dispatch;
        const key = `${phase} ${layer} ${kernel}`;
        const row = rows.get(key) ?? { ...EMPTY, kernel, phase, layer };
        const cost = dispatchCost(dispatch, this.experts.workOf(dispatch));
        rows.set(key, withDispatch(row, this.meanMs(span++), cost));
      }
    }
    return [...rows.values()];
  }

  private phaseRows(): ProfileRow[] {
    return this.plans.map(({ phase, plan }, i) => ({
      kernel: 'all kernels',
      phase,
      layer: null,
      calls: plan.dispatches.length,
      ms: this.meanMs(i),
      flops: null,
      bytes: null,
    }));
  }

  report(): ProfileReport {
    const rows = this.hasTimestamps ? this.rows() : this.phaseRows();
    const kernelMs = rows.reduce((sum, { ms }) => sum + ms, 0);
    const ordinary = Math.max(1, this.ordinary);
    const wallMs = this.wallMs / ordinary;
    return {
      source: this.hasTimestamps ? 'timestamps' : 'wallClock',
      steps: this.timed,
      firstStep: this.firstStep,
      lastStep: this.engine.step,
      resolutionMs: Number(this.tick) / NS_PER_MS,
      invalid: this.invalid,
      rows,
      experts: this.experts.report(),
      kernelMs,
      wallMs,
      timedWallMs: this.timedWallMs / Math.max(1, this.timed),
      gpuBusy: kernelMs / wallMs,
      dispatches: this.engine.dispatchesPerStep,
      submits: this.submits / ordinary,
      buffers: [...this.engine.buffers],
    };
  }

  destroy(): void {
    this.timer.destroy();
  }
}

const EMPTY = { calls: 0, ms: 0, flops: 0, bytes: 0 } as const;

function withDispatch(row: ProfileRow, ms: number, cost: Cost | null): ProfileRow {
  const { flops, bytes } = row;
  return {
    ...row,
    calls: row.calls + 1,
    ms: row.ms + ms,
    flops: flops === null || cost === null ? null : flops + cost.flops,
    bytes: bytes === null || cost === null ? null : bytes + cost.bytes,
  };
}

/**
 * Trains 2n steps, every other one of them timed kernel by kernel, and tells what they took.
 * @param batches the batch of a step, which counts from `engine.step` + 1
 */
export async function profileSteps(
  engine: ProfiledEngine,
  batches: (step: number) => Batch,
  n: number,
): Promise<ProfileReport> {
  const profiler = new StepProfiler(engine);
  try {
    while (profiler.steps < n) await profiler.step(batches(engine.step + 1));
    return profiler.report();
  } finally {
    profiler.destroy();
  }
}
