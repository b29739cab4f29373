import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import {
  ANALYSIS_CASES,
  type AnalysisCase,
  analysisCase,
  numbersOf,
} from '../support/analysisCases.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { ADAPTER_CLASSES } from '../support/kernelHarness.ts';

/** Golden cases of kind `analysis` on WebGPU: what tokens chose, and what if. */

const device = useDevice();

async function engineOf(golden: AnalysisCase, adapterClass: AdapterClass): Promise<GpuEngine> {
  const { config, params, domains } = golden;
  const options = { domains: domains.length, initStd: 0.02, seedInit: 1, adapterClass };
  const engine = await GpuEngine.create(device(), config, options);
  const state = await engine.readState();
  engine.loadState({ ...state, parameters: params });
  return engine;
}

describe.each(ADAPTER_CLASSES)('with the kernels of a %s adapter', (adapterClass) => {
  it.each(ANALYSIS_CASES.map(analysisCase))('$name', async (golden) => {
    const { config, batches, capacity, requests, tolerance } = golden;
    const engine = await engineOf(golden, adapterClass);
    const pass = (interventions: readonly Intervention[]) =>
      engine.pass({ batches, S: config.batch.S, capacity, interventions });
    const plain = await pass([]);
    const close = (got: ArrayLike<number>, name: string, as: string) =>
      expectClose(got, numbersOf(golden, name), tolerance[as]!, name);
    close(plain.ce, 'out.tokens.ce', 'tokens');
    for (const { layer, W, selected, gates, dropped, norms } of plain.layers) {
      const name = (field: string) => `out.tokens.layers.${layer}.${field}`;
      expect(golden.tensors.get(name('selected'))?.shape).toEqual([plain.ce.length, W]);
      expect([...selected]).toEqual(numbersOf(golden, name('selected')));
      expect([...dropped]).toEqual(numbersOf(golden, name('dropped')));
      close(gates, name('gates'), 'tokens');
      close(norms, name('norms'), 'tokens');
    }
    for (const [j, { name, items }] of requests.entries()) {
      const { ce } = await pass(items);
      const delta = Array.from(ce, (value, u) => value - plain.ce[u]!);
      const want = numbersOf(golden, `out.interventions.${j}.delta`);
      expectClose(delta, want, tolerance.interventions!, name);
      if (want.every((value) => value === 0)) expect(ce, name).toEqual(plain.ce);
    }
    engine.destroy();
  });
});
