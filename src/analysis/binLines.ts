/** Figures of training steps over steps: each bin of a layer's history gives one value, at its last step. */
import type { LoadBin, LoadHistory } from './loadHistory.ts';
import { stepsOf } from './loadHistory.ts';
import type { Line } from './source.ts';

export type Bins = Pick<LoadHistory, 'bins' | 'stride'>;

interface Known {
  stride: number;
  steps: number[];
  values: number[];
}

const known = new WeakMap<object, Map<string, Known>>();

/** Steps and values of the bins that are full, taken in as the history grows. */
function fullBins(history: Bins, key: string, compute: (bin: LoadBin) => number): Known {
  const { bins, stride } = history;
  const ofHistory = known.get(history) ?? new Map<string, Known>();
  known.set(history, ofHistory);
  const before = ofHistory.get(key);
  const line = before?.stride === stride ? before : { stride, steps: [], values: [] };
  ofHistory.set(key, line);
  const full = isFull(bins.at(-1), stride) ? bins.length : bins.length - 1;
  for (let i = line.values.length; i < full; i++) {
    line.steps.push(bins[i]!.lastStep);
    line.values.push(compute(bins[i]!));
  }
  return line;
}

const isFull = (bin: LoadBin | undefined, stride: number) =>
  bin !== undefined && stepsOf(bin) >= stride;

/**
 * A figure over the bins of a history, which have `stride` steps at most.
 * @param key names what is computed: a full bin is computed once for it
 */
export function binLine(history: Bins, key: string, compute: (bin: LoadBin) => number): Line {
  const { bins, stride } = history;
  const { steps, values } = fullBins(history, key, compute);
  const last = bins.at(-1);
  if (last === undefined || isFull(last, stride))
    return { owner: steps, firstStep: steps[0] ?? 0, steps, values };
  // A bin that is still filling is another one each time, and so is the line.
  const now = { steps: [...steps, last.lastStep], values: [...values, compute(last)] };
  return { owner: now, firstStep: now.steps[0]!, ...now };
}
