/** The benchmark in the product's own page: the command's code and report, without what needs Node. */
import { deviceFileName } from './deviceFile.ts';
import type { BenchReport } from './report.ts';
import { pageRunner } from './runner.page.ts';
import { type PartName, runSuite, type SuiteOptions } from './suite.ts';

const PARTS: readonly PartName[] = ['train', 'moeForward', 'matmul', 'kernels'];

export type PageBenchmarkSize = Pick<SuiteOptions, 'shapes' | 'rounds' | 'steps'>;

/** Hears what is under way, and how many parts are done. */
export interface BenchmarkWatch {
  log(line: string): void;
  advance(done: number, of: number): void;
}

export interface PageBenchmark {
  report: BenchReport;
  /** Under which the report belongs to `bench/devices`. */
  fileName: string;
}

/** @throws the signal's reason when it is aborted; all workers and devices are gone then */
export async function benchmarkInPage(
  size: PageBenchmarkSize,
  watch: BenchmarkWatch,
  signal: AbortSignal,
): Promise<PageBenchmark> {
  signal.throwIfAborted();
  const runner = pageRunner();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const machine = `${navigator.hardwareConcurrency} logical cores`;
  const suite = { ...size, ...watch, parts: PARTS, subjects: ['ours'] as const, machine, runner };
  try {
    const report = await Promise.race([runSuite(suite), aborted, runner.failed]);
    return { report, fileName: deviceFileName(report) };
  } finally {
    await runner.close();
  }
}
