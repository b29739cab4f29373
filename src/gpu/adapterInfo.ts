/** What an adapter is, said once for the page, the worker and Node. */

export interface AdapterDescription {
  /** Vendor and model as far as the platform tells them, e.g. "SwiftShader driver 5.0.0". */
  description: string;
  /** True where the "GPU" is a program on the CPU (SwiftShader, lavapipe, WARP). */
  isSoftware: boolean;
}

/** Names under which software adapters appear; `isFallbackAdapter` is missing in older browsers. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i;

export function describeAdapter(info: GPUAdapterInfo): AdapterDescription {
  const named =
    info.description || [info.vendor, info.architecture || info.device].join(' ').trim();
  const everything = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return {
    description: named || 'unnamed adapter',
    isSoftware: info.isFallbackAdapter === true || SOFTWARE.test(everything),
  };
}

/**
 * Optional features that kernels for some adapters use and the profiler's clock, as far as the
 * adapter has them.
 */
export function usefulFeatures(adapter: GPUAdapter): GPUFeatureName[] {
  return (['subgroups', 'timestamp-query'] as const).filter((name) => adapter.features.has(name));
}
