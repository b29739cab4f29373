import type { Intervention } from '../../src/analysis/inspection.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { DOMAINS, INIT_STD, randomBatch, SEED } from '../shapes.ts';
import type { Work } from '../subject.ts';

/** One of each kind: all of them act in every pass. */
const ITEMS: readonly Intervention[] = [
  { type: 'keepOnly', layer: 0, slots: [0, 1, 2, 4, 5, 6, 7] },
  { type: 'force', layer: 1, token: 1, rank: 0, slot: 2 },
  { type: 'scale', layer: 1, token: 2, slot: 3, factor: -1 },
];

/** The losses of one batch, as validation takes them, or with all that an inspection reads. */
export async function passWork(
  device: GPUDevice,
  config: EngineConfig,
  adapterClass: AdapterClass,
  isInspected: boolean,
): Promise<Work> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  const batch = randomBatch(config);
  const request = { batches: [batch], S: config.batch.S, capacity: false, interventions: ITEMS };
  let loss = Number.NaN;
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        if (isInspected) [loss = loss] = (await engine.pass(request)).ce;
        else ({ ce: loss } = await engine.evaluate(batch, { capacity: false }));
      }
    },
    value: async () => loss,
    destroy: () => engine.destroy(),
  };
}
