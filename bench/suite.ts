import { version } from '../package.json';
import { measureBalancing } from './parts/balancing.ts';
import { measureDecoding } from './parts/decode.ts';
import {
  measureExpertForward,
  measureGrowth,
  measureKernels,
  measureMemory,
  measureScaling,
} from './parts/engine.ts';
import { measureInspections } from './parts/inspect.ts';
import { measureKeeping } from './parts/keep.ts';
import { type Limits, measureLimits } from './parts/limits.ts';
import { measureLayer, measureProducts } from './parts/single.ts';
import { measureTraining } from './parts/train.ts';
import type { BenchReport } from './report.ts';
import type { Runner } from './runner.ts';
import type { ShapeName } from './shapes.ts';
import type { SubjectName } from './subject.ts';

/** What can be measured by itself, in the order in which it is. */
export const PARTS = [
  'train',
  'moeForward',
  'matmul',
  'kernels',
  'scaling',
  'balancing',
  'expertForward',
  'gpuMemory',
  'growth',
  'inspect',
  'decode',
  'checkpoint',
  'page',
] as const;
export type PartName = (typeof PARTS)[number];

export interface SuiteOptions {
  parts: readonly PartName[];
  shapes: readonly ShapeName[];
  subjects: readonly SubjectName[];
  rounds: number;
  /** Most steps in one round. */
  steps: number;
}

export interface Suite extends SuiteOptions {
  runner: Runner;
  /** What the adapter is in, as the report tells it: processor and cores. */
  machine: string;
  /** Says what is under way, a line at a time. */
  log(line: string): void;
  /** Hears how many parts are done, the limits first. */
  advance?(done: number, of: number): void;
}

type Measured = Partial<BenchReport>;

/** The largest of the shapes that are measured. */
function largest({ shapes }: Suite): ShapeName {
  return shapes.includes('L') ? 'L' : shapes.includes('M') ? 'M' : 'S';
}

async function measureTrainings(suite: Suite): Promise<Measured> {
  const train: BenchReport['train'] = {};
  for (const shape of suite.shapes) train[shape] = await measureTraining(suite, shape);
  return { train };
}

async function measureProfiles(suite: Suite, limits: Limits): Promise<Measured> {
  const kernels: BenchReport['kernels'] = {};
  const report: Measured = { kernels };
  for (const shape of suite.shapes) {
    const { rows, gpuBusy } = await measureKernels(suite, shape, limits);
    kernels[shape] = rows;
    if (shape === largest(suite)) report.gpuBusy = gpuBusy;
  }
  return report;
}

async function measurePart(suite: Suite, part: PartName, limits: Limits): Promise<Measured> {
  switch (part) {
    case 'train':
      return measureTrainings(suite);
    case 'moeForward':
      return { moeForward: await measureLayer(suite) };
    case 'matmul':
      return { matmul: await measureProducts(suite) };
    case 'kernels':
      return measureProfiles(suite, limits);
    case 'scaling':
      return { scaling: await measureScaling(suite) };
    case 'balancing':
      return { balancing: await measureBalancing(suite, largest(suite)) };
    case 'expertForward':
      return measureExpertForward(suite);
    case 'gpuMemory':
      return { gpuMemory: await measureMemory(suite, largest(suite)) };
    case 'growth':
      return { growth: await measureGrowth(suite) };
    case 'inspect':
      return { inspect: await measureInspections(suite) };
    case 'decode':
      return { decode: await measureDecoding(suite) };
    case 'checkpoint':
      return { checkpoint: await measureKeeping(suite, largest(suite)) };
    case 'page': {
      const { runner, log } = suite;
      return runner.measurePage ? { page: await runner.measurePage(log) } : {};
    }
  }
}

/** Runs the parts one after another, each in workers of its own. */
export async function runSuite(suite: Suite): Promise<BenchReport> {
  const { runner, machine, rounds } = suite;
  const parts = PARTS.filter((name) => suite.parts.includes(name));
  const advance = (done: number) => suite.advance?.(done, parts.length + 1);
  advance(0);
  const limits = await measureLimits(suite);
  const date = new Date().toISOString().slice(0, 10);
  const about = { version, date, machine, runner: runner.name, rounds };
  let report: BenchReport = { ...about, ...limits };
  for (const [i, part] of parts.entries()) {
    advance(i + 1);
    report = { ...report, ...(await measurePart(suite, part, limits)) };
  }
  return report;
}
