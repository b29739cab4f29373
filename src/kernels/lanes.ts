/** Outputs of a workgroup of kernels whose outputs have eight invocations each (shaders/common/lanes.wgsl). */
export const OUTPUTS = 8;
