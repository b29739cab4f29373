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

export type BySubject<T> = Partial<Record<SubjectName, T>>;

/** What `npm run bench -- --json` writes; a part that was not asked for is absent. */
export interface BenchReport {
  adapter: string;
  runner: 'chromium' | 'node';
  rounds: number;
  /** Multiply-adds in registers, two FLOPs each, in 10⁹ per second. */
  fmaGflops: number;
  /** A kernel that copies: bytes read and written, in 10⁹ per second. */
  copyGBs: number;
  train?: Partial<Record<'S' | 'M', BySubject<TrainFigures>>>;
  moeForward?: BySubject<{ ms: number }>;
  matmul?: MatmulRow[];
}
