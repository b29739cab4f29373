import type { Dispatch } from '../../gpu/plan.ts';
import type { Slice } from '../../gpu/slice.ts';
import { expertRows, ROW_TILE } from '../../kernels/rowTable.ts';
import type { StepPlan } from '../engine/gpuPasses.ts';
import type { ExpertWork } from './profileCosts.ts';
import type { ExpertTime, StepPhase } from './profileReport.ts';

/** A grouped product: its span in a step, and the set of experts that it multiplies. */
interface Grouped {
  span: number;
  phase: StepPhase;
  set: ExpertSet;
}

/** Experts that share a row table. */
interface ExpertSet {
  layer: number | null;
  /** Whether a router fills the table: else it is a dense layer's or a shared expert's. */
  isRouted: boolean;
  E: number;
  /** Where table and records stand among `reads`. */
  table: number;
  records: number;
  /** Sums over the timed steps [E]. */
  rows: number[];
  hidden: number[];
  forwardMs: number[];
  backwardMs: number[];
}

const IS_GROUPED = /^(expertUp|expertDown|swiglu)\./;
/** Words of an expert's record (`experts_E`), the first of which is its padded width / 4. */
const RECORD_WORDS = 4;

/** Rows of the experts in timed steps, and their parts of the time of grouped products. */
export class ExpertRows {
  /** Row tables and expert records, to be read behind every timed step. */
  readonly reads: readonly Slice[];
  private readonly sets = new Map<GPUBuffer, ExpertSet>();
  private readonly products: readonly Grouped[];
  private steps = 0;

  constructor(plans: readonly StepPlan[]) {
    const reads: Slice[] = [];
    const routed = new Set<GPUBuffer>();
    const products: Grouped[] = [];
    let span = 0;
    for (const { phase, plan } of plans) {
      for (const dispatch of plan.dispatches) {
        const table = dispatch.slices.table;
        if (table && dispatch.name === 'dispatch.plan') routed.add(table.buffer);
        if (IS_GROUPED.test(dispatch.name)) {
          const set = this.setOf(dispatch) ?? this.makeSet(dispatch, reads, routed);
          products.push({ span, phase, set });
        }
        span += 1;
      }
    }
    this.reads = reads;
    this.products = products;
  }

  private setOf({ slices }: Dispatch): ExpertSet | undefined {
    return slices.table && this.sets.get(slices.table.buffer);
  }

  private makeSet(dispatch: Dispatch, reads: Slice[], routed: Set<GPUBuffer>): ExpertSet {
    const { name, slices, dims, layer } = dispatch;
    const { table, experts_E } = slices;
    const E = dims.E;
    if (!table || !experts_E || E === undefined) {
      throw new Error(`profile: ${name} has no row table`);
    }
    const zeros = () => Array.from({ length: E }, () => 0);
    const set: ExpertSet = {
      layer,
      isRouted: routed.has(table.buffer),
      E,
      table: reads.push(table) - 1,
      records: reads.push(experts_E) - 1,
      rows: zeros(),
      hidden: zeros(),
      forwardMs: zeros(),
      backwardMs: zeros(),
    };
    this.sets.set(table.buffer, set);
    return set;
  }

  /**
   * Adds a timed step.
   * @param words those of `reads`
   * @param spent milliseconds by span; null where the clock failed
   */
  add(words: readonly Uint32Array[], spent: readonly (number | null)[]): void {
    this.steps += 1;
    const work = new Map<ExpertSet, number[]>();
    for (const set of this.sets.values()) {
      const rows = expertRows(words[set.table] ?? new Uint32Array(), set.E);
      const records = words[set.records];
      set.hidden = rows.map((_, e) => 4 * (records?.[e * RECORD_WORDS] ?? 0));
      set.rows = set.rows.map((sum, e) => sum + (rows[e] ?? 0));
      const padded = rows.map((n, e) => Math.ceil(n / ROW_TILE) * (set.hidden[e] ?? 0));
      const total = padded.reduce((sum, n) => sum + n, 0);
      work.set(
        set,
        padded.map((n) => n / Math.max(total, 1)),
      );
    }
    for (const { span, phase, set } of this.products) {
      const sums = phase === 'forward' ? set.forwardMs : set.backwardMs;
      work.get(set)?.forEach((share, e) => {
        sums[e] = (sums[e] ?? 0) + share * (spent[span] ?? 0);
      });
    }
  }

  /** What a grouped product had to do, the mean over the timed steps; null for another kernel. */
  workOf(dispatch: Dispatch): ExpertWork | null {
    const set = IS_GROUPED.test(dispatch.name) ? this.setOf(dispatch) : undefined;
    return set ? { rows: this.mean(set.rows), hidden: set.hidden } : null;
  }

  private mean(sums: readonly number[]): number[] {
    return sums.map((sum) => sum / Math.max(1, this.steps));
  }

  /** The experts of routed layers, in order. */
  report(): ExpertTime[] {
    return [...this.sets.values()].flatMap((set) => {
      if (!set.isRouted || set.layer === null || this.steps === 0) return [];
      const { layer } = set;
      const rows = this.mean(set.rows);
      const [forwardMs, backwardMs] = [this.mean(set.forwardMs), this.mean(set.backwardMs)];
      return rows.map((n, expert) => ({
        layer,
        expert,
        hidden: set.hidden[expert] ?? 0,
        rows: n,
        forwardMs: forwardMs[expert] ?? 0,
        backwardMs: backwardMs[expert] ?? 0,
      }));
    });
  }
}
