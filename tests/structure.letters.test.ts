/** Tensor names end in letters of the legend in docs/ARCHITECTURE.md. */
import { expect, it } from 'vitest';
import { filesUnder, textOf } from './support/sourceTree.ts';

/** Rows of the legend: `| `O`, `I` | … | … |`. */
const LEGEND = [
  ...textOf('docs/ARCHITECTURE.md').matchAll(/^\| ((?:`[A-Z]`(?:, )?)+) \|/gm),
].flatMap(([, letters = '']) => [...letters.replaceAll(/[^A-Z]/g, '')]);

/** Dimensions that a text's tensor names end in, as `TD` of `dx_TD`. */
function suffixesOf(text: string): string[] {
  return [...text.matchAll(/\b[a-z][A-Za-z0-9]*_([A-Z][A-Z0-9]*)\b/g)].map(([, s = '']) => s);
}

const used = new Map(
  [
    ...filesUnder('src', '.ts'),
    ...filesUnder('bench', '.ts', '.wgsl'),
    ...filesUnder('shaders', '.wgsl'),
  ].flatMap((path) => suffixesOf(textOf(path)).map((suffix) => [suffix, path] as const)),
);

it('finds the letters of a name', () => {
  const text = 'const dx_TD = map_J2[aux_5] + a.zPrev_TQ; MAX_ROWS; TILE_X; some_name';
  expect(suffixesOf(text)).toEqual(['TD', 'J2', 'TQ']);
});

it('has a legend in which every letter stands once', () => {
  expect(LEGEND.length).toBeGreaterThan(15);
  expect(new Set(LEGEND).size).toBe(LEGEND.length);
});

it('ends names in letters of the legend', () => {
  const unknown = [...used].filter(([suffix]) =>
    [...suffix.replaceAll(/\d/g, '')].some((letter) => !LEGEND.includes(letter)),
  );
  expect(unknown).toEqual([]);
});

it('keeps no letter in the legend that nobody uses', () => {
  const letters = new Set([...used.keys()].join(''));
  expect(LEGEND.filter((letter) => !letters.has(letter))).toEqual([]);
});
