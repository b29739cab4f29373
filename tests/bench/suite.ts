import { measureTraining } from './parts/train.ts';
import type { BenchReport } from './report.ts';
import type { Runner } from './runner.ts';
import type { ShapeName } from './shapes.ts';
import type { SubjectName } from './subject.ts';

/** What can be measured by itself. */
export const PARTS = ['train'] as const;
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
  /** Says what is under way, a line at a time. */
  log(line: string): void;
}

/** Runs the parts one after another, each in workers of its own. */
export async function runSuite(suite: Suite): Promise<BenchReport> {
  const { runner, rounds, parts, shapes } = suite;
  const session = await runner.start('ours');
  const adapter = await session.open();
  suite.log(`${adapter}, ${runner.name}`);
  await session.close();
  const report: BenchReport = { adapter, runner: runner.name, rounds, fmaGflops: 0, copyGBs: 0 };
  if (parts.includes('train')) {
    report.train = {};
    for (const shape of shapes) report.train[shape] = await measureTraining(suite, shape);
  }
  return report;
}
