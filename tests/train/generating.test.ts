import { describe, expect, it } from 'vitest';
import { stepCosts } from '../../src/accounting/costs.ts';
import type { GeneratedToken } from '../../src/train/session/events.ts';
import { eventsOf, harness, open, TINY } from './support.ts';

/** Texts that a session writes side by side, on an engine without a GPU. */

const REQUEST = {
  prompts: ['ab', 'c', 'da'],
  temperature: 1,
  tokens: 12,
  seed: 5,
  stops: [] as string[],
  candidates: 3,
};

async function generate(request: Partial<typeof REQUEST> = {}) {
  const one = harness();
  const session = await open(TINY, one);
  const tokens: GeneratedToken[] = [];
  const generation = await session.generate({ ...REQUEST, ...request }, (some) => {
    tokens.push(...some);
  });
  return { session, generation, tokens, ...one };
}

describe('generate', () => {
  it('writes the text of a sample after the first prompt, and others after the others', async () => {
    const { session, generation, tokens, events } = await generate();
    const sample = await session.sample({ ...REQUEST, prompt: 'ab' });
    const [first, ...rest] = generation.texts;
    expect(first).toEqual({ prompt: 'ab', text: sample.text, end: 'tokens' });
    expect(new Set(generation.texts.map(({ text }) => text)).size).toBe(3);
    for (const [p, { text }] of generation.texts.entries()) {
      const own = tokens.filter(({ prompt }) => prompt === p);
      expect(own.map(({ index }) => index)).toEqual(own.map((_, i) => i));
      expect(own.map((token) => token.text).join('')).toBe(text);
    }
    expect(rest.map(({ end }) => end)).toEqual(['tokens', 'tokens']);
    expect(generation).toMatchObject({ step: 0, tokens: 36 });
    expect(generation.tokensPerSec).toBeGreaterThan(0);
    const samples = eventsOf(events, 'sample').map((event) => event.sample.text);
    expect(samples.slice(0, 3)).toEqual(generation.texts.map(({ text }) => text));
  });

  it('tells candidates by the probabilities of the model, whatever the temperature', async () => {
    const { tokens } = await generate({ temperature: 0.01, candidates: 8, tokens: 2 });
    for (const { candidates, id, probability, routing } of tokens) {
      const ps = candidates.map((one) => one.probability);
      expect(ps).toEqual([...ps].sort((a, b) => b - a));
      expect(ps.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(candidates[0]).toMatchObject({ id, probability });
      expect(routing.map(({ layer }) => layer)).toEqual([0, 1]);
    }
    expect((await generate({ candidates: 0, tokens: 1 })).tokens[0]!.candidates).toEqual([]);
  });

  it('ends texts before the first stop text, each for itself', async () => {
    const plain = (await generate()).generation.texts;
    const stop = plain[0]!.text.slice(4, 6);
    const { generation, tokens } = await generate({ stops: [stop, 'nowhere'] });
    for (const [p, { text, end }] of generation.texts.entries()) {
      const at = plain[p]!.text.indexOf(stop);
      expect(text).toBe(at < 0 ? plain[p]!.text : plain[p]!.text.slice(0, at));
      expect(end).toBe(at < 0 ? 'tokens' : 'stop');
      if (at < 0) continue;
      expect(tokens.filter(({ prompt }) => prompt === p)).toHaveLength(at + stop.length);
    }
    expect(generation.texts[0]!.end).toBe('stop');
  });

  it('says for which tokens the window was computed as a whole', async () => {
    const { generation, tokens } = await generate({ prompts: ['a'], tokens: 6 });
    // S is 4: the fifth and every later token of the text has a whole window before it.
    expect(tokens.map(({ isRecomputed }) => isRecomputed)).toEqual([
      ...[false, false, false, false],
      ...[true, true],
    ]);
    expect(generation.recomputed).toBe(2);
  });

  it('counts the FLOPs of the slots that were chosen and the keys that were seen', async () => {
    const { generation, devices } = await generate({ prompts: ['ab'], tokens: 2 });
    const { config } = devices[0]!.engines[0]!;
    // Two keys, then three; every token in slot 0 of both layers.
    const R = config.experts.slots.length;
    const rows = Float64Array.from({ length: R }, (_, r) => (r === 0 ? 1 : 0));
    const costs = [3, 5].map(
      (S) =>
        stepCosts(
          { ...config, batch: { B: 1, S } },
          new Map([
            [0, rows],
            [1, rows],
          ]),
        ).forwardFlopsPerToken,
    );
    expect(generation.flopsPerToken).toBeCloseTo((costs[0]! + costs[1]!) / 2, 6);
  });

  it('ends where it is told to, with what was written', async () => {
    const one = harness();
    const session = await open(TINY, one);
    const told: GeneratedToken[] = [];
    const generation = await session.generate({ ...REQUEST, tokens: 4096 }, (some) => {
      told.push(...some);
      session.stopGenerating();
    });
    expect(generation.texts.map(({ end }) => end)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(generation.tokens).toBeGreaterThan(0);
    expect(generation.tokens).toBe(told.length);
    expect((await session.generate(REQUEST, () => undefined)).texts[0]!.end).toBe('tokens');
    await session.dispose();
  });

  it('is cancelled with its run', async () => {
    const session = await open(TINY, harness());
    const generation = session.generate({ ...REQUEST, tokens: 4096 }, () => void session.dispose());
    await expect(generation).rejects.toMatchObject({ name: 'Cancelled' });
  });

  it.each([
    [{ prompts: [] }, '0 prompts at once; 1 … 64 are possible'],
    [{ stops: ['a', ''] }, 'A stop text is empty'],
    [{ candidates: 33 }, '33 candidates; 0 … 32 are possible'],
    [{ tokens: 0 }, 'Tokens to sample: 0'],
    [{ temperature: -1 }, 'Temperature -1'],
  ])('refuses %o', async (wrong, message) => {
    await expect(generate(wrong)).rejects.toThrow(message);
  });
});
