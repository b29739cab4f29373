import type { CallCounts } from './subject.ts';

const MAKERS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createShaderModule',
  'createTexture',
  'createSampler',
  'createQuerySet',
] as const;

/** Tells `seen` of every call of a method: its receiver and its result. */
function wrap(
  prototype: object,
  name: string,
  seen: (receiver: unknown, result: unknown) => void,
): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') throw new Error(`calls: there is no method ${name}`);
  Object.defineProperty(prototype, name, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      const result: unknown = Reflect.apply(method, this, args);
      seen(this, result);
      return result;
    },
  });
}

let counts: CallCounts | null = null;
let firstError: string | null = null;

/**
 * The first error that WebGPU reported on any device of this thread: libraries that look at none go
 * on with buffers of zeros.
 */
export function uncapturedError(): string | null {
  return firstError;
}

function watchErrors(device: unknown): void {
  if (!(device instanceof GPUDevice)) return;
  device.addEventListener('uncapturederror', ({ error }) => {
    firstError ??= error.message;
  });
}

/**
 * Counts what WebGPU is asked for from the first call on, whoever asks: the prototypes are wrapped
 * once per thread. Needs the classes of WebGPU as globals.
 */
export function countedCalls(): Readonly<CallCounts> {
  if (counts) return counts;
  const now = { dispatches: 0, submits: 0, objects: 0, buffersMade: 0, maps: 0, bytes: 0 };
  const sizes = new WeakMap<object, number>();
  wrap(GPUAdapter.prototype, 'requestDevice', (_, result) => {
    // A refusal is the caller's to handle.
    Promise.resolve(result).then(watchErrors, () => undefined);
  });
  for (const name of MAKERS) {
    wrap(GPUDevice.prototype, name, (_, result) => {
      now.objects += 1;
      if (!(result instanceof GPUBuffer)) return;
      now.buffersMade += 1;
      now.bytes += result.size;
      sizes.set(result, result.size);
    });
  }
  wrap(GPUBuffer.prototype, 'destroy', (buffer) => {
    if (!(buffer instanceof GPUBuffer)) return;
    now.bytes -= sizes.get(buffer) ?? 0;
    sizes.delete(buffer);
  });
  wrap(GPUBuffer.prototype, 'mapAsync', () => {
    now.maps += 1;
  });
  wrap(GPUQueue.prototype, 'submit', () => {
    now.submits += 1;
  });
  for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    wrap(GPUComputePassEncoder.prototype, name, () => {
      now.dispatches += 1;
    });
  }
  counts = now;
  return now;
}
