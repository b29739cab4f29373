/** The page's end of the benchmark, whose code is loaded when it is first asked for. */
import type { BenchmarkWatch, PageBenchmark, PageBenchmarkSize } from '../../bench/inPage.ts';

export type { BenchmarkWatch, PageBenchmark, PageBenchmarkSize };

/**
 * Measures this device in workers and devices of its own; a run that is open is neither asked nor told.
 * @throws the signal's reason when it is aborted
 */
export async function runBenchmark(
  size: PageBenchmarkSize,
  watch: BenchmarkWatch,
  signal: AbortSignal,
): Promise<PageBenchmark> {
  const { benchmarkInPage } = await import('../../bench/inPage.ts');
  return benchmarkInPage(size, watch, signal);
}
