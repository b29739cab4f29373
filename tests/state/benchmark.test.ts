import { expect, it, vi } from 'vitest';
import type { BenchReport } from '../../bench/report.ts';
import { createBenchmark, type PageBenchmarkSize } from '../../src/state/benchmark.ts';
import type { BenchmarkWatch, PageBenchmark } from '../../src/worker/benchmark.ts';
import { testLab } from './support.ts';

const SIZE: PageBenchmarkSize = { shapes: ['S'], rounds: 1, steps: 1 };
const RESULT: PageBenchmark = { report: { adapter: 'a' } as BenchReport, fileName: 'a.page.json' };

/** A benchmark that is under way until it is let go or aborted. */
async function heldBenchmark() {
  const { lab, trainer, called } = await testLab();
  let watch: BenchmarkWatch | undefined;
  let finish: (result: PageBenchmark) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const measure = vi.fn((_: PageBenchmarkSize, heard: BenchmarkWatch, signal: AbortSignal) => {
    watch = heard;
    return new Promise<PageBenchmark>((resolve, reject) => {
      finish = resolve;
      fail = reject;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  });
  const benchmark = createBenchmark(lab.run, measure);
  return {
    lab,
    trainer,
    called,
    benchmark,
    measure,
    values: () => benchmark.store.getState(),
    watch: () => watch!,
    finish: () => finish(RESULT),
    fail: (message: string) => fail(new Error(message)),
  };
}

it('tells how far it is, and hands the result over once', async () => {
  const { benchmark, values, watch, finish, measure } = await heldBenchmark();
  const taken = benchmark.start(SIZE);
  expect(values().taking).toMatchObject({ done: 0 });
  watch().advance(2, 5);
  watch().log('S ours: 12 ms');
  expect(values().taking).toEqual({ done: 2, of: 5, says: 'S ours: 12 ms' });
  expect(await benchmark.start(SIZE)).toBeNull();
  finish();
  expect(await taken).toBe(RESULT);
  expect(values()).toEqual({ taking: null, result: RESULT, failure: null });
  expect(measure).toHaveBeenCalledTimes(1);
});

it('leaves nothing when it is stopped, and says why it failed', async () => {
  const { benchmark, values, fail } = await heldBenchmark();
  const stopped = benchmark.start(SIZE);
  benchmark.stop();
  expect(await stopped).toBeNull();
  expect(values()).toEqual({ taking: null, result: null, failure: null });

  const failed = benchmark.start(SIZE);
  fail('the device is lost');
  expect(await failed).toBeNull();
  expect(values()).toEqual({ taking: null, result: null, failure: 'the device is lost' });
});

it('does not begin beside a run that trains, and asks nothing of the trainer', async () => {
  const { lab, called, benchmark, values, measure, finish } = await heldBenchmark();
  await lab.commands.start();
  const before = called();
  expect(await benchmark.start(SIZE)).toBeNull();
  expect(measure).not.toHaveBeenCalled();
  expect(values().failure).toContain('pause it first');

  await lab.commands.pause();
  const steps = lab.run.getState().step;
  const taken = benchmark.start(SIZE);
  finish();
  expect(await taken).toBe(RESULT);
  expect(called()).toEqual([...before, 'pause']);
  expect(lab.run.getState().step).toBe(steps);
});

it('ends when a run begins meanwhile, which goes on', async () => {
  const { lab, benchmark, values } = await heldBenchmark();
  const taken = benchmark.start(SIZE);
  await lab.commands.start();
  expect(await taken).toBeNull();
  expect(values().failure).toContain('a run began');
  expect(lab.run.getState().phase).toBe('running');
});
