/** Tables as LaTeX writes them, with the rules of the package booktabs. */
import { cellText, type FigureTable, isWords } from './table.ts';

const ESCAPED: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '−': '$-$',
  '–': '--',
  '×': '$\\times$',
  '±': '$\\pm$',
  '∅': '$\\emptyset$',
  τ: '$\\tau$',
  γ: '$\\gamma$',
  α: '$\\alpha$',
  β: '$\\beta$',
};

const escaped = (text: string) =>
  text.replaceAll(/[\\~^−–×±∅τγαβ]|[&%$#_{}]/g, (letter) => ESCAPED[letter] ?? `\\${letter}`);

/** Numbers with the digits that the page shows. */
export function tableLatex(table: FigureTable): string {
  const { columns, rows } = table;
  const line = (cells: readonly string[]) => `  ${cells.map(escaped).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${columns.map((_, i) => (isWords(table, i) ? 'l' : 'r')).join('')}}`,
    '  \\toprule',
    line(columns.map(({ title }) => title)),
    '  \\midrule',
    ...rows.map((row) => line(row.map((value, i) => cellText(value, columns[i]?.format)))),
    '  \\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}
