import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { TrainerClient } from '../../src/state/commands.ts';
import type { GeneratedToken, Sample } from '../../src/worker/api.ts';

interface Fake {
  called(name: string, argument?: unknown): Promise<void>;
  sampleAt(prompt: string, temperature: number): Sample;
  /** Reports a sample. */
  tell(sample: Sample): void;
  spaces(): readonly LayerSpace[];
}

/** Characters as tokens, each written by slots 1 and 0 of every layer, the last by a whole window. */
export function tokensOf(
  text: string,
  prompt: number,
  spaces: readonly LayerSpace[],
): GeneratedToken[] {
  return Array.from(text, (character, index) => {
    const one = { id: index, label: character, probability: 0.6 };
    return {
      ...one,
      prompt,
      index,
      text: character,
      candidates: [one, { id: 999, label: '¤', probability: 0.4 }],
      routing: spaces.map(({ layer }) => ({
        layer,
        selected: Int32Array.of(1, 0),
        gates: Float32Array.of(0.75, 0.25),
      })),
      isRecomputed: index === text.length - 1,
    };
  });
}

/** What a trainer without a GPU writes. */
export function fakeTexts({
  called,
  sampleAt,
  tell,
  spaces,
}: Fake): Pick<TrainerClient, 'sample' | 'generate' | 'stopGenerating'> {
  return {
    async sample(request) {
      await called('sample', request);
      const sample = sampleAt(request.prompt, request.temperature);
      tell(sample);
      return sample;
    },
    async generate(request, onTokens) {
      await called('generate', request);
      const samples = request.prompts.map((prompt) => sampleAt(prompt, request.temperature));
      for (const [p, { text }] of samples.entries()) {
        const tokens = tokensOf(text, p, spaces());
        onTokens(tokens.slice(0, 3));
        onTokens(tokens.slice(3));
      }
      for (const sample of samples) tell(sample);
      return {
        step: samples[0]?.step ?? 0,
        texts: samples.map(({ prompt, text }) => ({ prompt, text, end: 'tokens' })),
        tokens: samples.reduce((sum, { text }) => sum + text.length, 0),
        recomputed: samples.length,
        tokensPerSec: 512,
        flopsPerToken: 123_456,
      };
    },
    async stopGenerating() {
      await called('stopGenerating');
    },
  };
}
