import { useState } from 'react';
import { useStore } from 'zustand';
import {
  type BenchmarkValues,
  benchmarkObstacle,
  type PageBenchmark,
  type PageBenchmarkSize,
} from '../../../state/benchmark.ts';
import { adapterName } from '../../kit/adapterName.ts';
import { Explain } from '../../kit/Explain.tsx';
import { saveFile } from '../../kit/files.ts';
import { formatSeconds, formatSi } from '../../kit/format.ts';
import { useLab, useRun } from '../../kit/useLab.tsx';

/** How much is measured, and about how long it takes on a GPU. */
const SIZES: Readonly<Record<string, { label: string; size: PageBenchmarkSize }>> = {
  full: { label: 'S and M, 3 rounds', size: { shapes: ['S', 'M'], rounds: 3, steps: 10 } },
  quick: { label: 'S, 1 round', size: { shapes: ['S'], rounds: 1, steps: 2 } },
};

const EXPLANATION = {
  label: 'This device',
  meaning:
    'Measures this device with the code and the models of npm run bench, in workers and devices of its own: whole steps at the sizes S and M beside their dense twins, one MoE layer, matrix products, every kernel, and the adapter’s limits. The run that is open keeps its place. The figures are saved as JSON, and nothing is sent anywhere; bench/devices/README.md tells how to add the file to the project’s table of devices.',
} as const;

function useBenchmark<T>(select: (state: BenchmarkValues) => T): T {
  return useStore(useLab().commands.benchmark.store, select);
}

function save({ report, fileName }: PageBenchmark): void {
  saveFile(fileName, `${JSON.stringify(report, null, 2)}\n`, 'application/json');
}

function Progress({ done, of, says }: NonNullable<BenchmarkValues['taking']>) {
  return (
    <>
      <progress max={of} value={done} aria-label="Parts of the benchmark" />
      <span className="num">{says}</span>
    </>
  );
}

/** One button that begins and ends the benchmark, so that it keeps the focus. */
function Controls() {
  const { benchmark } = useLab().commands;
  const taking = useBenchmark((s) => s.taking);
  const [name, setName] = useState('full');
  const obstacle = useRun(benchmarkObstacle);
  const trains = useRun((s) => s.phase === 'running');
  const start = async () => {
    const result = await benchmark.start((SIZES[name] ?? SIZES.full!).size);
    if (result !== null) save(result);
  };
  return (
    <div className="profiler-controls">
      <button
        type="button"
        className="btn small"
        disabled={taking === null && obstacle !== null}
        title={taking === null ? (obstacle ?? 'Saves the figures as a file') : 'Keeps nothing'}
        onClick={() => (taking === null ? void start() : benchmark.stop())}
      >
        {taking === null ? 'Benchmark this device' : 'Cancel the benchmark'}
      </button>
      {taking !== null ? (
        <Progress {...taking} />
      ) : (
        <>
          <select
            className="select compact"
            aria-label="Extent of the benchmark"
            value={name}
            onChange={({ target }) => setName(target.value)}
          >
            {Object.entries(SIZES).map(([key, { label }]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
          {/* What hinders a profile too is said above. */}
          {trains && <span className="note">{obstacle}.</span>}
        </>
      )}
    </div>
  );
}

/** The figures by which devices are compared. */
function summaryOf({ report }: PageBenchmark): string {
  const steps = Object.entries(report.train ?? {}).flatMap(([shape, { ours }]) =>
    ours ? [`a step of ${shape} takes ${formatSeconds(ours.msPerStep / 1e3)}`] : [],
  );
  const best = Math.max(...(report.matmul ?? []).map(({ gflops }) => gflops));
  return [
    ...steps,
    `the fastest matrix product ${formatSi(best * 1e9, 'FLOP/s')}`,
    `copies ${formatSi(report.copyGBs * 1e9, 'B/s')}`,
  ].join(', ');
}

function Result({ result }: { result: PageBenchmark }) {
  return (
    <p className="note">
      {adapterName(result.report.adapter)}: {summaryOf(result)}.{' '}
      <button type="button" className="btn quiet small" onClick={() => save(result)}>
        Save the benchmark again
      </button>
    </p>
  );
}

/** The benchmark of `npm run bench` on the device that shows the page, saved as its JSON. */
export function DeviceBenchmark() {
  const isTaking = useBenchmark((s) => s.taking !== null);
  const result = useBenchmark((s) => s.result);
  const failure = useBenchmark((s) => s.failure);
  return (
    <section className="profiler-device" aria-label="Benchmark of this device">
      <h3>
        <Explain about={EXPLANATION}>This device</Explain>
      </h3>
      <Controls />
      <div aria-live="polite" aria-busy={isTaking}>
        {failure !== null && (
          <p className="profiler-failure" role="alert">
            {failure}
          </p>
        )}
        {result !== null && !isTaking && <Result result={result} />}
      </div>
    </section>
  );
}
