import type { TrainingDevice } from './trainingDevice.ts';

/** Keeps one device for run after run; asks for another once it is at fault. */
export class DeviceSource {
  readonly #request: () => Promise<TrainingDevice>;
  #device: Promise<TrainingDevice> | null = null;

  constructor(request: () => Promise<TrainingDevice>) {
    this.#request = request;
  }

  get(): Promise<TrainingDevice> {
    this.#device ??= this.#open();
    return this.#device;
  }

  async destroy(): Promise<void> {
    const device = await this.#device?.catch(() => null);
    this.#device = null;
    device?.destroy();
  }

  #open(): Promise<TrainingDevice> {
    const opening = this.#request();
    const forget = () => {
      if (this.#device === opening) this.#device = null;
    };
    opening.then(async (device) => {
      await device.fault;
      forget();
      device.destroy();
    }, forget);
    return opening;
  }
}
