import type { EngineConfig } from '../../config/experiment.ts';
import type { Engine } from '../engine/engine.ts';
import type { Gpu } from '../ladimo/layerTrainer.ts';
import { switchyardError } from '../session/errors.ts';
import type { AdapterReport, AdapterSpeed } from '../session/events.ts';

export interface EngineOptions {
  /** Number of domains that telemetry counts. */
  domains: number;
  initStd: number;
  seedInit: number;
  onProgress?: (stage: 'kernels' | 'parameters', done: number, total: number) => void;
}

export type EngineFactory = (config: EngineConfig, options: EngineOptions) => Promise<Engine>;

/** Why a device can no longer be used. */
export interface DeviceFault {
  /** `lost`: another device may do; with the others the same would happen again. */
  kind: 'lost' | 'outOfMemory' | 'error';
  message: string;
}

/** A device as a session sees it. */
export interface TrainingDevice {
  readonly adapter: AdapterReport;
  /** The device itself, for what trains layers alone; absent where there is none. */
  readonly gpu?: Gpu;
  /** Resolves when the device can no longer be used; never because of `destroy`. */
  readonly fault: Promise<DeviceFault>;
  createEngine: EngineFactory;
  /** Compiles ahead what an engine for this configuration will need. */
  compileAhead(config: EngineConfig): Promise<void>;
  /** Measures the device while nothing trains on it. @throws the signal's reason */
  measure(signal: AbortSignal): Promise<AdapterSpeed>;
  destroy(): void;
}

function faultError({ kind, message }: DeviceFault): Error {
  switch (kind) {
    case 'lost':
      return switchyardError('DeviceLost', message);
    case 'outOfMemory':
      return switchyardError('ModelTooLarge', message);
    case 'error':
      return new Error(message);
  }
}

/** Time in which a device tells that it was lost, after something else failed for it. */
const FAULT_MS = 500;

/** The fault of a device, waiting for one that is about to be told; null without one. */
export function faultOf(device: TrainingDevice): Promise<Error | null> {
  return Promise.race([
    device.fault.then(faultError),
    new Promise<null>((resolve) => setTimeout(resolve, FAULT_MS, null)),
  ]);
}

/**
 * Rejects what a device was to answer once the device is at fault: some answers of a lost device
 * never come. Keeps nothing of promises that are settled.
 */
export class FaultGuard {
  readonly #pending = new Set<(error: Error) => void>();
  #error: Error | null = null;

  constructor(device: TrainingDevice) {
    void device.fault.then((fault) => {
      this.#error = faultError(fault);
      for (const reject of this.#pending) reject(this.#error);
      this.#pending.clear();
    });
  }

  get error(): Error | null {
    return this.#error;
  }

  watch<T>(answer: Promise<T>): Promise<T> {
    if (this.#error !== null) {
      answer.catch(() => undefined);
      return Promise.reject(this.#error);
    }
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }
}
