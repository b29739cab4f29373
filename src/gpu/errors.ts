/** Errors of the GPU layer; `name` crosses the worker boundary. */
export class GpuError extends Error {
  constructor(
    name: 'DeviceLost' | 'KernelCompile' | 'ModelTooLarge' | 'NoWebGPU',
    message: string,
  ) {
    super(message);
    this.name = name;
  }
}
