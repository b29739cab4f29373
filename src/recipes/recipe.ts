/**
 * A claim of a paper as data: runs, what is held equal among them, what is measured, and by which effect
 * the claim is judged. Everything is JSON; nothing here computes.
 */
import type { Change } from '../config/experiment.ts';
import type { Measurement } from './measurement.ts';
import type { SourceId } from './sources.ts';
import type { Read, Term } from './term.ts';

export const BUDGETS = ['quick', 'standard', 'long'] as const;
export type BudgetName = (typeof BUDGETS)[number];

/** Length and size of a recipe's runs. */
export interface Budget {
  /** Training steps of a variant that says nothing else. */
  steps: number;
  /** What this budget sets otherwise in the base, e.g. a larger batch. */
  edits?: Change;
}

/** Training that costs as much as another variant's: its steps follow from the accounting. */
export interface EqualCompute {
  /** Variant whose training compute C = 3·M·tokens is met. */
  to: string;
  /** Times that compute; 1 where absent. */
  times?: number;
}

/** A setting that follows from a measured figure of another variant of the same seed. */
export interface Derived {
  from: Read;
  /** `width`: hidden width of every FFN slot, rounded to whole numbers of `step`. */
  sets: 'width';
  step: number;
}

/** One model of the recipe. */
export interface Variant {
  id: string;
  label: string;
  /** Edits of the base, after those of the budget. */
  edits: Change;
  /** Its steps, where not the budget's: a share of those, or what equal compute buys. */
  steps?: { share: number } | { compute: EqualCompute };
  derived?: Derived;
  /** Unique training tokens as a share of those of the run; all there is where absent. */
  uniqueShare?: number;
}

/**
 * What the accounting has to find equal within 1 % before anything runs. N, Na: the papers' parameters, in
 * total and active; D: tokens; C: 3·M·D; `flops`: those that the kernels do in all steps, by nominal loads.
 */
export const RESOURCES_HELD = ['N', 'Na', 'C', 'D', 'flops'] as const;
export type ResourceHeld = (typeof RESOURCES_HELD)[number];

export interface Held {
  resource: ResourceHeld;
  /** Variants among which it is equal; all of them where absent. */
  among?: readonly string[];
}

/** The paper's side of a claim; `none`: no difference is claimed. */
export type Side = '<' | '>' | 'none';

/** What numbers of an effect or an axis are. */
export type Unit =
  | 'nats'
  | 'bits'
  | 'share'
  | 'ratio'
  | 'ms'
  | 'count'
  | 'width'
  | 'score'
  | 'none';

/** How an effect is tested over seeds (docs/statistics.md). */
export type Test =
  /** variant − reference, or variant/reference − 1. */
  | { test: 'difference'; variant: Term; reference: Term; measure?: 'difference' | 'ratio' }
  /** The figure itself against 0; with `places` a list, of which the mean counts over the places that no seed lacks. */
  | { test: 'value'; value: Term; places?: readonly string[] }
  /** Least-squares slope per seed of values over settings. */
  | { test: 'trend'; settings: Term; values: Term }
  | { test: 'optimum'; settings: Term; values: Term; better: 'lower' | 'higher' }
  /**
   * Several effects, adjusted after Holm; `all`: together they are the effect, else they are listed. `check`: of
   * each is told whether its mean lies within its margin, without a test.
   */
  | { test: 'parts'; parts: readonly Effect[]; all: boolean; check?: true }
  /** Share of the seeds in which `hit` is 1, against a chance. */
  | { test: 'share'; hit: Term; chance: number };

export type Effect = {
  id: string;
  label: string;
  side: Side;
  unit: Unit;
  /** Differences within it count as none; null where nothing is equivalent. */
  margin: number | null;
  /** Why another margin than the standard one of its unit. */
  marginReason?: string;
  /** *Equivalent* is the paper's side too: "no worse". */
  noWorse?: true;
} & Test;

/** A line or a group of bars: points per seed, drawn as means with their spread. */
export interface Series {
  label: string;
  x: Term;
  y: Term;
  /** Dashed across the whole width: one value. */
  level?: true;
}

export interface Axis {
  label: string;
  unit: Unit;
  scale?: 'linear' | 'log';
  /** Names of the places 0, 1, … of a categorical axis. */
  names?: readonly string[];
}

/** Columns of one of the paper's printed tables, drawn in a panel of its own, never among own results. */
export interface PrintedColumns {
  /** Where in the paper; a table of src/analysis/papers. */
  where: string;
  x: string;
  y: string;
  /** Only rows with these cells, or with one of several. */
  only?: Readonly<Record<string, string | readonly string[]>>;
  /** What tells the points from others of the same columns; the cells of `only` where absent. */
  label?: string;
}

export type FigureSpec = { id: string; title: string } & (
  | {
      kind: 'lines' | 'points' | 'bars';
      x: Axis;
      y: Axis;
      series: readonly Series[];
      printed?: readonly PrintedColumns[];
    }
  /** A row per variant or setting, a column per term: mean over seeds and spread. */
  | {
      kind: 'table';
      columns: readonly { label: string; unit: Unit }[];
      rows: readonly { label: string; cells: readonly Term[] }[];
    }
);

/** Numbers that the paper prints, for the panel beside the own ones. */
export interface PrintedReference {
  /** Where they stand, e.g. "Table 5"; a table of src/analysis/papers where `inTable`. */
  where: string;
  inTable: boolean;
  /** What they say, in one sentence with the numbers. */
  says: string;
}

export interface Recipe {
  format: 1;
  /** `modse-1` … `ladimo-6`, `equalres-1a`, `balancing-1`. */
  name: string;
  paper: SourceId;
  /** Number of the claim in its paper: "1" … "6", "1a". */
  number: string;
  title: string;
  /** What the paper claims. */
  claim: string;
  /** What is otherwise here than in the paper, and why. */
  remark: string;
  /** Edits of the default experiment. */
  base: Change;
  /** Warm-up as a share of a run's steps. */
  warmup: number;
  variants: readonly Variant[];
  /** Numbers of the seeds that are run where nothing else is asked for. */
  seeds: readonly number[];
  budgets: Readonly<Record<BudgetName, Budget>>;
  held: readonly Held[];
  measurements: readonly Measurement[];
  /** By which the claim is judged; null where a figure is drawn without a claim. */
  primary: Effect | null;
  shown: readonly Effect[];
  figures: readonly FigureSpec[];
  printed: readonly PrintedReference[];
}
