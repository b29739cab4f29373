import { expect, it } from 'vitest';
import { filesUnder, textOf } from './support/sourceTree.ts';

/** The style sheet without its blocks for those who like motion. */
function still(css: string): string {
  return css.replace(
    /@media \(prefers-reduced-motion: no-preference\) \{\n(?:[ \n].*\n|\n)*\}/g,
    '',
  );
}

it.each(filesUnder('src/ui', '.css'))('%s moves nothing where less motion is asked for', (path) => {
  expect(still(textOf(path))).not.toMatch(/^\s*(transition|animation|scroll-behavior):/m);
});

it.each(filesUnder('src/ui', '.css'))('%s hides no focus but that of menu rows', (path) => {
  const rules = [...textOf(path).matchAll(/([^{}]+)\{[^{}]*outline:\s*(?:none|0)[^{}]*\}/g)];
  expect(rules.map(([, selector = '']) => selector.trim())).toEqual(
    path.endsWith('/menu.css') ? ['.menu-item'] : [],
  );
});
