import type { BenchReport } from './report.ts';

/** The name of a report in `bench/devices`: adapter and runner, in letters that every system takes. */
export function deviceFileName({
  adapter,
  runner,
}: Pick<BenchReport, 'adapter' | 'runner'>): string {
  const name = adapter
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `${name.slice(0, 60) || 'unnamed-adapter'}.${runner}.json`;
}
