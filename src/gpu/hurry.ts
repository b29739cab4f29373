/** Firefox looks only every 100 ms whether the GPU is done, and whenever something is submitted. */
const ASKS_RARELY = /\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');
/** Time between two looks, in ms. */
const LOOK_MS = 2;

/** Submits nothing again and again while something is waited for. */
class Hurry {
  readonly #device: GPUDevice;
  #waiting = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLost = false;

  constructor(device: GPUDevice) {
    this.#device = device;
    // Some answers of a lost device never come.
    void device.lost.then(() => {
      this.#isLost = true;
      clearInterval(this.#timer);
    });
  }

  async until(answer: Promise<unknown>): Promise<void> {
    if (this.#isLost) return;
    if (this.#waiting++ === 0)
      this.#timer = setInterval(() => this.#device.queue.submit([]), LOOK_MS);
    await answer.catch(() => undefined);
    if (--this.#waiting === 0) clearInterval(this.#timer);
  }
}

const hurries = new WeakMap<GPUDevice, Hurry>();

/** The answer of a device to `mapAsync` or `onSubmittedWorkDone`, as soon as there is one. */
export function hurried<T>(device: GPUDevice, answer: Promise<T>): Promise<T> {
  if (!ASKS_RARELY) return answer;
  let hurry = hurries.get(device);
  if (hurry === undefined) {
    hurry = new Hurry(device);
    hurries.set(device, hurry);
  }
  void hurry.until(answer);
  return answer;
}
