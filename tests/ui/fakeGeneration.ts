import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { GenerateRequest, Generation, TokenListener } from '../../src/worker/api.ts';

interface Fake {
  step: number;
  spaces: readonly LayerSpace[];
  textOf(prompt: string): string;
}

/** Tokens are characters; each was written by slots 1 and 0 of every layer, the last by a whole window. */
export function fakeGeneration(
  { prompts }: GenerateRequest,
  { step, spaces, textOf }: Fake,
  onTokens: TokenListener,
): Generation {
  const texts = prompts.map((prompt, p) => {
    const text = textOf(prompt);
    const told = Array.from(text, (character, index) => {
      const one = { id: index, label: character, probability: 0.6 };
      const routing = spaces.map(({ layer }) => ({
        layer,
        selected: Int32Array.of(1, 0),
        gates: Float32Array.of(0.75, 0.25),
      }));
      return {
        ...one,
        prompt: p,
        index,
        text: character,
        candidates: [one, { id: 999, label: '¤', probability: 0.4 }],
        routing,
        isRecomputed: index === text.length - 1,
      };
    });
    onTokens(told.slice(0, 3));
    onTokens(told.slice(3));
    return { prompt, text, end: 'tokens' as const };
  });
  const tokens = texts.reduce((sum, { text }) => sum + text.length, 0);
  const recomputed = texts.length;
  return { step, texts, tokens, recomputed, tokensPerSec: 512, flopsPerToken: 123_456 };
}
