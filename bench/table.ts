/** Results of the benchmark as Markdown: what the command prints, and what the README shows. */
import type { BenchReport, BySubject, TrainFigures } from './report.ts';
import { SUBJECTS, type SubjectName } from './subject.ts';

/** A row of a table; the first column is what is measured. */
type Row = readonly [label: string, ...cells: string[]];

const NONE = '–';

export function markdown(header: Row, rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const ruler = header.map((_, i) => (i === 0 ? '---' : '--:'));
  return [line(header), line(ruler), ...rows.map(line)].join('\n');
}

/** Three significant digits, without an exponent. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return Number(value.toPrecision(3)).toString();
}

function trainRows(shape: string, bySubject: BySubject<TrainFigures>, subjects: SubjectName[]) {
  const row = (label: string, cell: (figures: TrainFigures) => number): Row => [
    `${shape}: ${label}`,
    ...subjects.map((subject) => {
      const figures = bySubject[subject];
      return figures ? short(cell(figures)) : NONE;
    }),
  ];
  return [
    row('ms per step', ({ msPerStep }) => msPerStep),
    row('of the dense twin’s step', ({ moeOverDense }) => moeOverDense),
    row('first step, s', ({ firstStepMs }) => firstStepMs / 1000),
    row('dispatches per step', ({ dispatches }) => dispatches),
    row('submits per step', ({ submits }) => submits),
    row('GPU objects per step', ({ objectsCreated }) => objectsCreated),
  ];
}

/** Whole steps, the MoE layer and the products, subjects side by side. */
function comparison({ train = {}, moeForward, matmul = [] }: BenchReport): string {
  const present = (subject: SubjectName) =>
    [...Object.values(train), moeForward].some((figures) => figures?.[subject] !== undefined);
  const subjects = SUBJECTS.filter(present);
  const rows = Object.entries(train).flatMap(([shape, figures]) =>
    trainRows(shape, figures, subjects),
  );
  if (moeForward) {
    rows.push(['MoE layer forward, ms', ...subjects.map((name) => short(moeForward[name]?.ms))]);
  }
  const sizes = [...new Set(matmul.map(({ m, n, k }) => `${m} × ${n} × ${k}`))];
  for (const size of sizes) {
    const own = matmul.filter(({ m, n, k, grouped }) => `${m} × ${n} × ${k}` === size && !grouped);
    const rate = (name: SubjectName) => short(own.find(({ subject }) => subject === name)?.gflops);
    rows.push([`${size}, GFLOP/s`, ...subjects.map(rate)]);
  }
  return markdown(['', ...subjects], rows);
}

function kernelTables({ kernels = {} }: BenchReport): string[] {
  return Object.entries(kernels).map(([shape, rows]) => {
    const percent = (share: number | null) => (share === null ? NONE : `${short(100 * share)} %`);
    const slowest = [...rows].sort((a, b) => b.ms - a.ms);
    return markdown(
      [`${shape}: kernel`, 'ms', 'calls', 'GFLOP/s', 'GB/s', 'of FMA', 'of copying'],
      slowest.map((row): Row => {
        const { name, ms, calls, gflops, gbs, shareOfFma, shareOfCopy } = row;
        const rates = [short(gflops), short(gbs), percent(shareOfFma), percent(shareOfCopy)];
        return [name, short(ms), String(calls), ...rates];
      }),
    );
  });
}

export function markdownOf(report: BenchReport): string {
  const { adapter, runner, machine, rounds, fmaGflops, copyGBs } = report;
  const limits = `${short(fmaGflops)} GFLOP/s of multiply-adds, ${short(copyGBs)} GB/s copied`;
  const head = `${adapter} in ${runner}, ${machine}: ${limits}. Medians of ${rounds} rounds.`;
  return `${[head, comparison(report), ...kernelTables(report)].join('\n\n')}\n`;
}
