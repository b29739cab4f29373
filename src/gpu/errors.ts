/** Errors of the GPU layer; `name` crosses the worker boundary, where it is one of the known codes. */
export class GpuError extends Error {
  declare name: 'DeviceLost' | 'KernelCompile' | 'ModelTooLarge' | 'NoWebGPU';

  constructor(name: GpuError['name'], message: string) {
    super(message);
    this.name = name;
  }
}
