/**
 * Debiased exponential moving average over steps, not over rows: a value d steps back counts
 * wᵈ times, s_t = Σ w^(t − t_i)·x_i / Σ w^(t − t_i). With a value at every step this is the usual
 * one. Values that are not finite are passed over (NaN in the result). Grows with its input.
 */
export class Ema {
  readonly weight: number;
  #values = new Float32Array(1024);
  #length = 0;
  #sum = 0;
  #mass = 0;
  /** Step of the last finite value. */
  #step = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  get length(): number {
    return this.#length;
  }

  /**
   * Averages of `raw`, which begins with the values of the call before.
   * @param steps step of each value, rising; absent: one after the other
   * @param most how many values are taken in at most
   * @returns those of all values taken in so far: a view
   */
  extend(
    raw: ArrayLike<number>,
    steps?: ArrayLike<number>,
    most = Number.POSITIVE_INFINITY,
  ): Float32Array {
    const end = Math.min(raw.length, this.#length + most);
    this.#reserve(end);
    for (let i = this.#length; i < end; i++) {
      const x = raw[i]!;
      if (!Number.isFinite(x)) {
        this.#values[i] = Number.NaN;
        continue;
      }
      const step = steps?.[i] ?? i;
      const past = step - this.#step === 1 ? this.weight : this.weight ** (step - this.#step);
      this.#sum = this.#mass === 0 ? x : past * this.#sum + x;
      this.#mass = this.#mass === 0 ? 1 : past * this.#mass + 1;
      this.#values[i] = this.#sum / this.#mass;
      this.#step = step;
    }
    this.#length = end;
    return this.#values.subarray(0, end);
  }

  #reserve(length: number): void {
    if (length <= this.#values.length) return;
    const grown = new Float32Array(Math.max(length, this.#values.length * 2));
    grown.set(this.#values);
    this.#values = grown;
  }
}
