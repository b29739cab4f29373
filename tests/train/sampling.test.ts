import { expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { pickToken } from '../../src/train/session/sampling.ts';
import { eventsOf, harness, open, TINY } from './support.ts';

const LOGITS = Float32Array.from([0, Math.log(2), Math.log(5)]);

it('draws in proportion to the softmax of logits over temperature', () => {
  const counts = (temperature: number) => {
    const found = [0, 0, 0];
    for (let i = 0; i < 8000; i++) found[pickToken(LOGITS, temperature, (i + 0.5) / 8000)]!++;
    return found;
  };
  expect(counts(1)).toEqual([1000, 2000, 5000]);
  const squared = counts(0.5);
  expect(squared[0]! / 8000).toBeCloseTo(1 / 30, 2);
  expect(squared[2]! / 8000).toBeCloseTo(25 / 30, 2);
});

it('takes the largest logit at temperature 0, the lowest index among equals', () => {
  expect(pickToken(Float32Array.from([1, 3, 3, 2]), 0, 0.99)).toBe(1);
});

it('stays inside the vocabulary for u next to 1, also where logits are huge', () => {
  expect(pickToken(LOGITS, 1, 1 - 2 ** -33)).toBe(2);
  expect(pickToken(Float32Array.from([3e38, -3e38]), 0.01, 1 - 2 ** -33)).toBe(0);
});

it('names a logit that is not finite', () => {
  expect(() => pickToken(Float32Array.from([0, Number.NaN]), 1, 0.5)).toThrow(/Logit 1 .* NaN/);
});

it('writes the same text from the same seed, another from another', async () => {
  const session = await open(TINY, harness());
  const sample = async (seed: number, temperature = 1) =>
    (await session.sample({ prompt: 'ab', temperature, tokens: 30, seed })).text;
  expect(await sample(1)).toHaveLength(30);
  expect(await sample(1)).toBe(await sample(1));
  expect(await sample(1)).not.toBe(await sample(2));
  expect(await sample(1, 0)).toBe(await sample(2, 0));
});

it('takes a prompt without known tokens, and refuses what cannot be sampled', async () => {
  const session = await open(TINY, harness());
  const request = { prompt: '', temperature: 1, tokens: 2, seed: 1 };
  expect((await session.sample(request)).text).toHaveLength(2);
  const refusals = [
    { ...request, temperature: -1 },
    { ...request, tokens: 0 },
  ];
  for (const wrong of refusals)
    await expect(session.sample(wrong)).rejects.toMatchObject({ name: 'ConfigInvalid' });
});

it.each(['bytes', 'bpe'] as const)(
  'decodes prompt and continuation together, characters of several %s tokens whole',
  async (kind) => {
    const experiment: Experiment = {
      ...TINY,
      data: { ...TINY.data, mix: { own: 1 }, hash: null },
      tokenizer: { kind, size: 260 },
      model: { ...TINY.model, V: null },
      batch: { B: 2, S: 32 },
      evaluation: { ...TINY.evaluation, sampleEvery: 1, sampleTokens: 20 },
    };
    const own = { name: 'han.txt', text: '漢字'.repeat(20_000) };
    const one = harness();
    one.deps.prepareText = (wanted, text) => prepareText(wanted, fileSource(), text);
    const session = await open(experiment, one, { own });
    // The model goes on as the text does, byte by byte: no byte stands twice in it.
    const cycle = new TextEncoder().encode('漢字');
    const { tokenizer } = await prepareText(experiment, fileSource(), own);
    one.devices[0]!.engines[0]!.nextLogits = async (context) => {
      const last = tokenizer.bytesOf!(Array.from(context).at(-1)!).at(-1)!;
      const byte = cycle[(cycle.indexOf(last) + 1) % cycle.length]!;
      return Float32Array.from({ length: 260 }, (_, v) => (v === byte ? 1e4 : 0));
    };
    await session.runTo(12);
    const samples = eventsOf(one.events, 'sample').map(({ sample }) => sample);
    expect(samples).toHaveLength(12);
    for (const { prompt, text } of samples) {
      expect(prompt.length).toBeGreaterThan(0);
      expect(text.length).toBeGreaterThan(5);
      expect(own.text).toContain(prompt + text);
    }
    const asked = await session.sample({ prompt: '漢字漢', temperature: 0, tokens: 16, seed: 1 });
    expect(own.text).toContain(asked.prompt + asked.text);
  },
);

it('tells the engine whether capacity is to drop assignments, by itself and when asked', async () => {
  const seen: boolean[] = [];
  const one = harness();
  const evaluation = { ...TINY.evaluation, sampleEvery: 1, sampleTokens: 1, capacity: true };
  const session = await open({ ...TINY, evaluation }, one);
  const engine = one.devices[0]!.engines[0]!;
  const { nextLogits } = engine;
  engine.nextLogits = (...asked) => {
    seen.push(asked[1].capacity);
    return nextLogits.apply(engine, asked);
  };
  const request = { prompt: 'a', temperature: 1, tokens: 1, seed: 1 };
  await session.runTo(1);
  await session.sample(request);
  await session.change({ 'evaluation.capacity': false });
  await session.runTo(2);
  await session.sample(request);
  expect(seen).toEqual([true, true, false, false]);
});
