/** What a row tells of a run's curves, kept up while the run trains. */
import { SCALAR_COUNT, SCALARS, type StepRecords } from '../config/telemetry.ts';
import type { AtStep, MetricName, RunCurves, RunRow, Series } from './record.ts';

/** Points of a thumbnail at most. */
export const THUMBNAIL = 48;

type Best = Partial<Record<MetricName, AtStep>>;
type Summed = Pick<RunRow, 'last' | 'best' | 'thumbnail'>;

const METRICS: readonly MetricName[] = [...SCALARS, 'validation'];

const stepOf = ({ firstStep, steps }: Series, i: number) => steps?.[i] ?? firstStep + i;

/** Up to `THUMBNAIL` points of a curve, evenly spaced, the first and the last among them. */
export function thumbnailOf(series: Series | undefined): AtStep[] {
  if (series === undefined) return [];
  const { values } = series;
  const n = Math.min(THUMBNAIL, values.length);
  const places = Array.from({ length: n }, (_, i) =>
    n === 1 ? 0 : Math.round((i * (values.length - 1)) / (n - 1)),
  );
  return places
    .map((i) => ({ step: stepOf(series, i), value: values[i]! }))
    .filter(({ value }) => Number.isFinite(value));
}

/** Last, best and thumbnail of curves of any origin. Values that are not finite count for nothing. */
export function summaryOf(curves: RunCurves): Summed {
  const last: Best = {};
  const best: Best = {};
  for (const name of METRICS) {
    const series = curves[name];
    if (series === undefined) continue;
    const { values } = series;
    const at = (i: number): AtStep => ({ step: stepOf(series, i), value: values[i]! });
    let [lowest, latest] = [-1, -1];
    // A curve may have a million values: nothing is made for each.
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      latest = i;
      if (lowest === -1 || values[i]! < values[lowest]!) lowest = i;
    }
    if (latest === -1) continue;
    last[name] = at(latest);
    best[name] = at(lowest);
  }
  return { last, best, thumbnail: thumbnailOf(curves.ce ?? curves.validation) };
}

/** Summary of a run as it trains. */
export class Summary {
  #last: Best = {};
  #best: Best = {};
  /** Cross entropy of every step from `#firstStep` on. */
  #ce = new Float32Array(1024);
  #firstStep = 1;
  #n = 0;

  /** Goes on from curves that end before the first step to come. */
  static from(curves: RunCurves): Summary {
    const summary = new Summary();
    const { last, best } = summaryOf(curves);
    summary.#last = { ...last };
    summary.#best = { ...best };
    const { ce } = curves;
    if (ce !== undefined && ce.steps === null)
      ce.values.forEach((value, i) => {
        summary.#push(ce.firstStep + i, value);
      });
    return summary;
  }

  add(name: MetricName, step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.#last[name] = { step, value };
    const best = this.#best[name];
    if (best === undefined || value < best.value) this.#best[name] = { step, value };
  }

  addRecords({ firstStep, n, scalars }: StepRecords): void {
    for (let i = 0; i < n; i++) {
      SCALARS.forEach((name, c) => {
        this.add(name, firstStep + i, scalars[i * SCALAR_COUNT + c]!);
      });
      this.#push(firstStep + i, scalars[i * SCALAR_COUNT]!);
    }
  }

  row(): Summed {
    const values = this.#ce.subarray(0, this.#n);
    return {
      last: { ...this.#last },
      best: { ...this.#best },
      thumbnail: thumbnailOf({ firstStep: this.#firstStep, steps: null, values }),
    };
  }

  #push(step: number, value: number): void {
    if (this.#n === 0) this.#firstStep = step;
    const at = step - this.#firstStep;
    if (at < 0) return;
    if (at >= this.#ce.length) {
      const grown = new Float32Array(Math.max(at + 1, 2 * this.#ce.length));
      grown.set(this.#ce);
      this.#ce = grown;
    }
    this.#ce.fill(Number.NaN, this.#n, at);
    this.#ce[at] = value;
    this.#n = at + 1;
  }
}

/** The curves up to a step. */
export function curvesUpTo(curves: RunCurves, step: number): RunCurves {
  const entries = Object.entries(curves).map(([name, series]) => {
    const { firstStep, steps, values } = series;
    const n =
      steps === null
        ? Math.max(0, Math.min(values.length, step - firstStep + 1))
        : steps.filter((at) => at <= step).length;
    return [name, { firstStep, steps: steps?.slice(0, n), values: values.slice(0, n) }];
  });
  return Object.fromEntries(entries) as RunCurves;
}
