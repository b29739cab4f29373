/** Figures that are tables and nothing else. */
import { expect, it, vi } from 'vitest';
import { exportFigure } from '../../src/ui/kit/figure/exportFigure.ts';
import type { FigureTable } from '../../src/ui/kit/figure/table.ts';
import * as files from '../../src/ui/kit/files.ts';
import { testLab } from '../state/support.ts';

const saved = vi.spyOn(files, 'saveFile').mockImplementation(() => undefined);

it('is a drawing of its table where that is all that there is', async () => {
  const figure = {
    ...{ name: 'load', title: 'Load', caption: () => '', runs: [], svg: null },
    table: (): FigureTable => ({
      columns: [{ title: 'kind & <b>' }, { title: 'τ', format: 'ratio' }],
      rows: [
        ['E_0', 1.25],
        ['copy 50%', null],
      ],
    }),
  };
  const { lab } = await testLab();
  await exportFigure(figure, lab, 'svg');
  const svg = String(saved.mock.lastCall?.[1]);
  const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const texts = [...picture.querySelectorAll('text')].map(({ textContent }) => textContent);
  expect(texts).toEqual(['kind & <b>', 'τ', 'E_0', '1.25×', 'copy 50%', '–']);
  expect(picture.querySelectorAll('line')).toHaveLength(3);
  expect(document.body.querySelector('svg')).toBeNull();
  await exportFigure(figure, lab, 'latex');
  expect(saved).toHaveBeenLastCalledWith(
    'load.tex',
    [
      '\\begin{tabular}{lr}',
      '  \\toprule',
      '  kind \\& <b> & $\\tau$ \\\\',
      '  \\midrule',
      '  E\\_0 & 1.25$\\times$ \\\\',
      '  copy 50\\% & -- \\\\',
      '  \\bottomrule',
      '\\end{tabular}',
      '',
    ].join('\n'),
    'text/plain',
  );
});
