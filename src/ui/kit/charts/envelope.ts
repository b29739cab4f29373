import { Budget } from './budget.ts';
import { type Axis, position } from './scale.ts';

/** A line's values at rising steps; they only grow while `owner` is the same object. */
export interface LineValues {
  owner: object;
  firstStep: number;
  values: ArrayLike<number>;
  /** Step of each value; one after the other from `firstStep` on where absent. */
  steps?: ArrayLike<number>;
  /** Where each value stands, rising, where that is not at its step. */
  places?: ArrayLike<number>;
  /** Units of the axis per step (or per unit of `places`); 1 where absent. */
  stretch?: number;
}

/** Where the i-th value of a line stands on the axis. */
export function placeOf({ firstStep, steps, places, stretch = 1 }: LineValues, i: number): number {
  return ((places ?? steps)?.[i] ?? firstStep + i) * stretch;
}

/** Steps that are remembered as broken. */
const MAX_BROKEN = 8;

/** Size of the plotting area in pixels. */
export interface PlotSize {
  width: number;
  height: number;
}

/** What is drawn of a line, as SVG paths. */
export interface Drawn {
  line: string;
  /** Values without a neighbour to join, to be drawn with round caps. */
  dots: string;
}

const NOTHING: Drawn = { line: '', dots: '' };

/** What a line is drawn with, in pixels of the plotting area. */
export interface Pen {
  move(x: number, y: number): void;
  line(x: number, y: number): void;
  /** A value without a neighbour to join. */
  dot(x: number, y: number): void;
}

/** What a line is drawn on: the axis of steps, its pixel columns, and whether values must be above 0. */
export interface Grid {
  axis: Axis;
  columns: number;
  isLogY: boolean;
}

/**
 * What a line looks like at one pixel column per `columns`-th of an axis: the least and the greatest
 * value of each, so that no spike is lost, and where values are missing. New values are taken in as
 * the line grows; older ones are not looked at again.
 */
export class Envelope {
  readonly #grid: Grid;
  readonly #line: LineValues;
  /** Index of the least and greatest value per column, −1 where it has none. */
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** 1 where a column holds a value that is not drawn. */
  readonly #gaps: Uint8Array;
  #taken = 0;
  /** The nearest values outside of the axis: the line runs on to the edges; −1: none does. */
  #before = -1;
  #after = -1;
  #hasEnded = false;
  #broken: number[] = [];

  constructor(line: LineValues, grid: Grid) {
    this.#line = line;
    this.#grid = grid;
    this.#low = new Int32Array(grid.columns).fill(-1);
    this.#high = new Int32Array(grid.columns).fill(-1);
    this.#gaps = new Uint8Array(grid.columns);
  }

  /** Whether this is the envelope of a line on a grid, as far as it was taken in. */
  fits({ owner, firstStep, values, places, stretch }: LineValues, grid: Grid): boolean {
    const own = this.#line;
    const { axis, columns, isLogY } = this.#grid;
    return (
      own.owner === owner &&
      own.firstStep === firstStep &&
      own.places === places &&
      own.stretch === stretch &&
      this.#taken <= values.length &&
      columns === grid.columns &&
      isLogY === grid.isLogY &&
      axis.min === grid.axis.min &&
      axis.max === grid.axis.max &&
      axis.isLog === grid.axis.isLog
    );
  }

  /** Takes in what is new of the line, which begins as it did in the call before. */
  extend(line: LineValues, budget: Budget): boolean {
    const end = this.#taken + budget.take(line.values.length - this.#taken);
    const isNew = end > this.#taken;
    for (let i = this.#taken; i < end; i++) this.#take(line, i);
    this.#taken = end;
    return isNew;
  }

  /** Places of the last few values that are not finite. */
  get broken(): readonly number[] {
    return this.#broken;
  }

  /** Least and greatest value inside of the axis; null without any. */
  range({ values }: LineValues): readonly [least: number, greatest: number] | null {
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let c = 0; c < this.#low.length; c++) {
      if (this.#low[c]! < 0) continue;
      least = Math.min(least, values[this.#low[c]!]!);
      greatest = Math.max(greatest, values[this.#high[c]!]!);
    }
    return least > greatest ? null : [least, greatest];
  }

  /** The line as it is drawn; values that are left out break it. */
  path(line: LineValues, y: Axis, size: PlotSize): Drawn {
    const drawn = { ...NOTHING };
    const point = (left: number, top: number) => `${tenth(left)} ${tenth(top)}`;
    this.trace(line, y, size, {
      move(left, top) {
        drawn.line += `M${point(left, top)}`;
      },
      line(left, top) {
        drawn.line += `L${point(left, top)}`;
      },
      dot(left, top) {
        drawn.dots += `M${point(left, top)}h0`;
      },
    });
    return drawn;
  }

  /** Draws the line with any pen. */
  trace(line: LineValues, y: Axis, { width, height }: PlotSize, pen: Pen): void {
    const { axis } = this.#grid;
    /** A stroke's first point, until there is a second. */
    let first: readonly [number, number] | null = null;
    let isDown = false;
    const lift = () => {
      if (first !== null) pen.dot(...first);
      first = null;
      isDown = false;
    };
    const draw = (i: number) => {
      const top = height * (1 - position(y, line.values[i]!));
      const left = width * position(axis, Math.max(placeOf(line, i), this.#least()));
      if (!Number.isFinite(top) || !Number.isFinite(left)) {
        lift();
        return;
      }
      if (isDown) {
        if (first !== null) pen.move(...first);
        pen.line(left, top);
      }
      first = isDown ? null : [left, top];
      isDown = true;
    };
    if (this.#before >= 0) draw(this.#before);
    for (let c = 0; c < this.#low.length; c++) {
      const [low, high] = [this.#low[c]!, this.#high[c]!];
      if (low >= 0) {
        draw(Math.min(low, high));
        if (low !== high) draw(Math.max(low, high));
      }
      if (this.#gaps[c] === 1) lift();
    }
    if (this.#after >= 0) draw(this.#after);
    lift();
  }

  /** The values inside of the axis as dots, where there is room for them; else none. */
  dots(line: LineValues, y: Axis, { width, height }: PlotSize): string {
    let [dots, count] = ['', 0];
    for (let c = 0; c < this.#low.length; c++) {
      for (const i of new Set([this.#low[c]!, this.#high[c]!])) {
        if (i < 0) continue;
        if (++count > this.#low.length / PIXELS_PER_DOT) return '';
        const left = width * position(this.#grid.axis, placeOf(line, i));
        dots += `M${left.toFixed(1)} ${(height * (1 - position(y, line.values[i]!))).toFixed(1)}h0`;
      }
    }
    return dots;
  }

  /** Least place that the axis can show at all. */
  #least(): number {
    const { axis } = this.#grid;
    return axis.isLog ? axis.min / 10 : Number.NEGATIVE_INFINITY;
  }

  #take(line: LineValues, i: number): void {
    const { axis, isLogY } = this.#grid;
    const value = line.values[i]!;
    const place = placeOf(line, i);
    const hasValue = Number.isFinite(value);
    const isDrawn = hasValue && (!isLogY || value > 0);
    if (!hasValue) this.#broken = [...this.#broken, place].slice(-MAX_BROKEN);
    if (place < axis.min) {
      this.#before = isDrawn ? i : -1;
      return;
    }
    if (place > axis.max) {
      if (!this.#hasEnded) this.#after = isDrawn ? i : -1;
      this.#hasEnded = true;
      return;
    }
    const columns = this.#low.length;
    const c = Math.min(columns - 1, Math.floor(position(axis, place) * columns));
    if (!isDrawn) {
      this.#gaps[c] = 1;
      return;
    }
    const [low, high] = [this.#low[c]!, this.#high[c]!];
    if (low < 0 || value < line.values[low]!) this.#low[c] = i;
    if (high < 0 || value > line.values[high]!) this.#high[c] = i;
  }
}

function tenth(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

/** Room that each dot of a line wants. */
const PIXELS_PER_DOT = 8;

interface Entry {
  envelope: Envelope;
  drawn: Drawn;
  /** Axis and size that the paths were made for. */
  shape: string;
}

/** The envelopes of a chart's lines, kept from one drawing to the next. */
export class EnvelopeCache {
  #entries = new Map<string, Entry>();

  /** Envelopes of lines by key, brought up to date as far as the budget goes, in their order. */
  update(
    lines: ReadonlyMap<string, LineValues>,
    grid: Grid,
    budget: Budget = new Budget(Number.POSITIVE_INFINITY),
  ): Map<string, Envelope> {
    const now = new Map<string, Entry>();
    const result = new Map<string, Envelope>();
    for (const [key, line] of lines) {
      const known = this.#entries.get(key);
      const entry = known?.envelope.fits(line, grid)
        ? known
        : { envelope: new Envelope(line, grid), drawn: NOTHING, shape: '' };
      if (entry.envelope.extend(line, budget)) entry.shape = '';
      now.set(key, entry);
      result.set(key, entry.envelope);
    }
    this.#entries = now;
    return result;
  }

  /** Draws an updated line with any pen. */
  trace(key: string, line: LineValues, y: Axis, size: PlotSize, pen: Pen): void {
    this.#entries.get(key)?.envelope.trace(line, y, size, pen);
  }

  /**
   * Paths of an updated line; made anew only when line, axis or size have changed.
   * @param hasDots shows each of its values as a dot, while they are few
   */
  draw(key: string, line: LineValues, y: Axis, size: PlotSize, hasDots = false): Drawn {
    const entry = this.#entries.get(key);
    if (entry === undefined) return NOTHING;
    const shape = `${y.min} ${y.max} ${y.isLog} ${size.width} ${size.height} ${hasDots}`;
    if (entry.shape !== shape) {
      entry.drawn = entry.envelope.path(line, y, size);
      const dots = hasDots ? entry.envelope.dots(line, y, size) : '';
      if (dots !== '') entry.drawn.dots = dots;
      entry.shape = shape;
    }
    return entry.drawn;
  }
}
