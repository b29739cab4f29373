import { type Dispatch, encodeDispatch } from '../../src/gpu/plan.ts';
import { readFloats } from '../../src/gpu/readback.ts';
import type { Slice } from '../../src/gpu/slice.ts';
import { sumOfSquares } from '../inputs.ts';
import type { Work } from '../subject.ts';

/** What encodes one run of a piece of work. */
export type Encode = (pass: GPUComputePassEncoder) => void;

export function encodeAll(dispatches: readonly Dispatch[]): Encode {
  return (pass) => {
    for (const dispatch of dispatches) encodeDispatch(pass, dispatch);
  };
}

/** Runs of the same dispatches, all in one pass of one submit. */
export function passWork(
  device: GPUDevice,
  encode: Encode,
  output: Slice,
  destroy: () => void,
): Work {
  return {
    async run(times) {
      const encoder = device.createCommandEncoder({ label: 'bench' });
      const pass = encoder.beginComputePass({ label: 'bench' });
      for (let i = 0; i < times; i++) encode(pass);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    },
    value: async () => sumOfSquares(await readFloats(device, output)),
    destroy,
  };
}

/** The buffer that a dispatch binds under a name. */
export function sliceOf({ name, slices }: Dispatch, binding: string): Slice {
  const slice = slices[binding];
  if (!slice) throw new Error(`${name} binds no ${binding}`);
  return slice;
}

/** Whether a dispatch is of a kernel, in whichever of its bodies (`<kernel>` or `<kernel>.<body>`). */
export function isOf({ name }: Dispatch, kernel: string): boolean {
  return name === kernel || name.startsWith(`${kernel}.`);
}

/** The first dispatch of a kernel. @throws Error where there is none */
export function indexOf(dispatches: readonly Dispatch[], kernel: string): number {
  const index = dispatches.findIndex((dispatch) => isOf(dispatch, kernel));
  if (index < 0) throw new Error(`nothing dispatches ${kernel}`);
  return index;
}

export function writeSlice(
  device: GPUDevice,
  slice: Slice,
  values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
): void {
  if (values.byteLength > slice.size)
    throw new RangeError(`${slice.label} holds ${slice.size} bytes, not ${values.byteLength}`);
  device.queue.writeBuffer(slice.buffer, slice.offset, values);
}
