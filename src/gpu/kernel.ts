import { GpuError } from './errors.ts';

export type Access = 'read' | 'readWrite';
export type DimType = 'u32' | 'f32' | 'i32';

/**
 * One compute shader and how it is bound. Group 0 holds the storage buffers in the order of
 * `bindings`; group 1 binding 0 is the uniform `Dims` with the fields of `dims` in order; group 1
 * binding 1 the uniform `StepParams`, where `step` is set.
 */
export interface KernelSpec<B extends string = string, N extends string = string> {
  /** `<op>.<pass>`, the shader's file name without `.wgsl`: label, error prefix, profiler row. */
  readonly name: string;
  /** What it is used for, `<op>.<pass>`, where one kernel serves several; its profiler row then. */
  readonly operation?: string;
  readonly source: string;
  /** Directives of the module, such as `enable …;`. */
  readonly directives?: readonly string[];
  /** Shared WGSL placed before the source. */
  readonly preludes?: readonly string[];
  /** Names of the `const`s that the caller gives in a generated header: numbers that shape code. */
  readonly constants?: readonly string[];
  readonly bindings: Readonly<Record<B, Access>>;
  readonly dims: Readonly<Record<N, DimType>>;
  readonly step?: boolean;
}

/** Gives many names one value: `read('x', 'w')` is `{ x: 'read', w: 'read' }`. */
const all =
  <V extends string>(value: V) =>
  <const N extends string>(...names: N[]) =>
    Object.fromEntries(names.map((name) => [name, value])) as Record<N, V>;

/** Bindings and dimensions of a descriptor, by what they are; in their order. */
export const read = all('read');
export const readWrite = all('readWrite');
export const u32 = all('u32');
export const f32 = all('f32');

/** A pipeline with the layouts of its two bind groups. */
export interface CompiledKernel {
  readonly spec: KernelSpec;
  readonly pipeline: GPUComputePipeline;
  readonly buffersLayout: GPUBindGroupLayout;
  readonly uniformsLayout: GPUBindGroupLayout;
}

const caches = new WeakMap<GPUDevice, Map<string, Promise<CompiledKernel>>>();

/** The generated header: `const` lines and nothing else. */
function header(constants: Readonly<Record<string, number>>): string {
  return Object.entries(constants)
    .map(([name, value]) => `const ${name}: u32 = ${value}u;\n`)
    .join('');
}

/** What stands before the source of a kernel. */
function prefixOf(spec: KernelSpec, constants: Readonly<Record<string, number>>): string {
  const lines = (texts: readonly string[] = []) => texts.map((text) => `${text}\n`).join('');
  return lines(spec.directives) + header(constants) + lines(spec.preludes);
}

function layouts(device: GPUDevice, spec: KernelSpec) {
  const names = Object.keys(spec.bindings);
  const limit = device.limits.maxStorageBuffersPerShaderStage;
  if (names.length > limit) {
    throw new RangeError(`${spec.name}: ${names.length} storage buffers exceed ${limit}`);
  }
  const storage = (name: string, binding: number): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: spec.bindings[name] === 'read' ? 'read-only-storage' : 'storage' },
  });
  const uniform = (binding: number): GPUBindGroupLayoutEntry => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: 'uniform' },
  });
  return {
    buffersLayout: device.createBindGroupLayout({
      label: `${spec.name}:buffers`,
      entries: names.map(storage),
    }),
    uniformsLayout: device.createBindGroupLayout({
      label: `${spec.name}:uniforms`,
      entries: spec.step ? [uniform(0), uniform(1)] : [uniform(0)],
    }),
  };
}

async function compile(
  device: GPUDevice,
  spec: KernelSpec,
  prefix: string,
): Promise<CompiledKernel> {
  const prefixLines = prefix.split('\n').length - 1;
  const module = device.createShaderModule({ label: spec.name, code: prefix + spec.source });
  const { buffersLayout, uniformsLayout } = layouts(device, spec);
  const layout = device.createPipelineLayout({
    label: spec.name,
    bindGroupLayouts: [buffersLayout, uniformsLayout],
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      label: spec.name,
      layout,
      compute: { module, entryPoint: 'main' },
    });
    return { spec, pipeline, buffersLayout, uniformsLayout };
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const place = (line: number) =>
      line > prefixLines ? `${spec.name}.wgsl:${line - prefixLines}` : `prelude:${line}`;
    const places = messages.map((m) => `${place(m.lineNum)}:${m.linePos} ${m.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new GpuError('KernelCompile', [`${spec.name}: ${reason}`, ...places].join('\n'));
  }
}

/**
 * Compiles a kernel, or returns the pipeline that this device already has for it.
 * @throws KernelCompile with the compiler's messages at the lines of the shader's file.
 */
export function compileKernel(
  device: GPUDevice,
  spec: KernelSpec,
  constants: Readonly<Record<string, number>>,
): Promise<CompiledKernel> {
  let cache = caches.get(device);
  if (!cache) {
    cache = new Map();
    caches.set(device, cache);
  }
  const prefix = prefixOf(spec, constants);
  // One source may stand after different preludes.
  const key = prefix + spec.source;
  let compiled = cache.get(key);
  if (!compiled) {
    compiled = compile(device, spec, prefix);
    cache.set(key, compiled);
    // A driver may have lacked memory, which it has the next time.
    compiled.catch(() => caches.get(device)?.delete(key));
  }
  return compiled;
}
