import { expect, it } from 'vitest';
import { leanShader } from '../scripts/leanShader.mjs';
import { filesUnder, textOf } from './support/sourceTree.ts';

const TOKEN = /[\w.]+|->|[-+*/&|^%<>=!]=|&&|\|\||\+\+|--|<<|>>|\S/g;

/** The tokens of every line, without its comment. */
const tokensOf = (text: string) =>
  text.split('\n').map((line) => line.replace(/\/\/.*/, '').match(TOKEN) ?? []);

it.each(filesUnder('shaders', '.wgsl'))('ships the tokens of %s on their lines', (path) => {
  const text = textOf(path);
  const lean = leanShader(text);
  expect(tokensOf(lean)).toEqual(tokensOf(text));
  expect(lean).not.toMatch(/\/\/|^ | $|[,;:(){}] /m);
  expect(lean.length).toBeLessThan(text.length);
});
