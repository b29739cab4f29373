import { MECHANISMS } from '../../src/config/mechanisms.ts';

/** The table of docs/CONTRIBUTING.md that the cards of the mechanisms give. */
export function mechanismTable(): string {
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(' ') || '–';
  const rows = MECHANISMS.map(
    ({ title, source, paths, operations, goldens }) =>
      `| ${title} | ${source.replaceAll('|', '')} | ${code(paths)} | ${code(operations)} | ${code(goldens)} |`,
  );
  return [
    '| mechanism | source | settings | operations | golden cases |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
