/** A room of conversions in Node, whose objects can be dropped as a page that is killed drops them. */
import type { Experiment } from '../../../src/config/experiment.ts';
import type { PreparedText } from '../../../src/data/types.ts';
import type { ConversionDeps } from '../../../src/runs/conversions/deps.ts';
import { ConversionRoom } from '../../../src/runs/conversions/room.ts';
import { conversionStore } from '../../../src/runs/conversions/store.ts';
import type { Library } from '../../../src/runs/library.ts';
import { runLocks } from '../../../src/runs/locks.ts';
import { memoryLibrary } from '../../../src/runs/memoryLibrary.ts';
import { memoryTables } from '../../../src/runs/memoryTables.ts';
import type { Tables } from '../../../src/runs/tables.ts';
import { gpuDevice } from '../../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../../src/train/device/trainingDevice.ts';
import type { Checkpoint } from '../../../src/train/session/checkpoint.ts';
import { encodeCheckpoint } from '../../../src/train/session/checkpoint.ts';
import { switchyardError } from '../../../src/train/session/errors.ts';

export interface ConversionLab {
  room: ConversionRoom;
  library: Library;
  tables: Tables;
}

const known = new WeakMap<GPUDevice, TrainingDevice>();

function trainingDeviceOf(device: GPUDevice): TrainingDevice {
  const found = known.get(device) ?? gpuDevice(device, { description: 'test', isSoftware: true });
  known.set(device, found);
  return found;
}

/** @param tables those of an earlier lab, to go on with what it stored */
export function conversionLab(
  device: GPUDevice,
  textOf: (experiment: Experiment) => PreparedText,
  part: { tables?: Tables; deps?: Partial<ConversionDeps> } = {},
): ConversionLab {
  const { tables = memoryTables(), deps = {} } = part;
  const library = memoryLibrary();
  const trainingDevice = trainingDeviceOf(device);
  const room = new ConversionRoom({
    requestDevice: async () => trainingDevice,
    prepareText: async (experiment) => textOf(experiment),
    store: async () => conversionStore(tables),
    library: async () => library,
    live: () => Promise.reject(switchyardError('ConfigInvalid', 'No run is open.')),
    liveExperiment: () => Promise.reject(switchyardError('ConfigInvalid', 'No run is open.')),
    isTraining: () => false,
    locks: runLocks(null),
    now: () => 1000,
    ...deps,
  });
  return { room, library, tables };
}

export const fileOf = (checkpoint: Checkpoint) =>
  ({ file: 'teacher', bytes: encodeCheckpoint(checkpoint), isReplayable: true }) as const;
