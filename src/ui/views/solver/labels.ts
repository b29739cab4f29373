import type { Resource } from '../../../accounting/solver.ts';

/** Resources in words, with the papers' symbols. */
export const RESOURCE_LABELS: Readonly<Record<Resource, string>> = {
  totalParameters: 'total parameters N',
  activeParameters: 'active parameters Nₐ',
  flopsPerToken: 'FLOPs per token M',
  trainingCompute: 'training compute C',
  memory: 'memory',
};
