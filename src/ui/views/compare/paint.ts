/** Drawing many lines onto a canvas, a few in each task, so that no task is long. */
import { Budget } from '../../kit/charts/budget.ts';
import {
  type Drawn,
  Envelope,
  EnvelopeCache,
  type Grid,
  type Pen,
  type PlotSize,
  placeOf,
} from '../../kit/charts/envelope.ts';
import { type Axis, position, valueAxis } from '../../kit/charts/scale.ts';
import type { CompareLine } from './lines.ts';

/** Values that are taken in per task. */
const TAKEN_AT_ONCE = 40_000;
/** How long a task draws lines. */
const SLICE_MS = 8;
/** Points that all lines together are drawn with, and the fewest columns that one is worth. */
const MOST_POINTS = 60_000;
const FEWEST_COLUMNS = 120;

export interface Painting {
  lines(budget: Budget): readonly CompareLine[];
  x: Axis;
  isLogY: boolean;
  size: PlotSize;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Colour as the canvas takes it. */
  colorOf(css: string): string;
}

export interface Painted {
  lines: readonly CompareLine[];
  y: Axis;
  hasValues: boolean;
  /** First and last place of any line. */
  extent: readonly [first: number, last: number];
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Columns that each of so many lines is drawn with. */
export function columnsFor(count: number, width: number): number {
  const each = Math.floor(MOST_POINTS / 2 / Math.max(1, count));
  return Math.max(60, Math.min(Math.round(width), Math.max(FEWEST_COLUMNS, each)));
}

/** Least and greatest of a band inside of the axis. */
function bandRange(line: CompareLine, x: Axis): number[] {
  const { deviation, values } = line;
  if (deviation === undefined) return [];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const place = placeOf(line, i);
    const [value, off] = [values[i]!, deviation[i]!];
    if (place < x.min || place > x.max || !Number.isFinite(value + off)) continue;
    low = Math.min(low, value - off);
    high = Math.max(high, value + off);
  }
  return low > high ? [] : [low, high];
}

/** The area of one deviation round a mean, at about one point per column. */
function fillBand(
  context: OffscreenCanvasRenderingContext2D,
  line: CompareLine,
  { x, y, size, columns }: { x: Axis; y: Axis; size: PlotSize; columns: number },
): void {
  const { deviation, values } = line;
  if (deviation === undefined) return;
  const every = Math.max(1, Math.floor(values.length / columns));
  const points: number[] = [];
  for (let i = 0; i < values.length; i += every) points.push(i);
  if (points.at(-1) !== values.length - 1) points.push(values.length - 1);
  const place = (i: number, sign: number) => {
    const top = size.height * (1 - position(y, values[i]! + sign * deviation[i]!));
    const left =
      size.width * position(x, Math.max(placeOf(line, i), x.isLog ? x.min / 10 : -1e300));
    if (Number.isFinite(top) && Number.isFinite(left)) context.lineTo(left, top);
  };
  context.beginPath();
  for (const i of points) place(i, 1);
  for (const i of points.reverse()) place(i, -1);
  context.fill();
}

function penOf(context: OffscreenCanvasRenderingContext2D): Pen {
  return {
    move: (left, top) => context.moveTo(left, top),
    line: (left, top) => context.lineTo(left, top),
    dot: (left, top) => {
      context.moveTo(left - 1.5, top);
      context.lineTo(left + 1.5, top);
    },
  };
}

/** Paints the lines of one chart; what is asked for later takes the place of what goes on. */
export class Painter {
  readonly cache = new EnvelopeCache();
  #current: object | null = null;
  #back: OffscreenCanvas | null = null;

  stop(): void {
    this.#current = null;
  }

  /**
   * Draws all lines into a canvas at once when the last is done.
   * @returns what was drawn; null where another painting took its place
   */
  async paint(canvas: HTMLCanvasElement, painting: Painting): Promise<Painted | null> {
    const own = {};
    this.#current = own;
    const isOver = () => this.#current !== own;
    const taken = await this.#take(painting, isOver);
    if (taken === null) return null;
    const { lines, envelopes, grid } = taken;
    const ranges: number[] = [];
    for (const line of lines) {
      ranges.push(...(envelopes.get(line.key)?.range(line) ?? []), ...bandRange(line, painting.x));
    }
    const y = valueAxis(ranges, painting.isLogY);
    const isDone = await this.#draw(canvas, painting, { lines, y, columns: grid.columns, isOver });
    if (!isDone) return null;
    const ends = lines.flatMap((line) => {
      const n = line.values.length;
      return n === 0 ? [] : [Math.floor(placeOf(line, 0)), Math.ceil(placeOf(line, n - 1) - 1e-9)];
    });
    const extent = [Math.min(...ends, Number.POSITIVE_INFINITY), Math.max(0, ...ends)] as const;
    return { lines, y, hasValues: ranges.length > 0, extent };
  }

  /** All values taken in, some in each task. */
  async #take({ lines: linesOf, x, isLogY, size }: Painting, isOver: () => boolean) {
    for (;;) {
      const budget = new Budget(TAKEN_AT_ONCE);
      const lines = linesOf(budget);
      const grid: Grid = { axis: x, columns: columnsFor(lines.length, size.width), isLogY };
      const byKey = new Map(lines.map((line) => [line.key, line]));
      const envelopes: ReadonlyMap<string, Envelope> = this.cache.update(byKey, grid, budget);
      if (!budget.isShort) return { lines, envelopes, grid };
      await nextTask();
      if (isOver()) return null;
    }
  }

  async #draw(
    canvas: HTMLCanvasElement,
    { x, size, ratio, colorOf }: Painting,
    {
      lines,
      y,
      columns,
      isOver,
    }: { lines: readonly CompareLine[]; y: Axis; columns: number; isOver: () => boolean },
  ): Promise<boolean> {
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    this.#back ??= new OffscreenCanvas(width, height);
    // Setting a size clears it too.
    Object.assign(this.#back, { width, height });
    // What is read now and then is drawn by the processor, at once when it is read.
    const context = this.#back.getContext('2d', { willReadFrequently: true });
    if (context === null) return false;
    context.scale(ratio, ratio);
    context.lineJoin = 'bevel';
    context.lineWidth = lines.length > 40 ? 1 : 1.5;
    const pen = penOf(context);
    let until = performance.now() + SLICE_MS;
    for (const line of lines) {
      const color = colorOf(line.color);
      context.fillStyle = color;
      context.strokeStyle = color;
      context.globalAlpha = 0.16;
      fillBand(context, line, { x, y, size, columns });
      context.globalAlpha = lines.length > 40 ? 0.75 : 1;
      context.setLineDash((line.dash ?? '').split(' ').filter(Boolean).map(Number));
      context.beginPath();
      this.cache.trace(line.key, line, y, size, pen);
      context.stroke();
      // Strokes are only noted down until somebody looks: then all of them would be drawn in one task.
      context.getImageData(0, 0, 1, 1);
      if (performance.now() < until) continue;
      await nextTask();
      if (isOver()) return false;
      until = performance.now() + SLICE_MS;
    }
    Object.assign(canvas, { width, height });
    const front = canvas.getContext('2d');
    front?.drawImage(this.#back, 0, 0);
    return true;
  }
}

/** One line as an SVG draws it. */
export function drawnLine(line: CompareLine, { y }: Painted, x: Axis, size: PlotSize): Drawn {
  const grid = { axis: x, columns: Math.max(60, Math.round(size.width)), isLogY: y.isLog };
  const envelope = new Envelope(line, grid);
  envelope.extend(line, new Budget(Number.POSITIVE_INFINITY));
  return envelope.path(line, y, size);
}
