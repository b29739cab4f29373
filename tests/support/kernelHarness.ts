import { expect } from 'vitest';
import { GpuMemory } from '../../src/gpu/memory.ts';
import { type AdapterClass, PlanBuilder } from '../../src/gpu/plan.ts';
import { readWords } from '../../src/gpu/readback.ts';
import type { Slice } from '../../src/gpu/slice.ts';
import {
  STEP_BYTES,
  STEP_FIELDS,
  type StepParams,
  writeStepParams,
} from '../../src/kernels/step.ts';
import { pad4 } from '../../src/layout/sizes.ts';

/** A quiet NaN and a canary with payloads of their own, so that untouched words are recognised. */
const UNWRITTEN = 0x7fc0beef;
const CANARY = 0x7fc0cafe;
const TAIL_WORDS = 64;

/** Both classes of adapter, for tests of kernels that have a body for each. */
export const ADAPTER_CLASSES: readonly AdapterClass[] = ['gpu', 'software'];

/** Which bodies run (the GPUs' unless given), and how many workgroups fill a row of the grid. */
export interface BenchOptions {
  adapterClass?: AdapterClass;
  maxGrid?: number;
}

/**
 * Buffers and plans of one kernel test. Outputs start as NaN; every buffer ends in canary words
 * that are bound with it, because WebGPU hides writes out of bounds, and `read` checks them.
 */
export class KernelBench {
  readonly device: GPUDevice;
  private readonly options: BenchOptions;
  private readonly memory: GpuMemory;
  private readonly step: Slice;
  private readonly words = new Map<Slice, number>();

  constructor(device: GPUDevice, options: BenchOptions = {}) {
    this.device = device;
    this.options = options;
    this.memory = new GpuMemory(device);
    this.step = this.memory.uniform('step', STEP_BYTES, 'other');
    this.setStep({});
  }

  /** A buffer with these contents, to read or to update in place. */
  input(label: string, data: Float32Array | Uint32Array): Slice {
    return this.upload(label, new Uint32Array(data.buffer, data.byteOffset, data.length));
  }

  /** A buffer of `words` words that the kernel must write. */
  output(label: string, words: number): Slice {
    return this.upload(label, new Uint32Array(words).fill(UNWRITTEN));
  }

  private upload(label: string, contents: Uint32Array): Slice {
    const slice = this.memory.storage(label, (contents.length + TAIL_WORDS) * 4, 'other');
    const all = new Uint32Array(slice.size / 4).fill(CANARY);
    all.set(contents);
    this.device.queue.writeBuffer(slice.buffer, slice.offset, all);
    this.words.set(slice, contents.length);
    return slice;
  }

  /** Writes the step's uniform: 0 where not given. */
  setStep(params: Partial<StepParams>): void {
    const bytes = new ArrayBuffer(STEP_BYTES);
    const zeros = Object.fromEntries(Object.keys(STEP_FIELDS).map((name) => [name, 0]));
    writeStepParams(new DataView(bytes), { ...(zeros as StepParams), ...params });
    this.device.queue.writeBuffer(this.step.buffer, this.step.offset, bytes);
  }

  /** Builds a plan that can be run any number of times. */
  async plan(add: (plan: PlanBuilder) => void): Promise<() => void> {
    const { adapterClass, maxGrid } = this.options;
    const builder = new PlanBuilder(this.memory, this.step, adapterClass, maxGrid);
    add(builder);
    const plan = await builder.build();
    return () => {
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      plan.encode(pass);
      pass.end();
      this.device.queue.submit([encoder.finish()]);
    };
  }

  /** Builds a plan and runs it once. */
  async run(add: (plan: PlanBuilder) => void): Promise<void> {
    (await this.plan(add))();
  }

  /** The words of a buffer; fails where its canaries have been written over. */
  async readWords(slice: Slice): Promise<Uint32Array<ArrayBuffer>> {
    const count = this.words.get(slice);
    if (count === undefined) throw new Error(`${slice.label} is not a buffer of this bench`);
    const all = await readWords(this.device, slice);
    const damaged = all.subarray(count).findIndex((word) => word !== CANARY);
    if (damaged >= 0) throw new Error(`${slice.label}: written ${damaged} words past its end`);
    return all.slice(0, count);
  }

  async read(slice: Slice): Promise<Float32Array> {
    return new Float32Array((await this.readWords(slice)).buffer);
  }

  destroy(): void {
    this.memory.destroy();
  }
}

/** Runs a test with a bench of its own and frees its buffers. */
export async function withBench<T>(
  device: GPUDevice,
  test: (bench: KernelBench) => Promise<T>,
  options: BenchOptions = {},
): Promise<T> {
  const bench = new KernelBench(device, options);
  try {
    return await test(bench);
  } finally {
    bench.destroy();
  }
}

/** n numbers, uniform in ±scale and exact in float32, from a seed (mulberry32). */
export function randomFloats(n: number, seed: number, scale = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (((x ^ (x >>> 14)) >>> 0) / 2 ** 31 - 1) * scale;
  });
}

/** n integers in 0 … below − 1 from a seed. */
export function randomIndices(n: number, below: number, seed: number): Uint32Array {
  return Uint32Array.from(randomFloats(n, seed), (x) =>
    Math.min(below - 1, Math.floor(((x + 1) / 2) * below)),
  );
}

/** Float32 values as the reference wants them. */
export function toReal(data: ArrayLike<number>): Float64Array {
  return Float64Array.from(data);
}

/** Rows of `width` values padded with zeros to multiples of 4: activations, and heads one by one. */
export function padRows(data: ArrayLike<number>, width: number): Float32Array {
  const padded = pad4(width);
  const rows = data.length / width;
  const out = new Float32Array(rows * padded);
  for (let i = 0; i < data.length; i++) {
    out[Math.floor(i / width) * padded + (i % width)] = data[i]!;
  }
  return out;
}

/** The rows without their padding, which must be 0. */
export function unpadRows(data: Float32Array, width: number, name: string): Float32Array {
  const padded = pad4(width);
  const rows = data.length / padded;
  const out = new Float32Array(rows * width);
  for (let i = 0; i < data.length; i++) {
    const column = i % padded;
    const row = Math.floor(i / padded);
    if (column < width) out[row * width + column] = data[i]!;
    else if (data[i] !== 0) throw new Error(`${name}: padding [${row}, ${column}] is ${data[i]}`);
  }
  return out;
}

/** A weight matrix [rows, width] with both sides padded with zeros to multiples of 4. */
export function padMatrix(data: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(pad4(data.length / width) * pad4(width));
  out.set(padRows(data, width));
  return out;
}

/** The matrix without its padding, which must be 0. */
export function unpadMatrix(
  data: Float32Array,
  rows: number,
  width: number,
  name: string,
): Float32Array {
  const all = unpadRows(data, width, name);
  const stray = all.subarray(rows * width).findIndex((x) => x !== 0);
  if (stray >= 0) throw new Error(`${name}: padding below row ${rows} is not 0`);
  return all.slice(0, rows * width);
}

/** Rows of several tensors side by side: out[t] = [a[t], b[t], …]; `widths` per row. */
export function joinColumns(
  parts: readonly ArrayLike<number>[],
  widths: readonly number[],
): Float32Array {
  const rows = parts[0]!.length / widths[0]!;
  const width = widths.reduce((sum, n) => sum + n, 0);
  const out = new Float32Array(rows * width);
  let start = 0;
  parts.forEach((part, p) => {
    const n = widths[p]!;
    for (let i = 0; i < part.length; i++) {
      out[Math.floor(i / n) * width + start + (i % n)] = part[i]!;
    }
    start += n;
  });
  return out;
}

/** The inverse of `joinColumns`. */
export function splitColumns(data: Float32Array, widths: readonly number[]): Float32Array[] {
  const width = widths.reduce((sum, n) => sum + n, 0);
  const rows = data.length / width;
  let start = 0;
  return widths.map((n) => {
    const first = start;
    start += n;
    return Float32Array.from(
      { length: rows * n },
      (_, i) => data[Math.floor(i / n) * width + first + (i % n)]!,
    );
  });
}

export interface Tolerance {
  abs: number;
  rel: number;
}

/** The golden cases' floors: rounding of float32 sums a few hundred long. */
export const OUTPUT: Tolerance = { abs: 1e-6, rel: 2e-5 };
export const GRADIENT: Tolerance = { abs: 1e-7, rel: 5e-5 };

/**
 * Passes when everything is finite and max |actual − expected| ≤ abs + rel·max |expected|, both
 * over the tensor. `shape` only serves to name the worst element.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { abs, rel }: Tolerance,
  name: string,
  shape: readonly number[] = [expected.length],
): void {
  expect(actual.length, `${name}: length`).toBe(expected.length);
  let largest = 0;
  let worst = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (difference <= error) continue;
    worst = i;
    error = difference;
    if (Number.isNaN(difference)) break;
  }
  const allowed = abs + rel * largest;
  if (error <= allowed) return;
  const percent = ((100 * error) / allowed).toFixed(0);
  expect.fail(
    `${name}[${coordinates(worst, shape)}]: ${actual[worst]} instead of ${expected[worst]}, ` +
      `${percent} % of the tolerance ${allowed.toExponential(2)}`,
  );
}

function coordinates(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place.join(', ');
}
