/** What an adapter is and how a device is asked of it, said once for the page's worker and Node. */
import { GpuError } from './errors.ts';

export interface AdapterDescription {
  /** Vendor and model as far as the platform tells them, e.g. "SwiftShader driver 5.0.0". */
  description: string;
  /** True where the "GPU" is a program on the CPU (SwiftShader, lavapipe, WARP). */
  isSoftware: boolean;
}

/** A device and the adapter that it is of. */
export interface OpenedAdapter extends AdapterDescription {
  adapter: GPUAdapter;
  device: GPUDevice;
}

/** What a device is asked to have beyond WebGPU's defaults. */
export interface DeviceWishes {
  features(adapter: GPUAdapter): GPUFeatureName[];
  limits(adapter: GPUAdapter): Record<string, GPUSize64>;
}

/** An adapter as browsers had it up to Chrome 126: what it is stands behind a question of its own. */
interface OldAdapter {
  info?: GPUAdapterInfo;
  requestAdapterInfo?(): Promise<Partial<GPUAdapterInfo>>;
  isFallbackAdapter?: boolean;
}

/** Names under which software adapters appear; `isFallbackAdapter` is missing in older browsers. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i;

async function infoOf(adapter: OldAdapter): Promise<Partial<GPUAdapterInfo>> {
  if (adapter.info) return adapter.info;
  const asked = adapter.requestAdapterInfo?.().catch(() => null);
  return (await asked) ?? {};
}

/** Tells what an adapter is; "unnamed adapter" where the browser does not say. */
export async function describeAdapter(adapter: OldAdapter): Promise<AdapterDescription> {
  const info = await infoOf(adapter);
  const { vendor = '', architecture = '', device = '', description = '' } = info;
  const isFallback = info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  const isSoftware =
    isFallback || SOFTWARE.test([vendor, architecture, device, description].join(' '));
  // Of a GPU, Dawn in Node describes the driver alone; its model is the device, where that is a name.
  const isDriver = !isSoftware && !/^(0x|$)/.test(device) && !description.includes(device);
  const described = isDriver && description ? `${device}, ${description}` : description;
  return {
    description:
      described || [vendor, architecture || device].join(' ').trim() || 'unnamed adapter',
    isSoftware,
  };
}

/**
 * Optional features that kernels for some adapters use and the profiler's clock, as far as the
 * adapter has them.
 */
export function usefulFeatures({ features }: Pick<GPUAdapter, 'features'>): GPUFeatureName[] {
  return (['subgroups', 'timestamp-query'] as const).filter((name) => features.has(name));
}

/**
 * How large buffers and bindings may be is the adapter's own affair: a run says what it needs and
 * is checked against it. All other limits stay WebGPU's defaults, which every kernel keeps to.
 */
export function ownSizes({ limits }: Pick<GPUAdapter, 'limits'>): Record<string, GPUSize64> {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  return { maxBufferSize, maxStorageBufferBindingSize };
}

export const ALL_WISHES: DeviceWishes = { features: usefulFeatures, limits: ownSizes };

/** A platform's reason as the end of a sentence. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${reason.replace(/\.$/, '')}.`;
}

/**
 * The platform's fastest adapter and a device of it.
 * @throws NoWebGPU where the platform gives no adapter, or refuses the adapter or the device
 */
export async function openAdapter(
  gpu: Pick<GPU, 'requestAdapter'>,
  label: string,
  { features, limits }: DeviceWishes = ALL_WISHES,
): Promise<OpenedAdapter> {
  const adapter = await gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch((error: unknown) => {
      throw new GpuError('NoWebGPU', `The request for an adapter failed: ${reasonOf(error)}`);
    });
  if (adapter === null) throw new GpuError('NoWebGPU', 'There is WebGPU, but no adapter for it.');
  const described = await describeAdapter(adapter);
  const device = await adapter
    .requestDevice({ label, requiredFeatures: features(adapter), requiredLimits: limits(adapter) })
    .catch((error: unknown) => {
      const message = `The adapter "${described.description}" gives no device: ${reasonOf(error)}`;
      throw new GpuError('NoWebGPU', message);
    });
  return { adapter, device, ...described };
}
