/** One quantity of a run over steps; dense logs and the sparse ones of files alike. */

/** Values at rising steps; NaN where something was logged that is no finite number. */
export interface Curve {
  /** Step of the first value. */
  firstStep: number;
  /** Step of each value, rising [n]; null: every step from `firstStep` on has one. */
  steps: Float64Array | null;
  /** [n] */
  values: Float32Array | Float64Array;
}

/** Step of the i-th value. */
export function stepOf({ firstStep, steps }: Curve, i: number): number {
  return steps === null ? firstStep + i : steps[i]!;
}

/** Last step of a curve, NaN without any. */
export function lastStepOf(curve: Curve): number {
  const n = curve.values.length;
  return n === 0 ? Number.NaN : stepOf(curve, n - 1);
}

/** Index of the last of `n` rising places at or before `place`, −1 where there is none. */
export function lastAtOrBefore(places: ArrayLike<number>, n: number, place: number): number {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const FIRST_CAPACITY = 256;

/** A curve that grows; the newest steps can be taken back. */
export class CurveBuilder {
  #steps = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Newest value, NaN without any. */
  get last(): number {
    return this.#length === 0 ? Number.NaN : this.#values[this.#length - 1]!;
  }

  /** Its step, NaN without any. */
  get lastStep(): number {
    return this.#length === 0 ? Number.NaN : this.#steps[this.#length - 1]!;
  }

  /** Adds a value behind the others. @returns whether it replaced one of the same step */
  push(step: number, value: number): boolean {
    if (this.lastStep === step) {
      this.#values[this.#length - 1] = value;
      return true;
    }
    if (this.#length === this.#steps.length) this.#grow();
    this.#steps[this.#length] = step;
    this.#values[this.#length] = value;
    this.#length += 1;
    return false;
  }

  /** Drops the newest values as long as their steps are such. */
  dropWhile(isDropped: (step: number) => boolean): void {
    while (this.#length > 0 && isDropped(this.lastStep)) this.#length -= 1;
  }

  /**
   * The curve so far, in arrays of its own.
   * @param isFalling the steps came in falling order
   * @param like another curve; its steps are shared where they are the same
   */
  build(isFalling = false, like?: Curve): Curve {
    const steps = this.#steps.slice(0, this.#length);
    const values = this.#values.slice(0, this.#length);
    if (isFalling) {
      steps.reverse();
      values.reverse();
    }
    const firstStep = steps[0] ?? 0;
    const isDense = steps.length > 0 && steps[steps.length - 1]! - firstStep + 1 === steps.length;
    if (isDense) return { firstStep, steps: null, values };
    const shared = like?.steps;
    const isShared = shared?.length === steps.length && shared.every((s, i) => s === steps[i]);
    return { firstStep, steps: isShared ? shared : steps, values };
  }

  #grow(): void {
    const grown = (from: Float64Array<ArrayBuffer>) => {
      const to = new Float64Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#steps = grown(this.#steps);
    this.#values = grown(this.#values);
  }
}

/** A curve through points in the order of their steps; of two at one step the later counts. */
export function curveThrough(points: Iterable<readonly [step: number, value: number]>): Curve {
  const builder = new CurveBuilder();
  for (const [step, value] of points) {
    builder.dropWhile((later) => later > step);
    builder.push(step, value);
  }
  return builder.build();
}

/**
 * Tokens seen at each of a curve's values, from a curve of tokens over steps: linear between its
 * points and from (0, 0) to the first, with the last slope beyond.
 * @returns [n], rising where `tokens` rises
 */
export function tokensAlong(curve: Curve, tokens: Curve): Float64Array {
  const n = curve.values.length;
  const m = tokens.values.length;
  const places = new Float64Array(n);
  const at = (k: number): readonly [number, number] =>
    k < 0 ? [0, 0] : [stepOf(tokens, k), tokens.values[k]!];
  let k = -1;
  for (let i = 0; i < n; i++) {
    const step = stepOf(curve, i);
    while (k + 1 < m && stepOf(tokens, k + 1) <= step) k += 1;
    const [s0, t0] = at(k);
    const [s1, t1] = k + 1 < m ? at(k + 1) : at(k - 1);
    const slope = s1 === s0 ? 0 : (t1 - t0) / (s1 - s0);
    places[i] = t0 + slope * (step - s0);
  }
  return places;
}
