import { describe, expect, it } from 'vitest';
import { generateCase } from '../../src/golden/generate.ts';
import { runCase } from '../../src/golden/run.ts';
import { webgpuSubject } from '../../src/golden/webgpuSubject.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

describe.each(['lab', 'all', 'balance'] as const)(
  'generated configurations of %s on WebGPU',
  (features) => {
    it.each(SEEDS)('seed %i', async (seed) => {
      const golden = generateCase(seed, { features });
      const adapterClass = seed % 2 === 0 ? 'gpu' : 'software';
      const report = await runCase(golden, webgpuSubject(device(), { adapterClass }));
      const failed = report.comparisons.filter(({ passed }) => !passed);
      expect(failed, golden.covers).toEqual([]);
      expect(report.comparisons.length).toBeGreaterThan(golden.expected.tensors.size);
    });
  },
);
