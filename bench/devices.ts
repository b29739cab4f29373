/** The table of devices: reports of `bench/devices` as Markdown for docs/devices.md. */
import type { BenchReport } from './report.ts';
import { markdown, short } from './table.ts';

const TOP = `# Devices

What \`npm run bench\` and *Benchmark this device* (profiler) measured, one row per file of
[bench/devices](../bench/devices/README.md). \`npm run bench -- --devices\` writes this page anew. Times are medians over rounds;
S, M and the layer are those of [bench](../bench/README.md), *product* the fastest matrix product.
`;

const HEADER = [
  'adapter',
  'in',
  'S, ms per step',
  'M, ms per step',
  'S, of its dense twin',
  'MoE layer, ms',
  'product, GFLOP/s',
  'FMA, GFLOP/s',
  'copy, GB/s',
  'on',
  'day',
  'version',
] as const;

function rowOf(report: BenchReport) {
  const { adapter, runner, train, moeForward, matmul = [], fmaGflops, copyGBs } = report;
  const { machine, date, version } = report;
  const rates = matmul.filter(({ subject }) => subject === 'ours').map(({ gflops }) => gflops);
  return [
    adapter,
    runner,
    short(train?.S?.ours?.msPerStep),
    short(train?.M?.ours?.msPerStep),
    short(train?.S?.ours?.moeOverDense),
    short(moeForward?.ours?.ms),
    short(rates.length > 0 ? Math.max(...rates) : null),
    short(fmaGflops),
    short(copyGBs),
    machine,
    date,
    version,
  ] as const;
}

/** Reports of `bench/devices` by its folders. */
export interface Devices {
  gpu: readonly BenchReport[];
  /** "GPUs" that are programs on a CPU. */
  software: readonly BenchReport[];
}

/** What is to be known of the first rows; goes when they are measured again. */
const CAVEAT =
  'The first rows are two rounds each, on a machine that did other work meanwhile: an order of magnitude, no comparison.\n\n';

function section(title: string, reports: readonly BenchReport[], note = ''): string {
  const speed = ({ train }: BenchReport) => train?.S?.ours?.msPerStep ?? Number.POSITIVE_INFINITY;
  const rows = [...reports].sort((a, b) => speed(a) - speed(b)).map(rowOf);
  return `## ${title}\n\n${note}${rows.length > 0 ? markdown(HEADER, rows) : 'None has been recorded yet.'}\n`;
}

/** docs/devices.md; each kind by its speed at S. */
export function devicesPage({ gpu, software }: Devices): string {
  return [
    TOP,
    section('GPUs', gpu),
    section('Software adapters: a CPU, no GPU', software, CAVEAT),
  ].join('\n');
}
