import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import type { StepRecords } from '../../src/config/telemetry.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import type { Library } from '../../src/runs/library.ts';
import { NO_REPORTS, RECORD_FORMAT, type RunRow } from '../../src/runs/record.ts';
import { joinRecords } from '../../src/runs/records.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { DOMAINS, INIT_STD, randomBatch, SEED } from '../shapes.ts';
import type { Work } from '../subject.ts';

const DATABASE = 'switchyard.bench';
const ID = 'bench';
/** Steps of one append: a few seconds of a model that trains fast. */
const STEPS = 64;

const ROW: RunRow = {
  ...{ format: RECORD_FORMAT, id: ID, name: ID, note: '', tags: [], origin: 'trained' },
  ...{ status: 'open', begunAt: 0, changedAt: 0, exportedAt: null, version: '' },
  ...{ experiment: DEFAULTS_V1, parent: null, text: null, adapter: null, steps: 0, seconds: 0 },
  ...{ tokensPerStep: null, last: {}, best: {}, thumbnail: [], color: 0, isVisible: false },
  ...{ checkpoints: [], bytes: 0 },
};

/** The browser's own database; memory in Node, which has none. */
async function openLibrary(): Promise<Library> {
  if (!('indexedDB' in globalThis))
    return (await import('../../src/runs/memoryLibrary.ts')).memoryLibrary();
  return (await import('../../src/runs/idbLibrary.ts')).idbLibrary({ name: DATABASE });
}

/** Records of as many steps as one append has, made of a single one. */
function stretched(records: StepRecords): StepRecords {
  const { n } = records;
  return joinRecords(
    Array.from({ length: Math.ceil(STEPS / n) }, (_, i) => ({ ...records, firstStep: i * n + 1 })),
  );
}

/**
 * What keeping a run takes: `checkpoint`, reading the model's state, writing it as a file and storing
 * that; `metrics`, appending the records of some seconds. Waits for all of it, as training does not.
 */
export async function keepWork(
  device: GPUDevice,
  config: EngineConfig,
  what: 'checkpoint' | 'metrics',
  adapterClass: AdapterClass,
): Promise<Work> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  engine.submitStep(randomBatch(config));
  await engine.settle(0);
  const first = await engine.readTelemetry();
  if (first === null) throw new Error('keep: a step left no record');
  const records = stretched(first);
  const library = await openLibrary();
  await library.append(ROW, { records: null, ...NO_REPORTS });
  let step = 0;
  let bytes = 0;

  async function storeCheckpoint(): Promise<void> {
    const state = { ...(await engine.readState()), step: ++step };
    const file = encodeCheckpoint({ experiment: DEFAULTS_V1, state });
    bytes = file.length;
    await library.putCheckpoint(ID, step, file);
  }

  async function append(): Promise<void> {
    const piece = { ...records, firstStep: step + 1 };
    step += records.n;
    await library.append({ ...ROW, steps: step }, { records: piece, ...NO_REPORTS });
  }

  return {
    async run(times) {
      for (let i = 0; i < times; i++) await (what === 'checkpoint' ? storeCheckpoint() : append());
    },
    value: async () => bytes,
    destroy() {
      engine.destroy();
      if ('indexedDB' in globalThis) indexedDB.deleteDatabase(DATABASE);
    },
  };
}
