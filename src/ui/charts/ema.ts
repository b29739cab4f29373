/**
 * Debiased exponential moving average: s_t = (w·s_{t−1} + (1 − w)·x_t), shown as s_t / (1 − wᵗ).
 * Values that are not finite are passed over (NaN in the result). Grows with its input.
 */
export class Ema {
  readonly weight: number;
  #values = new Float32Array(1024);
  #length = 0;
  #sum = 0;
  #mass = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  /** Averages of all of `raw`, which begins with the values of the call before. */
  extend(raw: ArrayLike<number>): Float32Array {
    if (raw.length > this.#values.length) {
      const grown = new Float32Array(Math.max(raw.length, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    for (let i = this.#length; i < raw.length; i++) {
      const x = raw[i]!;
      if (Number.isFinite(x)) {
        this.#sum = this.weight * this.#sum + (1 - this.weight) * x;
        this.#mass = this.weight * this.#mass + (1 - this.weight);
        this.#values[i] = this.#sum / this.#mass;
      } else {
        this.#values[i] = Number.NaN;
      }
    }
    this.#length = raw.length;
    return this.#values.subarray(0, this.#length);
  }
}
