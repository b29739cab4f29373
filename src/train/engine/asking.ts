/** What a model is asked beside its training: loaded in one piece, with the first question. */
export { Decoder } from './decoder.ts';
export { GenerationLoss } from './generationLoss.ts';
export { Inspector } from './inspector.ts';
export { Sampler } from './sampler.ts';
