import type { Interval } from '../src/recipes/statistics/effect.ts';
import type { PageMetrics } from './pageMetrics.ts';
import type { RunnerName } from './runner.ts';
import type { ShapeName } from './shapes.ts';
import type { ProductSize, SubjectName } from './subject.ts';

/** Whole steps of one subject at one shape. Times in ms, medians over rounds. */
export interface TrainFigures {
  msPerStep: number;
  /** (slowest − fastest round) / median */
  spread: number;
  /** Time of a step over that of the dense twin with the same active width. */
  moeOverDense: number;
  /** From the worker's start, library included, to the end of the first step. */
  firstStepMs: number;
  /** Losses of the first steps, the same for all subjects. */
  losses: number[];
  /** The first of them. */
  loss: number;
  /** Per step, as are the next. */
  dispatches: number;
  submits: number;
  /** GPU objects of all kinds, but command encoders. */
  objectsCreated: number;
  buffersCreated: number;
}

export interface MatmulRow extends ProductSize {
  subject: SubjectName | 'naive';
  /** Rows in 8 equal groups, each with a weight of its own. */
  grouped: boolean;
  gflops: number;
}

/** All dispatches of one kernel in a step. Null: what it computes or moves is not known. */
export interface KernelRow {
  name: string;
  ms: number;
  calls: number;
  gflops: number | null;
  gbs: number | null;
  /** Of `fmaGflops`, of `copyGBs`. */
  shareOfFma: number | null;
  shareOfCopy: number | null;
}

export interface ScalingRow {
  experts: number;
  msWithoutOptimizer: number;
}

/** Whole steps with one mechanism of the balancing lab, in pairs with steps without any. */
export interface BalancingRow {
  mechanism: string;
  ms: number;
  /** Median over the pairs: ms over that of the neighbouring step without any. */
  overPlain: number;
  /** Holds that median with 95 %; null for fewer than six pairs. */
  interval: Interval | null;
  /** Kernels that it alone has less those that `plain` alone has, over all of `plain`, by timestamps. */
  addedShare: number;
  /** Per step. */
  dispatches: number;
}

export interface ExpertForwardRow {
  tau: number;
  ms: number;
  /** fixedMs + (plainMs − fixedMs)·share of the FFN slots. */
  formula: number;
}

export interface MemoryReport {
  /** Buffers created and not destroyed. */
  measuredBytes: number;
  /** What the page shows before a run. */
  estimatedBytes: number;
}

export interface GrowthReport {
  steps: number;
  gpuBytesBefore: number;
  gpuBytesAfter: number;
  /** Null where the runtime does not tell. */
  jsHeapBefore: number | null;
  jsHeapAfter: number | null;
  /** GPU objects made in all of the steps. */
  objectsCreated: number;
}

/** Passes over one batch, medians. */
export interface InspectReport {
  /** inspectMs / evaluateMs, the largest of the shapes. */
  ratio: number;
  shapes: Partial<Record<ShapeName, { evaluateMs: number; inspectMs: number; ratio: number }>>;
}

/** Greedy texts up to the end of a window of 256, ms per token, medians. */
export interface DecodeFigures {
  /** Texts at once. */
  prompts: number;
  /** A token for which the window of one text is computed. */
  windowMs: number;
  /** A token of one of the texts, by keys and values that are kept. */
  tokenMs: number;
  /** The prompts and the first token of each. */
  promptMs: number;
  tokensPerSec: number;
  /** windowMs / tokenMs */
  speedup: number;
  /** The same with the prompts' time shared among the 64 tokens of each. */
  speedupWithPrompt: number;
}

export interface DecodeReport {
  /** At M's widths, one text. */
  tokensPerSec: number;
  /** The smaller of both. */
  speedup: number;
  M: DecodeFigures;
  default: DecodeFigures;
}

/** What keeping a run in the library takes, waited for from end to end. */
export interface CheckpointReport {
  shape: ShapeName;
  /** Of the time that a run trains: a checkpoint each minute, or less often where one takes long, metrics every three seconds. */
  share: number;
  /** Reading the state, writing it as a file, storing it; in Node in memory. */
  checkpointMs: number;
  /** Storing the records of 64 steps. */
  appendMs: number;
  /** Of one checkpoint. */
  bytes: number;
}

export type BySubject<T> = Partial<Record<SubjectName, T>>;

/** What `npm run bench -- --json` writes; a part that was not asked for is absent. */
export interface BenchReport {
  /** Of Switchyard. */
  version: string;
  /** Day of the measurement, YYYY-MM-DD. */
  date: string;
  /** Processor and cores as far as the runner tells: what a software adapter runs on. */
  machine: string;
  adapter: string;
  runner: RunnerName;
  rounds: number;
  /** Multiply-adds in registers, two FLOPs each, in 10⁹ per second. */
  fmaGflops: number;
  /** A kernel that copies: bytes read and written, in 10⁹ per second. */
  copyGBs: number;
  train?: Partial<Record<ShapeName, BySubject<TrainFigures>>>;
  moeForward?: BySubject<{ ms: number }>;
  matmul?: MatmulRow[];
  kernels?: Partial<Record<ShapeName, KernelRow[]>>;
  /** Sum of the kernels' times over the wall time of a step, at the largest shape measured. */
  gpuBusy?: number;
  /** M's widths, T 4096, top-2, experts of one width. */
  scaling?: ScalingRow[];
  /** At the largest shape measured. */
  balancing?: BalancingRow[];
  expertForward?: ExpertForwardRow[];
  /** Experts' forward time without any FFN assignment, and of a layer with FFN slots alone. */
  fixedMs?: number;
  plainMs?: number;
  gpuMemory?: MemoryReport;
  growth?: GrowthReport;
  inspect?: InspectReport;
  decode?: DecodeReport;
  checkpoint?: CheckpointReport;
  page?: PageMetrics;
}
