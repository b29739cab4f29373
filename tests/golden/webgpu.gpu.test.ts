import { describe, expect, it } from 'vitest';
import type { AnalysisCase } from '../../src/golden/analysisCase.ts';
import type { TrainCase } from '../../src/golden/format.ts';
import { type GoldenReport, runCase } from '../../src/golden/run.ts';
import type { TrainCaseOutput } from '../../src/golden/subject.ts';
import { trainOnGpu, webgpuSubject } from '../../src/golden/webgpuSubject.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { useDevice } from '../support/gpu.ts';
import { GOLDEN_NAMES, loadGolden } from './goldens.ts';

const device = useDevice();
const other = useDevice();

const CLASSES: readonly AdapterClass[] = ['gpu', 'software'];
const TRAINED = GOLDEN_NAMES.map(loadGolden).filter(
  (golden): golden is TrainCase => golden.kind === 'train',
);
const ANALYSED = GOLDEN_NAMES.map(loadGolden).filter(
  (golden): golden is AnalysisCase => golden.kind === 'analysis',
);

function failuresOf({ comparisons }: GoldenReport): string[] {
  const failed = comparisons.filter(({ passed }) => !passed);
  return failed.map(
    ({ name, error, allowed, detail }) => `${name}: ${error} > ${allowed} ${detail}`,
  );
}

/** What a run leaves: losses, norms and learning rates of all steps, and the parameters. */
function results({ steps, tensors }: TrainCaseOutput) {
  return { steps, after: [...tensors].filter(([name]) => name.startsWith('after.')) };
}

describe('golden cases on WebGPU', () => {
  it('finds all 38 training cases', () => {
    expect(TRAINED).toHaveLength(38);
  });

  describe.each(CLASSES)('with the kernels of a %s adapter', (adapterClass) => {
    it.each(TRAINED)('$name', async (golden) => {
      const report = await runCase(golden, webgpuSubject(device(), { adapterClass }));
      expect(failuresOf(report)).toEqual([]);
      expect(report.comparisons.length).toBeGreaterThan(golden.expected.tensors.size);
    });
  });
});

describe.each(CLASSES)('figures of passes with the kernels of a %s adapter', (adapterClass) => {
  it.each(ANALYSED)('$name', async (golden) => {
    const report = await runCase(golden, webgpuSubject(device(), { adapterClass }));
    expect(failuresOf(report)).toEqual([]);
    expect(report.comparisons.length).toBe(
      golden.expected.tensors.size + golden.expected.scalars.size,
    );
  });
});

describe('the bits of a run', () => {
  it.each(TRAINED)('$name: captures change none', async (golden) => {
    const adapterClass = 'software';
    const [on, off] = [
      await trainOnGpu(device(), golden, { captures: true, adapterClass }),
      await trainOnGpu(device(), golden, { captures: false, adapterClass }),
    ];
    expect(on.tensors.size).toBeGreaterThan(off.tensors.size);
    expect(results(on).after).not.toEqual([]);
    expect(results(off)).toEqual(results(on));
  });

  it.each(TRAINED.filter(({ name }) => ['moepp', 'tcmoe-capacity', 'topp'].includes(name)))(
    '$name: equal on two devices and two engines',
    async (golden) => {
      for (const adapterClass of CLASSES) {
        const options = { captures: false, adapterClass };
        const first = await trainOnGpu(device(), golden, options);
        expect(results(await trainOnGpu(device(), golden, options))).toEqual(results(first));
        expect(results(await trainOnGpu(other(), golden, options))).toEqual(results(first));
      }
    },
  );
});
