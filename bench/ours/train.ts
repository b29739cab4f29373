import type { EngineConfig } from '../../src/config/experiment.ts';
import { SCALAR_COUNT, scalarColumn } from '../../src/config/telemetry.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { IN_FLIGHT } from '../../src/train/engine/stepQueue.ts';
import { TelemetryPump } from '../../src/train/telemetry/telemetryPump.ts';
import { DOMAINS, INIT_STD, randomBatch, SEED } from '../shapes.ts';
import type { Work } from '../subject.ts';
import { encodeAll, indexOf, passWork, sliceOf } from './dispatches.ts';

/** Whole steps as the page takes them, telemetry included. */
export async function trainingWork(
  device: GPUDevice,
  config: EngineConfig,
  adapterClass: AdapterClass,
): Promise<Work> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  const batch = randomBatch(config);
  let loss = Number.NaN;
  const pump = new TelemetryPump(
    engine,
    (event) => {
      if (event.type !== 'steps') return;
      const { n, scalars } = event.records;
      loss = scalars[(n - 1) * SCALAR_COUNT + scalarColumn('total')] ?? Number.NaN;
    },
    batch.tokens.length,
  );
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        engine.submitStep(batch);
        await engine.settle(IN_FLIGHT);
        await pump.poll();
      }
      await engine.settle(0);
    },
    async value() {
      await pump.drain();
      return loss;
    },
    async profile(steps) {
      const { profileSteps } = await import('../../src/train/profile/profile.ts');
      return profileSteps(engine, () => batch, steps);
    },
    destroy: () => engine.destroy(),
  };
}

/** A step without clipping and AdamW, in one submit. */
export async function gradientsWork(
  device: GPUDevice,
  config: EngineConfig,
  adapterClass: AdapterClass,
): Promise<Work> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  engine.beginStep(randomBatch(config));
  const dispatches = engine.stepPlans
    .filter(({ phase }) => phase !== 'optimizer')
    .flatMap(({ plan }) => plan.dispatches);
  const loss = dispatches[indexOf(dispatches, 'crossEntropy.fwd')];
  if (!loss) throw new Error('train: a step has no loss');
  const loss_T = sliceOf(loss, 'loss_T');
  return passWork(device, encodeAll(dispatches), loss_T, () => engine.destroy());
}
