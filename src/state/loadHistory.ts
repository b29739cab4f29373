import type { LayerLoads, LayerSpace } from '../train/telemetry.ts';

/** Bins kept per layer; when they are full, neighbours are merged and the stride doubles. */
export const MAX_BINS = 512;

/** Loads of one layer summed over the steps `firstStep … lastStep`. */
export interface LoadBin {
  /** The slots that were counted. */
  space: LayerSpace;
  firstStep: number;
  lastStep: number;
  /** Assignments, dropped ones included [R]. */
  counts: Float64Array;
  /** Fewest and most assignments in one step [R]. */
  least: Float64Array;
  most: Float64Array;
  /** [R] */
  drops: Float64Array;
  /** Mean routing weight over the tokens that select the slot, 0 where none does [R]. */
  meanGate: Float64Array;
  /** Mean router probability over all tokens [R]. */
  meanProb: Float64Array;
  /** Assignments by domain [R, domains]. */
  domains: Float64Array;
}

export function stepsOf(bin: LoadBin): number {
  return bin.lastStep - bin.firstStep + 1;
}

function weightedMean(a: number, wa: number, b: number, wb: number): number {
  return wa + wb === 0 ? 0 : (a * wa + b * wb) / (wa + wb);
}

/** One bin out of two neighbours of one space; extremes are kept, means weighted by what they average over. */
export function mergeBins(a: LoadBin, b: LoadBin): LoadBin {
  const sum = (x: Float64Array, y: Float64Array) => x.map((value, i) => value + y[i]!);
  return {
    space: a.space,
    firstStep: a.firstStep,
    lastStep: b.lastStep,
    counts: sum(a.counts, b.counts),
    least: a.least.map((value, i) => Math.min(value, b.least[i]!)),
    most: a.most.map((value, i) => Math.max(value, b.most[i]!)),
    drops: sum(a.drops, b.drops),
    meanGate: a.meanGate.map((g, i) => weightedMean(g, a.counts[i]!, b.meanGate[i]!, b.counts[i]!)),
    meanProb: a.meanProb.map((p, i) => weightedMean(p, stepsOf(a), b.meanProb[i]!, stepsOf(b))),
    domains: sum(a.domains, b.domains),
  };
}

/** The bin of row i of a layer's records. */
export function binOfStep(space: LayerSpace, loads: LayerLoads, i: number, step: number): LoadBin {
  const { R, W } = loads;
  const counts = new Float64Array(R);
  for (let w = 0; w < W; w++) {
    for (let r = 0; r < R; r++) counts[r]! += loads.assignments[(i * W + w) * R + r]!;
  }
  const row = (values: ArrayLike<number>, width: number) =>
    Float64Array.from({ length: width }, (_, j) => values[i * width + j]!);
  const rows = loads.drops.length / R;
  return {
    space,
    firstStep: step,
    lastStep: step,
    counts,
    least: counts.slice(),
    most: counts.slice(),
    drops: row(loads.drops, R),
    meanGate: row(loads.meanGate, R),
    meanProb: row(loads.meanProb, R),
    domains: row(loads.domains, loads.domains.length / rows),
  };
}

/**
 * A layer's loads over the whole run in at most `MAX_BINS` bins of equal numbers of steps, fewer at
 * the end of an expert space, which no bin reaches across.
 */
export class LoadHistory {
  readonly layer: number;
  #space: LayerSpace;
  #bins: LoadBin[] = [];
  #stride = 1;
  /** Sum over the last batch of telemetry: what "now" shows. */
  latest: LoadBin | null = null;

  constructor(space: LayerSpace) {
    this.layer = space.layer;
    this.#space = space;
  }

  /** The slots that are counted now. */
  get space(): LayerSpace {
    return this.#space;
  }

  /** Bins in order of steps; the last one may still be filling. */
  get bins(): readonly LoadBin[] {
    return this.#bins;
  }

  /** Most steps per bin. */
  get stride(): number {
    return this.#stride;
  }

  /** Another expert space is in force for all steps to come. */
  begin(space: LayerSpace): void {
    this.#space = space;
    this.latest = null;
  }

  /** @throws RangeError for records of another number of slots than the space in force has */
  append(loads: LayerLoads, firstStep: number, n: number): void {
    const { slots } = this.#space;
    if (loads.R !== slots)
      throw new RangeError(
        `layer ${this.layer}, step ${firstStep}: loads of ${loads.R} slots for a space of ${slots}`,
      );
    let latest: LoadBin | null = null;
    for (let i = 0; i < n; i++) {
      const bin = binOfStep(this.#space, loads, i, firstStep + i);
      latest = latest === null ? bin : mergeBins(latest, bin);
      this.#push(bin);
    }
    this.latest = latest ?? this.latest;
  }

  /** Bin that holds a step; the nearest one outside of the history; null when empty. */
  binAt(step: number): LoadBin | null {
    let [low, high] = [0, this.#bins.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bins[middle]!.lastStep < step) low = middle + 1;
      else high = middle;
    }
    return this.#bins[low] ?? null;
  }

  #push(bin: LoadBin): void {
    const last = this.#bins.at(-1);
    if (last !== undefined && last.space === bin.space && stepsOf(last) < this.#stride) {
      this.#bins[this.#bins.length - 1] = mergeBins(last, bin);
      return;
    }
    if (this.#bins.length >= MAX_BINS) this.#halve();
    this.#bins.push(bin);
  }

  #halve(): void {
    const merged: LoadBin[] = [];
    for (const bin of this.#bins) {
      const last = merged.at(-1);
      const fits = last?.space === bin.space && stepsOf(last) + stepsOf(bin) <= 2 * this.#stride;
      if (last !== undefined && fits) merged[merged.length - 1] = mergeBins(last, bin);
      else merged.push(bin);
    }
    this.#bins = merged;
    this.#stride *= 2;
  }
}
