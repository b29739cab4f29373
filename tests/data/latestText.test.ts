import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { DataError } from '../../src/data/dataError.ts';
import { LatestText, type Prepare } from '../../src/data/latestText.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { memorySource } from './support.ts';

const EXPERIMENT = applyChange(DEFAULTS_V1, {
  'data.mix': { prose: 1 },
  'batch.S': 8,
  'batch.B': 2,
});

async function latest() {
  const source = memorySource({ prose: 'It was the best of times. '.repeat(60) });
  const prepare = vi.fn<Prepare>((experiment, own, onProgress, signal) =>
    prepareText(experiment, source, own, onProgress, signal),
  );
  return { prepare, texts: new LatestText(prepare) };
}

const noProgress = () => {};

it('prepares a text ahead once, for every run on it, whether or not its hash is known', async () => {
  const { prepare, texts } = await latest();
  texts.ahead(EXPERIMENT);
  const text = await texts.get(EXPERIMENT, null, noProgress, undefined);
  const known = applyChange(EXPERIMENT, { 'data.hash': text.hash, 'optimizer.lr': 0.5 });
  expect(await texts.get(known, null, noProgress, undefined)).toBe(text);
  expect(prepare).toHaveBeenCalledOnce();
});

it.each([
  { 'batch.S': 4 },
  { 'seeds.data': 9 },
  { 'tokenizer.kind': 'chars' },
  { 'data.validationShare': 0.2 },
])('prepares another text for %j', async (change) => {
  const { prepare, texts } = await latest();
  await texts.get(EXPERIMENT, null, noProgress, undefined);
  await texts.get(applyChange(EXPERIMENT, change), null, noProgress, undefined);
  expect(prepare).toHaveBeenCalledTimes(2);
});

it('tells of progress to who asks, also where it was begun ahead', async () => {
  const { texts } = await latest();
  texts.ahead(EXPERIMENT);
  const onProgress = vi.fn();
  await texts.get(EXPERIMENT, null, onProgress, undefined);
  expect(onProgress).toHaveBeenCalledWith('data', expect.any(Number), expect.any(Number));
});

it('refuses a text with another hash than expected, and tries anew after a failure', async () => {
  const { texts } = await latest();
  const wrong = applyChange(EXPERIMENT, { 'data.hash': '0'.repeat(64) });
  await expect(texts.get(wrong, null, noProgress, undefined)).rejects.toThrow(DataError);
  const stop = new AbortController();
  stop.abort();
  const other = applyChange(EXPERIMENT, { 'seeds.data': 3 });
  await expect(texts.get(other, null, noProgress, stop.signal)).rejects.toThrow(/cancelled/);
  expect((await texts.get(other, null, noProgress, undefined)).tokenizer.size).toBeGreaterThan(5);
});
