import { faultOf, type TrainingDevice } from '../device/trainingDevice.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';

/** Losses without a new step in between after which a run is given up. */
const MAX_LOSSES = 2;

/**
 * Returns for a failure that a lost device explains; throws every other one.
 * @param device what failed was asked of it
 */
export async function checkLoss(error: unknown, device: TrainingDevice): Promise<void> {
  const code = errorCode(error);
  if (code === 'DeviceLost') return;
  // What was asked of a lost device, a kernel to compile among it, may fail before the loss is told.
  if (code !== null && code !== 'KernelCompile') throw error;
  const told = await faultOf(device);
  if (told === null) throw error;
  if (errorCode(told) !== 'DeviceLost') throw told;
}

/** Counts losses: a run is tried again until it has been lost too often without a new step. */
export class LossGuard {
  #step = -1;
  #count = 0;

  /** Gives a run that was given up another chance. */
  forgive(): void {
    this.#step = -1;
    this.#count = 0;
  }

  /**
   * @param step last one that was reported before the loss
   * @throws DeviceLost when devices are lost again and again
   */
  count(step: number, error: unknown): void {
    this.#count = this.#step === step ? this.#count + 1 : 1;
    this.#step = step;
    if (this.#count <= MAX_LOSSES) return;
    const message = `The GPU device was lost ${this.#count} times after step ${step}: ${errorMessage(error)}`;
    throw switchyardError('DeviceLost', message, error);
  }
}

/**
 * Opens a run on a device, and on another one where that is lost meanwhile.
 * @param step last one that the run has behind it
 * @throws DeviceLost when devices are lost again and again; what `open` throws
 */
export async function openOverLosses(
  first: TrainingDevice,
  another: () => Promise<TrainingDevice>,
  step: number,
  open: (device: TrainingDevice) => Promise<EngineRun>,
): Promise<EngineRun> {
  const guard = new LossGuard();
  let device = first;
  for (;;) {
    try {
      return await open(device);
    } catch (error) {
      await checkLoss(error, device);
      guard.count(step, error);
      device = await another();
    }
  }
}
