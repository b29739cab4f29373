/**
 * Figures as rows. A figure is what one chapter of docs/analysis.md defines: fields per MoE layer and
 * fields over the whole inspection, each a row with its words and its formula. Pages, commands and
 * recipes read the same rows.
 */
import type { Inspection, Intervention } from '../inspection.ts';

/** Row-major. Counts, indices and width sums are whole; undefined is NaN, or −1 where an index. */
export interface FigureTensor {
  shape: readonly number[];
  data: Int32Array | Float64Array;
}

/** A number, NaN where it is undefined, or an array of them. */
export type FigureValue = number | FigureTensor;

/** How a value is shown: nothing is rounded before. */
export type FigureFormat =
  | 'count'
  | 'percent'
  | 'ratio'
  | 'decimal'
  | 'nats'
  | 'bits'
  | 'units'
  | 'index';

/**
 * Axes of an array: W ranks, R slots, N FFN experts, K kinds, M domains, C token classes, U tokens,
 * S positions, B sequences of a batch, Q sequences. The others are named.
 */
export type FigureAxis =
  | 'W'
  | 'R'
  | 'N'
  | 'K'
  | 'M'
  | 'C'
  | 'U'
  | 'S'
  | 'B'
  | 'Q'
  | 'computing'
  | 'decile'
  | 'sign'
  | 'next'
  | 'bin'
  | 'interval'
  | 'quantile'
  | 'threshold'
  | 'id'
  | 'top'
  | 'kept'
  | 'set';

/** One field. `C` is what it is computed from. */
export interface FigureRow<C, V extends FigureValue = FigureValue> {
  label: string;
  formula: string;
  meaning: string;
  /** The paper that it comes from; `own` for none, `field` for what is common. */
  source: string;
  format: FigureFormat;
  /** Of an array, slowest first. */
  axes?: readonly FigureAxis[];
  /** What a balanced or best router gives, of element i of an array. */
  ideal?: (of: C, i: number) => number | null;
  compute: (of: C) => V;
}

export type FigureRows<C> = Readonly<Record<string, FigureRow<C>>>;

/** The values of rows, by name. */
export type ValuesOf<F> = {
  [K in keyof F]: F[K] extends { compute: (of: never) => infer V } ? V : never;
};

/** What figures are computed of. */
export interface FigureInputs {
  inspection: Inspection;
  /** `router.tau`: the ideal weights of `load`. */
  tau?: number;
  /** UTF-8 bytes of the tokens by id; an id beyond them has none. */
  texts?: readonly Uint8Array[];
  /** The same tokens under another model. */
  baseline?: Inspection;
  /** The same tokens under other parameters of the same model. */
  reference?: Inspection;
  /** Whether evaluation drops what exceeds capacity. */
  capacity?: boolean;
  /** ce [U] of the figure's `passes`, in their order. */
  losses?: readonly Float32Array[];
}

export interface FigureResult<LF, OF> {
  /** Over the inspection, or over its layers; none without MoE layers, but for figures of `dense`. */
  values: ValuesOf<OF>;
  layers: readonly { layer: number; values: ValuesOf<LF> }[];
}

/** The parts of a figure; `A` are its arguments, `L` and `O` what the rows are computed from. */
interface FigureParts<A, L, O, LF, OF> {
  id: string;
  title: string;
  /** Whether a model without MoE layers has its values over the inspection. */
  dense?: true;
  /** Passes with interventions that it needs the losses of. */
  passes?: (inputs: FigureInputs, args: A) => readonly (readonly Intervention[])[];
  /** Of the MoE layer at a place among them; null where it has none. */
  ofLayer: (inputs: FigureInputs, args: A, place: number) => L | null;
  layerRows: LF & FigureRows<L>;
  over: (inputs: FigureInputs, args: A, layers: readonly L[]) => O;
  rows: OF & FigureRows<O>;
}

export interface Figure<A, L, O, LF, OF> extends FigureParts<A, L, O, LF, OF> {
  compute(inputs: FigureInputs, args: A): FigureResult<LF, OF>;
}

/** Every row's value. */
export function valuesOf<C, F>(rows: F & FigureRows<C>, of: C): ValuesOf<F> {
  const named: FigureRows<C> = rows;
  const values = Object.entries(named).map(([name, row]) => [name, row.compute(of)]);
  return Object.fromEntries(values) as ValuesOf<F>;
}

/** What all layers of a figure need of the same inputs, computed once for them. */
export function perInputs<T>(of: (inputs: FigureInputs) => T): (inputs: FigureInputs) => T {
  const known = new WeakMap<FigureInputs, { value: T }>();
  return (inputs) => {
    const found = known.get(inputs) ?? { value: of(inputs) };
    known.set(inputs, found);
    return found.value;
  };
}

/** Makes a figure of its parts; its type is that of its arguments, of `L` and of `O`. */
export function figureOf<A, L, O>() {
  return <LF extends FigureRows<L>, OF extends FigureRows<O>>(
    parts: FigureParts<A, L, O, LF, OF>,
  ): Figure<A, L, O, LF, OF> => ({
    ...parts,
    compute(inputs, args) {
      const { layers } = inputs.inspection;
      const contexts = layers.map((_, place) => parts.ofLayer(inputs, args, place));
      const known = contexts.filter((context) => context !== null);
      const isEmpty = layers.length === 0 && parts.dense !== true;
      return {
        values: isEmpty
          ? ({} as ValuesOf<OF>)
          : valuesOf<O, OF>(parts.rows, parts.over(inputs, args, known)),
        layers: layers.flatMap(({ layer }, place) => {
          const context = contexts[place] ?? null;
          return context === null
            ? []
            : [{ layer, values: valuesOf<L, LF>(parts.layerRows, context) }];
        }),
      };
    },
  });
}

export function whole(shape: readonly number[], data: ArrayLike<number>) {
  return { shape, data: data instanceof Int32Array ? data : Int32Array.from(data) };
}

/** Real numbers from a function of the element. */
export function real(
  shape: readonly number[],
  value: (i: number) => number,
): FigureTensor & { data: Float64Array } {
  const length = shape.reduce((n, axis) => n * axis, 1);
  return { shape, data: Float64Array.from({ length }, (_, i) => value(i)) };
}
