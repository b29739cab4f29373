import { openAdapter, ownSizes, usefulFeatures } from '../../src/gpu/adapterInfo.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import type { Library, Work, WorkSpec } from '../subject.ts';
import { decodeWork } from './decode.ts';
import { passWork } from './inspect.ts';
import { keepWork } from './keep.ts';
import { expertForwardWork, groupedProductWork, moeForwardWork } from './layers.ts';
import { copyWork, fmaWork, naiveProductWork } from './probes.ts';
import { productWork } from './product.ts';
import { gradientsWork, trainingWork } from './train.ts';

/** A device with what the benchmark asks of it beside the page's features: time stamps. */
export function benchFeatures(adapter: GPUAdapter): GPUFeatureName[] {
  const stamps = adapter.features.has('timestamp-query') ? (['timestamp-query'] as const) : [];
  return [...usefulFeatures(adapter), ...stamps];
}

interface Opened {
  device: GPUDevice;
  description: string;
  isSoftware: boolean;
}

function prepare({ device, isSoftware }: Opened, spec: WorkSpec): Promise<Work> {
  const adapterClass: AdapterClass = isSoftware ? 'software' : 'gpu';
  switch (spec.kind) {
    case 'train':
      return trainingWork(device, spec.config, adapterClass);
    case 'gradients':
      return gradientsWork(device, spec.config, adapterClass);
    case 'evaluate':
    case 'inspect':
      return passWork(device, spec.config, adapterClass, spec.kind === 'inspect');
    case 'decode':
      return decodeWork(device, spec.config, spec.prompts, spec.how, adapterClass);
    case 'moeForward':
      return moeForwardWork(device, spec.config, adapterClass);
    case 'expertForward':
      return expertForwardWork(device, spec.config, spec.share, adapterClass);
    case 'matmul':
      return productWork(device, spec.size, adapterClass);
    case 'groupedMatmul':
      return groupedProductWork(device, spec.size, adapterClass);
    case 'naiveMatmul':
      return naiveProductWork(device, spec.size);
    case 'keep':
      return keepWork(device, spec.config, spec.what, adapterClass);
    case 'fma':
      return fmaWork(device, spec.scale);
    case 'copy':
      return copyWork(device, spec.scale);
  }
}

/** Our engine on one device. */
export function ourLibrary(request: () => Promise<Opened>): Library {
  let opened: Promise<Opened> | null = null;
  const open = () => {
    opened ??= request();
    return opened;
  };
  return {
    open: async () => (await open()).description,
    prepare: async (spec) => prepare(await open(), spec),
  };
}

/** The device of a browser, asked for as the page does. */
export async function requestBrowserDevice(): Promise<Opened> {
  if (!navigator.gpu) throw new Error('This browser offers no WebGPU.');
  return openAdapter(navigator.gpu, 'bench', { features: benchFeatures, limits: ownSizes });
}
