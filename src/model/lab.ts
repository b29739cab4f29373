import { usesLab } from '../config/balancing.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { loadLabBodies } from '../kernels/bodies.ts';

type Lab = typeof import('./labKernels.ts');

let loaded: Lab | null = null;

/** Loads the kernels of the balancing lab where an experiment needs them; call it before a network is built. */
export async function loadLab(config: Pick<EngineConfig, 'router' | 'losses'>): Promise<void> {
  if (loaded !== null || !usesLab(config)) return;
  [loaded] = await Promise.all([import('./labKernels.ts'), loadLabBodies()]);
}

/** @throws Error where they were not loaded */
export function lab(): Lab {
  if (loaded === null) throw new Error('the kernels of the balancing lab are not loaded');
  return loaded;
}
