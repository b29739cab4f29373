/** How even the loads of a layer are over training: of single batches, and of windows of steps. */
import { type Bins, binLine } from './binLines.ts';
import { type LoadBin, stepsOf } from './loadHistory.ts';
import { maxVio } from './maxVio.ts';
import type { Line } from './source.ts';

export { maxVio } from './maxVio.ts';

/** MaxVio of a bin's most uneven batch; where tokens choose unlike numbers of slots, at least that. */
export function batchMaxVio({ most, mostTotal }: LoadBin): number {
  return (Math.max(...most) * most.length) / mostTotal - 1;
}

/** MaxVio of every batch over steps, of a bin the most uneven one's. */
export function batchLine(history: Bins): Line {
  return binLine(history, 'batch maxVio', batchMaxVio);
}

/** What is summed up at a bin: the bins that lie in the last so many steps of one expert space. */
function windowStart(bins: readonly LoadBin[], end: number, steps: number): number {
  const last = bins[end]!;
  let start = end;
  while (
    start > 0 &&
    bins[start - 1]!.space === last.space &&
    bins[start - 1]!.firstStep > last.lastStep - steps
  )
    start--;
  return start;
}

function addInto(sums: Float64Array, counts: ArrayLike<number>, sign: number): void {
  for (let r = 0; r < sums.length; r++) sums[r]! += sign * counts[r]!;
}

/** The full bins of a history, and what is made of the counts of the last so many steps at the end of each. */
function overWindows<T>({ bins, stride }: Bins, steps: number, of: (sums: Float64Array) => T) {
  const full = bins.filter((bin, i) => i < bins.length - 1 || stepsOf(bin) >= stride);
  const values: T[] = [];
  let [start, sums]: [number, Float64Array | null] = [0, null];
  full.forEach((bin, i) => {
    const first = windowStart(full, i, steps);
    if (sums === null || sums.length !== bin.counts.length || full[start]!.space !== bin.space) {
      sums = new Float64Array(bin.counts.length);
      start = i;
    }
    for (; start < first; start++) addInto(sums, full[start]!.counts, -1);
    addInto(sums, bin.counts, 1);
    values.push(of(sums));
  });
  return { at: full.map(({ lastStep }) => lastStep), values };
}

/** MaxVio of the counts of the last so many steps, at the end of each bin; of fewer at the start. */
export function windowLine(history: Bins, steps: number): Line {
  const { at, values } = overWindows(history, steps, maxVio);
  return { owner: values, firstStep: at[0] ?? 0, steps: at, values };
}

/**
 * Load of every slot over the last so many steps, in units of an even one.
 * @param since first step of these slots: undefined before it
 */
export function windowLoads(history: Bins, steps: number, slots: number, since = 1): Line[] {
  const { at, values } = overWindows(history, steps, (sums) => {
    const total = sums.reduce((a, b) => a + b, 0);
    return sums.map((count) => (count * sums.length) / total);
  });
  return Array.from({ length: slots }, (_, slot) => {
    const own = values.map((loads, i) => (at[i]! < since ? NaN : (loads[slot] ?? NaN)));
    return { owner: own, firstStep: at[0] ?? 0, steps: at, values: own };
  });
}

/** Selection bias of a slot over steps, undefined before the first step of these slots. */
export function biasLine(history: Bins, slot: number, since = 1): Line {
  return binLine(history, `bias ${slot} since ${since}`, ({ bias, firstStep }) =>
    firstStep < since ? NaN : (bias[slot] ?? NaN),
  );
}
