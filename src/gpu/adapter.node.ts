/**
 * A `GPUDevice` in plain Node, through Dawn (npm `webgpu`).
 *
 * Dawn takes the driver that the system offers: a GPU, or lavapipe from Mesa 25 on. Where that
 * gives nothing, SwiftShader from an installed Chromium is tried. `VK_ICD_FILENAMES` in the
 * environment overrides the choice.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ALL_WISHES, type DeviceWishes, type OpenedAdapter, openAdapter } from './adapterInfo.ts';
import { GpuError } from './errors.ts';

export interface NodeDevice extends OpenedAdapter {
  /** Destroys the device; the process can then end by itself. */
  close(): void;
}

const SWIFTSHADER_ICD = 'vk_swiftshader_icd.json';

const BROWSER_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/usr/lib64/chromium-browser',
  '/opt/google/chrome',
  '/opt/chromium',
];

/** What to do where no candidate works; `scripts/setup.mjs` does it where it can. */
export const NO_ADAPTER =
  'No WebGPU adapter in Node: install a GPU driver with Vulkan, or mesa-vulkan-drivers 25 or newer ' +
  'with libvulkan1, or Chromium (its SwiftShader is used).';

/** Timestamps as the GPU counts them: rounded to 65 µs, as pages get them, they say nothing of a kernel. */
const DAWN = ['disable-dawn-features=timestamp_quantization'];

/** Dawn crashes once the object that `create` returned is collected, so each is kept for good. */
const keptAlive: GPU[] = [];

/**
 * A device as the page asks for it, so that what runs here runs in every browser on this adapter.
 *
 * Must be called on the main thread of a process: elsewhere `process.env` does not reach the
 * Vulkan loader, and only the system's own driver is found.
 *
 * @throws NoWebGPU when no driver gives an adapter and a device.
 */
export async function requestNodeDevice(wishes: Partial<DeviceWishes> = {}): Promise<NodeDevice> {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const refusals: string[] = [];
  for (const icd of candidateDrivers()) {
    try {
      const opened = await withDriver(icd, () => {
        const gpu = create(DAWN);
        keptAlive.push(gpu);
        return openAdapter(gpu, 'node', { ...ALL_WISHES, ...wishes });
      });
      return { ...opened, close: () => opened.device.destroy() };
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      refusals.push(error.message);
    }
  }
  throw new GpuError('NoWebGPU', [NO_ADAPTER, ...new Set(refusals)].join(' '));
}

/** Driver files in order of preference; null is the system's own choice. */
function candidateDrivers(): (string | null)[] {
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return [null];
  const folders = [...BROWSER_FOLDERS, ...playwrightFolders()];
  return [null, ...folders.map((folder) => join(folder, SWIFTSHADER_ICD)).filter(existsSync)];
}

/** `<cache>/chromium-1234/chrome-linux` and the like. */
function playwrightFolders(): string[] {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright');
  return subfolders(cache).flatMap(subfolders);
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

/** The Vulkan loader reads the variable when an instance is made; children must not inherit it. */
async function withDriver<T>(icd: string | null, make: () => Promise<T>): Promise<T> {
  if (icd === null) return make();
  process.env.VK_ICD_FILENAMES = icd;
  try {
    return await make();
  } finally {
    delete process.env.VK_ICD_FILENAMES;
  }
}
