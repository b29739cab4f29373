import { expect, it } from 'vitest';
import { pickToken } from '../../src/train/sampling.ts';
import { harness, open, TINY } from './support.ts';

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
