/** What writes texts: loaded in one piece, with the first. */
export { generateTexts } from './generating.ts';
export { automaticSample, sampleText } from './sampling.ts';
