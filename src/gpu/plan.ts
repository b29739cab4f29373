import { BIND_ALIGNMENT } from '../layout/sizes.ts';
import { type CompiledKernel, compileKernel, type KernelSpec } from './kernel.ts';
import type { GpuMemory } from './memory.ts';
import type { Slice } from './slice.ts';

/** Largest number of workgroups per dimension (WebGPU's default limit). */
export const MAX_GRID = 65535;

/** A grid of at least `count` workgroups in two dimensions, folded where one is not enough. */
export function fold(count: number, maxPerDimension = MAX_GRID): [number, number] {
  if (count <= maxPerDimension) return [count, 1];
  const rows = Math.ceil(count / maxPerDimension);
  return [Math.ceil(count / rows), rows];
}

interface Request {
  spec: KernelSpec;
  layer: number | null;
  buffers: Readonly<Record<string, Slice>>;
  dims: Readonly<Record<string, number>>;
  grid: [number, number];
  constants: Readonly<Record<string, number>>;
}

/** One dispatch, ready to be encoded. */
export interface Dispatch {
  readonly name: string;
  /** `PlanBuilder.layer` when it was added. */
  readonly layer: number | null;
  /** What the kernel was given, constants among the dimensions: a profiler counts work from them. */
  readonly dims: Readonly<Record<string, number>>;
  readonly slices: Readonly<Record<string, Slice>>;
  readonly pipeline: GPUComputePipeline;
  readonly buffers: GPUBindGroup;
  readonly uniforms: GPUBindGroup;
  readonly grid: readonly [number, number];
}

export function encodeDispatch(pass: GPUComputePassEncoder, dispatch: Dispatch): void {
  pass.setPipeline(dispatch.pipeline);
  pass.setBindGroup(0, dispatch.buffers);
  pass.setBindGroup(1, dispatch.uniforms);
  pass.dispatchWorkgroups(dispatch.grid[0], dispatch.grid[1]);
}

/** A list of dispatches whose GPU objects all exist: encoding it makes none. */
export class Plan {
  readonly dispatches: readonly Dispatch[];

  constructor(dispatches: readonly Dispatch[]) {
    this.dispatches = dispatches;
  }

  encode(pass: GPUComputePassEncoder): void {
    for (const dispatch of this.dispatches) encodeDispatch(pass, dispatch);
  }
}

/** Which bodies of a kernel suit the adapter. They may add in another order. */
export type AdapterClass = 'gpu' | 'software';

/** Collects dispatches; `build` compiles their kernels in parallel and makes their bind groups. */
export class PlanBuilder {
  private readonly requests: Request[] = [];
  private readonly memory: GpuMemory;
  private readonly step: Slice;
  private readonly maxGrid: number;
  readonly adapterClass: AdapterClass;
  /** Layer that what is added from now on belongs to; null outside the layers. */
  layer: number | null = null;

  /**
   * @param step the uniform buffer with this step's numbers, rewritten before every submit
   * @param maxGrid workgroups of one dimension before a grid is folded
   */
  constructor(
    memory: GpuMemory,
    step: Slice,
    adapterClass: AdapterClass = 'gpu',
    maxGrid = MAX_GRID,
  ) {
    this.memory = memory;
    this.step = step;
    this.adapterClass = adapterClass;
    this.maxGrid = maxGrid;
  }

  get device(): GPUDevice {
    return this.memory.device;
  }

  /** Whether the bodies suit in which four neighbouring invocations load for each other. */
  get usesQuads(): boolean {
    // Browsers older than the feature do not say what their adapter is.
    const {
      features,
      adapterInfo,
    }: Pick<GPUDevice, 'features'> & { adapterInfo?: GPUAdapterInfo } = this.device;
    const hasQuads = features.has('subgroups') && (adapterInfo?.subgroupMinSize ?? 0) >= 4;
    return hasQuads && this.adapterClass === 'software';
  }

  /**
   * Adds one dispatch of `workgroups` workgroups (folded over two dimensions where needed; none
   * for 0). `constants` become `const` lines before the shader.
   */
  add<B extends string, N extends string>(
    spec: KernelSpec<B, N>,
    buffers: Readonly<Record<NoInfer<B>, Slice>>,
    dims: Readonly<Record<NoInfer<N>, number>>,
    workgroups: number,
    constants: Readonly<Record<string, number>> = {},
  ): void {
    if (workgroups <= 0) return;
    const { layer } = this;
    const grid = fold(workgroups, this.maxGrid);
    this.requests.push({ spec, layer, buffers, dims, grid, constants });
  }

  /** Compiles the kernels alone, on the device or on another one. */
  compile(
    device: GPUDevice,
    onProgress?: (done: number, total: number) => void,
  ): Promise<CompiledKernel[]> {
    let done = 0;
    return Promise.all(
      this.requests.map(async ({ spec, constants }) => {
        const kernel = await compileKernel(device, spec, constants);
        onProgress?.(++done, this.requests.length);
        return kernel;
      }),
    );
  }

  async build(onProgress?: (done: number, total: number) => void): Promise<Plan> {
    const { device } = this.memory;
    const kernels = await this.compile(device, onProgress);
    const stride = BIND_ALIGNMENT;
    const uniforms = await this.memory.allocating(() =>
      this.memory.uniform('dims', this.requests.length * stride || stride, 'other'),
    );
    const bytes = new ArrayBuffer(this.requests.length * stride);
    const dispatches = this.requests.map((request, i) => {
      writeDims(new DataView(bytes, i * stride, stride), request);
      const slot = { ...uniforms, offset: i * stride, size: dimsBytes(request.spec) };
      return this.dispatch(kernels[i] as CompiledKernel, request, slot);
    });
    if (bytes.byteLength > 0) device.queue.writeBuffer(uniforms.buffer, 0, bytes);
    return new Plan(dispatches);
  }

  private dispatch(kernel: CompiledKernel, request: Request, dims: Slice): Dispatch {
    const { device } = this.memory;
    const { spec, layer, buffers, grid } = request;
    const resource = (slice: Slice): GPUBufferBinding => ({
      buffer: slice.buffer,
      offset: slice.offset,
      size: slice.size,
    });
    const slices = Object.keys(spec.bindings).map((name) => {
      const slice = buffers[name];
      if (!slice) throw new Error(`${spec.name}: no buffer given for ${name}`);
      return slice;
    });
    const uniformSlices = spec.step ? [dims, this.step] : [dims];
    const entries = (list: Slice[]): GPUBindGroupEntry[] =>
      list.map((slice, binding) => ({ binding, resource: resource(slice) }));
    return {
      name: spec.operation ?? spec.name,
      layer,
      dims: { ...request.constants, ...request.dims },
      slices: buffers,
      pipeline: kernel.pipeline,
      buffers: device.createBindGroup({
        label: `${spec.name}:buffers`,
        layout: kernel.buffersLayout,
        entries: entries(slices),
      }),
      uniforms: device.createBindGroup({
        label: `${spec.name}:uniforms`,
        layout: kernel.uniformsLayout,
        entries: entries(uniformSlices),
      }),
      grid,
    };
  }
}

/** Size of the uniform struct of a kernel: 4 bytes per field, in whole 16 bytes. */
function dimsBytes(spec: KernelSpec): number {
  return Math.max(16, Math.ceil(Object.keys(spec.dims).length / 4) * 16);
}

function writeDims(view: DataView, { spec, dims }: Request): void {
  Object.entries(spec.dims).forEach(([name, type], i) => {
    const value = dims[name];
    if (value === undefined) throw new Error(`${spec.name}: dimension ${name} is missing`);
    if (type === 'f32') view.setFloat32(i * 4, value, true);
    else if (type === 'i32') view.setInt32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
}
