import { type Axis, position } from './scale.ts';

/** A line's values over consecutive steps; they only grow while `owner` is the same object. */
export interface LineValues {
  owner: object;
  firstStep: number;
  values: ArrayLike<number>;
  /** Steps of the axis per step of the line; 1 where absent. */
  stretch?: number;
  /** Missing values are passed over, not shown as gaps. */
  isGapless?: boolean;
}

/** Steps that are remembered as broken. */
const MAX_BROKEN = 8;

/** Size of the plotting area in pixels. */
export interface PlotSize {
  width: number;
  height: number;
}

/**
 * What a line looks like at one pixel column per `columns`-th of an axis: the least and the greatest
 * value of each, so that no spike is lost, and where values are missing. New values are taken in as
 * the line grows; older ones are not looked at again.
 */
export class Envelope {
  readonly #axis: Axis;
  readonly #line: LineValues;
  /** Index of the least and greatest value per column, −1 where it has none. */
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** 1 where a column holds a value that is not finite. */
  readonly #gaps: Uint8Array;
  #taken = 0;
  /** The nearest values outside of the axis: the line runs on to the edges. */
  #before = -1;
  #after = -1;
  #broken: number[] = [];

  constructor(line: LineValues, axis: Axis, columns: number) {
    this.#line = line;
    this.#axis = axis;
    this.#low = new Int32Array(columns).fill(-1);
    this.#high = new Int32Array(columns).fill(-1);
    this.#gaps = new Uint8Array(columns);
  }

  /** Whether this is the envelope of a line under an axis, as far as it was taken in. */
  fits({ owner, firstStep, values, stretch, isGapless }: LineValues, axis: Axis, columns: number) {
    const own = this.#line;
    return (
      own.owner === owner &&
      own.firstStep === firstStep &&
      own.stretch === stretch &&
      own.isGapless === isGapless &&
      this.#taken <= values.length &&
      this.#low.length === columns &&
      this.#axis.min === axis.min &&
      this.#axis.max === axis.max &&
      this.#axis.isLog === axis.isLog
    );
  }

  /** Takes in what is new in `values`, which begin with those of the call before. */
  extend(values: ArrayLike<number>): boolean {
    const isNew = values.length > this.#taken;
    for (let i = this.#taken; i < values.length; i++) this.#take(values, i);
    this.#taken = values.length;
    return isNew;
  }

  /** The last few steps of the line with a value that is not finite. */
  get broken(): readonly number[] {
    return this.#broken;
  }

  /** Least and greatest value inside of the axis; null without any. */
  range(values: ArrayLike<number>): readonly [least: number, greatest: number] | null {
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < this.#low.length; c++) {
      if (this.#low[c]! < 0) continue;
      least = Math.min(least, values[this.#low[c]!]!);
      greatest = Math.max(greatest, values[this.#high[c]!]!);
    }
    return least > greatest ? null : [least, greatest];
  }

  /** The line as an SVG path; a value that a log axis cannot show breaks it. */
  path(values: ArrayLike<number>, y: Axis, { width, height }: PlotSize): string {
    let d = '';
    let isDown = false;
    const draw = (i: number) => {
      const at = height * (1 - position(y, values[i]!));
      if (!Number.isFinite(at)) {
        isDown = false;
        return;
      }
      const x = width * position(this.#axis, Math.max(this.#stepOf(i), this.#least()));
      d += `${isDown ? 'L' : 'M'}${Math.round(x * 10) / 10} ${Math.round(at * 10) / 10}`;
      isDown = true;
    };
    if (this.#before >= 0) draw(this.#before);
    for (let c = 0; c < this.#low.length; c++) {
      const [low, high] = [this.#low[c]!, this.#high[c]!];
      if (low >= 0) {
        draw(Math.min(low, high));
        if (low !== high) draw(Math.max(low, high));
      }
      if (this.#gaps[c] === 1) isDown = false;
    }
    if (this.#after >= 0) draw(this.#after);
    return d;
  }

  #stepOf(i: number): number {
    return (this.#line.firstStep + i) * (this.#line.stretch ?? 1);
  }

  /** Least step that the axis can place at all. */
  #least(): number {
    return this.#axis.isLog ? this.#axis.min / 10 : Number.NEGATIVE_INFINITY;
  }

  #take(values: ArrayLike<number>, i: number): void {
    const value = values[i]!;
    const step = this.#stepOf(i);
    const hasValue = Number.isFinite(value);
    if (!hasValue) this.#broken = [...this.#broken, step].slice(-MAX_BROKEN);
    if (step < this.#axis.min) {
      if (hasValue) this.#before = i;
      return;
    }
    if (step > this.#axis.max) {
      if (hasValue && this.#after < 0) this.#after = i;
      return;
    }
    const columns = this.#low.length;
    const c = Math.min(columns - 1, Math.floor(position(this.#axis, step) * columns));
    if (!hasValue) {
      if (this.#line.isGapless !== true) this.#gaps[c] = 1;
      return;
    }
    const [low, high] = [this.#low[c]!, this.#high[c]!];
    if (low < 0 || value < values[low]!) this.#low[c] = i;
    if (high < 0 || value > values[high]!) this.#high[c] = i;
  }
}

interface Entry {
  envelope: Envelope;
  path: string;
  /** Axis and size that the path was made for. */
  shape: string;
}

/** The envelopes of a chart's lines, kept from one drawing to the next. */
export class EnvelopeCache {
  #entries = new Map<string, Entry>();

  /** Envelopes of lines by key, brought up to date. */
  update(
    lines: ReadonlyMap<string, LineValues>,
    axis: Axis,
    columns: number,
  ): Map<string, Envelope> {
    const now = new Map<string, Entry>();
    const result = new Map<string, Envelope>();
    for (const [key, line] of lines) {
      const known = this.#entries.get(key);
      const entry = known?.envelope.fits(line, axis, columns)
        ? known
        : { envelope: new Envelope(line, axis, columns), path: '', shape: '' };
      if (entry.envelope.extend(line.values)) entry.shape = '';
      now.set(key, entry);
      result.set(key, entry.envelope);
    }
    this.#entries = now;
    return result;
  }

  /** Path of an updated line; made anew only when line, axis or size have changed. */
  path(key: string, { values }: LineValues, y: Axis, size: PlotSize): string {
    const entry = this.#entries.get(key);
    if (entry === undefined) return '';
    const shape = `${y.min} ${y.max} ${y.isLog} ${size.width} ${size.height}`;
    if (entry.shape !== shape) {
      entry.path = entry.envelope.path(values, y, size);
      entry.shape = shape;
    }
    return entry.path;
  }
}
