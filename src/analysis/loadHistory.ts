import {
  type LayerLoads,
  type LayerSpace,
  TELEMETRY_FIELDS,
  type TelemetryName,
} from '../config/telemetry.ts';

/** Bins kept per layer; when they are full, neighbours are merged and the stride doubles. */
export const MAX_BINS = 512;

/** The recorded fields but the assignments, which a bin counts over all ranks. */
const FIELDS = TELEMETRY_FIELDS.filter((field) => field.name !== 'assignments');
type BinField = Exclude<TelemetryName, 'assignments'>;

/** Loads of one layer summed, or averaged, over the steps `firstStep … lastStep`. */
export interface LoadBin extends Readonly<Record<BinField, Float64Array>> {
  /** The slots that were counted. */
  space: LayerSpace;
  firstStep: number;
  lastStep: number;
  /** Assignments, dropped ones included [R]. */
  counts: Float64Array;
  /** Fewest and most assignments in one step [R]. */
  least: Float64Array;
  most: Float64Array;
  /** Fewest and most assignments of the whole layer in one step. */
  leastTotal: number;
  mostTotal: number;
}

export function stepsOf(bin: LoadBin): number {
  return bin.lastStep - bin.firstStep + 1;
}

function weightedMean(a: number, wa: number, b: number, wb: number): number {
  return wa + wb === 0 ? 0 : (a * wa + b * wb) / (wa + wb);
}

/** One bin out of two neighbours of one space; extremes are kept, means weighted by what they average over. */
export function mergeBins(a: LoadBin, b: LoadBin): LoadBin {
  const { counts } = a;
  const merge = {
    sum: (x: number, y: number) => x + y,
    bySteps: (x: number, y: number) => weightedMean(x, stepsOf(a), y, stepsOf(b)),
    byCount: (x: number, y: number, i: number) => weightedMean(x, counts[i]!, y, b.counts[i]!),
  };
  return {
    space: a.space,
    firstStep: a.firstStep,
    lastStep: b.lastStep,
    counts: counts.map((value, i) => value + b.counts[i]!),
    least: a.least.map((value, i) => Math.min(value, b.least[i]!)),
    most: a.most.map((value, i) => Math.max(value, b.most[i]!)),
    leastTotal: Math.min(a.leastTotal, b.leastTotal),
    mostTotal: Math.max(a.mostTotal, b.mostTotal),
    ...fieldsOf((field) =>
      a[field.name].map((x, i) => merge[field.merge](x, b[field.name][i]!, i)),
    ),
  };
}

function fieldsOf(values: (field: (typeof FIELDS)[number]) => Float64Array) {
  const fields = FIELDS.map((field) => [field.name, values(field)]);
  return Object.fromEntries(fields) as Record<BinField, Float64Array>;
}

/** The bin of row i of the records of n steps. */
export function binOfStep(
  space: LayerSpace,
  loads: LayerLoads,
  { i, n, step }: { i: number; n: number; step: number },
): LoadBin {
  const { R, W } = loads;
  const counts = new Float64Array(R);
  for (let w = 0; w < W; w++) {
    for (let r = 0; r < R; r++) counts[r]! += loads.assignments[(i * W + w) * R + r]!;
  }
  const total = counts.reduce((a, b) => a + b, 0);
  return {
    space,
    firstStep: step,
    lastStep: step,
    counts,
    least: counts.slice(),
    most: counts.slice(),
    leastTotal: total,
    mostTotal: total,
    ...fieldsOf(({ name }) => {
      const width = loads[name].length / n;
      return Float64Array.from(loads[name].subarray(i * width, (i + 1) * width));
    }),
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
      const bin = binOfStep(this.#space, loads, { i, n, step: firstStep + i });
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
