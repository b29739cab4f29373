/**
 * FLOPs and bytes of one dispatch, from the dimensions that the kernel was given and the rows that
 * its experts had. FLOPs are two per multiply-add; bytes count every operand once: a lower bound,
 * reached when caches hold tiles (the cost model of src/accounting/costs.ts, kernel by kernel).
 */
import type { Cost } from '../../accounting/costs.ts';
import type { Dispatch } from '../../gpu/plan.ts';

/** What the experts of one grouped product had to do, in the order of its experts. */
export interface ExpertWork {
  /** Kept rows [E], the mean over the timed steps. */
  rows: readonly number[];
  /** Padded hidden widths [E]. */
  hidden: readonly number[];
}

type Dims = Readonly<Record<string, number>>;

/** Dimensions of one dispatch; one that the kernel does not have is an error. */
type Read = (name: string) => number;
type Formula = (d: Read, work: ExpertWork | null) => Cost;

const FLOAT = 4;

function cost(flops: number, floats: number): Cost {
  return { flops, bytes: FLOAT * floats };
}

/** A product of T rows, N outputs and K inputs that writes `out` floats, or adds to them. */
const linear =
  (out: (T: number, N: number, K: number) => number): Formula =>
  (d) => {
    const [T, N, K] = [d('T'), 4 * d('N4'), 4 * d('K4')];
    const again = d('accumulate') === 1 ? out(T, N, K) : 0;
    return cost(2 * T * N * K, T * N + N * K + T * K + again);
  };

/**
 * A grouped product: per expert with rows, `products` matrix products of n rows, D channels and F
 * units, with `h` floats per row and unit.
 */
const grouped =
  (products: number, h: number): Formula =>
  (d, work) => {
    if (work === null) throw new Error('profile: a grouped product without a row table');
    const D = 4 * d('D4');
    let [flops, floats] = [0, 0];
    work.hidden.forEach((F, e) => {
      const n = work.rows[e] ?? 0;
      flops += 2 * products * n * D * F;
      floats += n * D + products * D * F * (n > 0 ? 1 : 0) + h * n * F;
    });
    return cost(flops, floats);
  };

/** So many FLOPs and floats for each hidden unit of the rows: what software adapters do apart. */
const betweenProducts =
  (flops: number, floats: number): Formula =>
  (_, work) => {
    const units = work?.hidden.reduce((sum, F, e) => sum + F * (work.rows[e] ?? 0), 0) ?? 0;
    return each(units, flops, floats);
  };

/** Causal attention by `products` products over the keys that a query sees. */
const attention =
  (products: number, queries: number, keys: number, stats: number): Formula =>
  (d) => {
    const [T, C] = [d('B') * d('S'), 4 * d('C4')];
    const [Q, K] = [d('H') * C, d('G') * C];
    const perToken = queries * Q + keys * K + stats * d('H');
    return cost(products * T * (d('S') + 1) * Q, T * perToken);
  };

/** So many FLOPs and floats for each of n elements. */
function each(n: number, flops: number, floats: number): Cost {
  return cost(flops * n, floats * n);
}

const channels = (d: Read) => 4 * d('D4');
const slots = (d: Read) => 4 * d('R4');
/** Elements of [T, D], of [T, R], and of all query and key heads. */
const stream = (d: Read) => d('T') * channels(d);
const scores = (d: Read) => d('T') * slots(d);
const heads = (d: Read) => d('T') * (d('H') + d('G')) * d('C');

/** By kernel, without the suffix of a body that suits some adapters. */
const FORMULAS: Readonly<Record<string, Formula>> = {
  'embedding.fwd': (d) => each(stream(d), 0, 2),
  'embedding.bwd': (d) => cost(0, (d('accumulate') + 1) * d('V') * channels(d)),
  'rmsNorm.fwd': (d) => each(stream(d), 4, 3 + d('add')),
  'rmsNorm.bwdX': (d) => each(stream(d), 6, 3 + d('accumulate')),
  'rmsNorm.bwdW': (d) => each(stream(d), 3, 2),
  'linear.fwd': linear((T, N) => T * N),
  'linear.bwdX': linear((T, _, K) => T * K),
  'linear.bwdW': linear((_, N, K) => N * K),
  'headPrepare.fwd': (d) => each(heads(d), 3, 2),
  'headPrepare.bwd': (d) => each(heads(d), 3, 2),
  'headPrepare.bwdW': (d) => each(d('T') * d('G') * d('C'), 5, 2),
  'attention.fwd': attention(2, 2, 2, 1),
  'attention.delta': (d) => {
    const Q = 4 * d('H') * d('CP4');
    return cost(2 * d('T') * Q, d('T') * (2 * Q + d('H')));
  },
  'attention.bwdQ': attention(3, 3, 2, 2),
  'attention.bwdKV': attention(4, 2, 4, 2),
  'routerLogits.fwd': (d) => each(scores(d), 3, 2 + d('noise')),
  'routerLogits.bwd': (d) => each(scores(d), 4, 4),
  'routerTopk.fwd': (d) => cost(d('T') * d('R') * (d('W') + 4), 3 * scores(d) + d('T') * d('W')),
  'routerTopk.bwd': (d) =>
    cost(8 * d('T') * d('R'), (3 + d('accumulate')) * scores(d) + 2 * d('T') * d('W')),
  'dispatch.count': (d) => cost(0, d('W') * (d('T') + d('chunks') * d('R'))),
  'dispatch.plan': (d) => cost(0, 2 * d('W') * d('chunks') * d('R')),
  'dispatch.scatter': (d) => cost(0, 6 * d('W') * d('T')),
  'auxLosses.load': (d) => cost(3 * d('T') * d('R'), 2 * scores(d) + d('T') * (d('W') + 1)),
  'auxLosses.fwd': (d) => each(d('R'), 10, 9),
  'zloss.fwd': (d) => cost(3 * d('T') * d('R'), 2 * scores(d)),
  'zloss.sum': (d) => each(d('T'), 2, 1),
  'zloss.bwd': (d) => each(scores(d), 3, 3),
  'balanceLoss.load': (d) => cost(2 * d('T') * d('R'), scores(d) + d('T') * d('R') * d('W')),
  'balanceLoss.fwd': (d) => each(d('groups') * d('R'), 5, 5),
  'balanceLoss.bwd': (d) => each(scores(d), 5, 4),
  'balanceLoss.history': (d) => each(d('R'), 2, 8),
  'routerTopk.hash': (d) => cost(0, scores(d) + 3 * d('T') * d('W')),
  'expertChoice.keys': (d) => cost(4 * d('T') * d('R'), 4 * scores(d)),
  'expertChoice.threshold': (d) => cost(0, 48 * d('T') * d('R')),
  'expertChoice.fwd': (d) => cost(d('T') * d('R'), 3 * scores(d)),
  'pool.preferences': (d) => each(d('B') * d('S') * d('R'), 2, 2),
  'pool.fwd': (d) => each(d('B') * d('R') * d('R'), 0, 1),
  'pool.mask': (d) => each(scores(d), 0, 2),
  'expertUp.fwd': grouped(2, 3),
  'expertDown.fwd': grouped(1, 1),
  'expertDown.bwdX': grouped(1, 5),
  'expertDown.bwdW': grouped(1, 1),
  'expertUp.bwdX': grouped(2, 2),
  'expertUp.bwdW': grouped(2, 2),
  'swiglu.fwd': betweenProducts(6, 3),
  'swiglu.bwd': betweenProducts(14, 6),
  'combine.fwd': (d) => {
    const [T, D, W] = [d('T'), channels(d), d('W')];
    return cost(2 * T * W * D, T * (D * (W + 1 + d('HAS_SHARED')) + 2 * W));
  },
  'combine.bwd': (d) => {
    const [T, D, W] = [d('T'), channels(d), d('W')];
    return cost(2 * T * W * D, T * (D * (W + 1) + 3 * W));
  },
  'combine.bwdX': (d) => {
    const [T, D, W] = [d('T'), channels(d), d('W')];
    return cost(T * W * D, T * (D * (W + 2 + d('HAS_SHARED')) + 2 * W));
  },
  'crossEntropy.fwd': (d) => {
    const n = d('T') * 4 * d('V4');
    return each(n, 4, 1 + d('backward'));
  },
  columnSum: (d) => each(4 * d('T') * d('C4'), 1, 1),
  'clip.partial': (d) => each(4 * d('N4'), 2, 1),
  'clip.finish': (d) => cost(d('T') + 2 * d('workgroups'), d('T') + d('workgroups')),
  'adamw.fwd': (d) => each(4 * d('N4'), 18, 7),
};

function reader(name: string, dims: Dims): Read {
  return (key) => {
    const value = dims[key];
    if (value === undefined) throw new Error(`profile: ${name} has no dimension ${key}`);
    return value;
  };
}

/** Null for a kernel without a formula. */
export function dispatchCost({ name, dims }: Dispatch, work: ExpertWork | null): Cost | null {
  const formula = FORMULAS[name.replace(/\.(serial|quad)$/, '')];
  return formula ? formula(reader(name, dims), work) : null;
}
