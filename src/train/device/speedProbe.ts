/**
 * What an adapter achieves: the engine's own matrix product, copies, and kernels that have nothing
 * to compute. The estimated time of a run is made of these three figures.
 */
import { hurried } from '../../gpu/hurry.ts';
import { GpuMemory } from '../../gpu/memory.ts';
import { type AdapterClass, type Plan, PlanBuilder } from '../../gpu/plan.ts';
import { linearForward } from '../../kernels/bodies.ts';
import { STEP_BYTES } from '../../kernels/step.ts';
import type { AdapterSpeed } from '../session/events.ts';

/** Side of the product's matrices. */
const SIDE = 512;
const COPY_BYTES = 16 * 2 ** 20;
/** Products of one row and one column of 4, one after the other. */
const IDLE_DISPATCHES = 64;
/** A measurement is long enough to be trusted from here on. */
const ENOUGH_MS = 80;
/** No more work is started after this. */
const BUDGET_MS = 600;

/** Encodes a piece of work so many times. */
type Work = (encoder: GPUCommandEncoder, times: number) => void;

/** Repeats of a piece of work until `ENOUGH_MS` are filled or the budget is spent, in seconds each. */
async function secondsOf(device: GPUDevice, work: Work, isOver: () => boolean): Promise<number> {
  for (let repeats = 1; ; ) {
    const encoder = device.createCommandEncoder({ label: 'speedProbe' });
    work(encoder, repeats);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await hurried(device, device.queue.onSubmittedWorkDone());
    const ms = Math.max(performance.now() - start, 0.01);
    if (ms >= ENOUGH_MS || isOver()) return ms / 1000 / repeats;
    repeats *= Math.ceil(Math.min(16, Math.max(2, (1.2 * ENOUGH_MS) / ms)));
  }
}

/** In one pass, as a step is: on Metal a pass costs tens of microseconds, and a product not much more. */
function computing(plan: Plan): Work {
  return (encoder, times) => {
    const pass = encoder.beginComputePass({ label: 'speedProbe' });
    for (let i = 0; i < times; i++) plan.encode(pass);
    pass.end();
  };
}

function products(memory: GpuMemory, adapterClass: AdapterClass) {
  const step = memory.uniform('speedProbe:step', STEP_BYTES, 'probe');
  const matrix = (name: string, side: number) =>
    memory.storage(`speedProbe:${name}`, 4 * side * side, 'probe');
  const build = (side: number, times: number) => {
    const plan = new PlanBuilder(memory, step, adapterClass);
    const io = { x_TK: matrix('x', side), w_NK: matrix('w', side), y_TN: matrix('y', side) };
    for (let i = 0; i < times; i++) linearForward(plan, io, { T: side, N: side, K: side });
    return plan.build();
  };
  return Promise.all([build(SIDE, 1), build(4, IDLE_DISPATCHES)]);
}

/**
 * Measures a device that is otherwise idle, in about half a second and at most one on any adapter
 * that can train. Compiles before it measures, so that no compiler is in the figures.
 * @param signal stops between two pieces of work
 * @throws the signal's reason once it is aborted
 */
export async function probeSpeed(
  device: GPUDevice,
  adapterClass: AdapterClass,
  signal?: AbortSignal,
): Promise<AdapterSpeed> {
  const memory = new GpuMemory(device);
  try {
    const [product, idle] = await products(memory, adapterClass);
    const from = memory.storage('speedProbe:from', COPY_BYTES, 'probe');
    const to = memory.storage('speedProbe:to', COPY_BYTES, 'probe');
    const copy: Work = (encoder, times) => {
      for (let i = 0; i < times; i++)
        encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, COPY_BYTES);
    };
    const end = performance.now() + BUDGET_MS;
    const measure = (work: Work) => {
      signal?.throwIfAborted();
      return secondsOf(device, work, () => signal?.aborted === true || performance.now() > end);
    };
    const perProduct = await measure(computing(product));
    const perCopy = await measure(copy);
    const perIdle = await measure(computing(idle));
    signal?.throwIfAborted();
    return {
      gflopsPerSec: (2 * SIDE ** 3) / perProduct / 1e9,
      gbytesPerSec: (2 * COPY_BYTES) / perCopy / 1e9,
      dispatchSeconds: perIdle / IDLE_DISPATCHES,
    };
  } finally {
    memory.destroy();
  }
}
