import { expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import type { GeneratedToken } from '../../src/train/session/events.ts';
import { useGpuDeps } from './gpuDeps.ts';
import { fakeText, lossesOf, open, TINY } from './support.ts';

/** Texts that a session on the WebGPU engine writes while it trains. */

const deps = useGpuDeps();

const MIXED: Experiment = {
  ...TINY,
  router: { ...TINY.router, selection: 'randomDrop', q: 0.4, gate: 'softmax', capacity: 1.1 },
  batch: { B: 2, S: 24 },
};

async function run(experiment: Experiment) {
  const one = { deps, devices: [], events: [] };
  return { session: await open(experiment, one), events: one.events };
}

const REQUEST = {
  prompts: ['ab', 'cdab', 'd'],
  temperature: 0,
  tokens: 30,
  seed: 3,
  stops: [],
  candidates: 4,
};

it('trains with texts written in between as without, bit for bit', async () => {
  const last = 200;
  const plain = await run(MIXED);
  await plain.session.runTo(last);
  const asked = await run(MIXED);
  // What writes texts is loaded by then.
  await asked.session.generate(REQUEST, () => undefined);
  const trained = asked.session.runTo(last);
  const steps = new Set<number>();
  for (let i = 0; i < 10; i++) {
    const { step, texts, recomputed } = await asked.session.generate(REQUEST, () => undefined);
    steps.add(step);
    expect(texts.map(({ text }) => text.length)).toEqual([30, 30, 30]);
    // Texts of 2, 4 and 1 tokens grow by 30; 24 is a window.
    expect(recomputed).toBe(7 + 9 + 6);
  }
  await trained;
  expect(steps.size).toBeGreaterThan(5);
  expect(lossesOf(plain.events)).toHaveLength(last);
  expect(lossesOf(asked.events)).toEqual(lossesOf(plain.events));
  expect(await asked.session.checkpoint()).toEqual(await plain.session.checkpoint());
  for (const one of [plain, asked]) await one.session.dispose();
});

it('writes what the logits of whole passes say, and computes windows as a whole under capacity', async () => {
  // Sampling drops nothing at random, as those passes do.
  const router = { ...MIXED.router, selection: 'topk', q: null } as const;
  const { session } = await run({ ...MIXED, router });
  await session.runTo(20);
  const tokens: GeneratedToken[] = [];
  const request = { ...REQUEST, prompts: ['ab'], tokens: 20 };
  const { texts } = await session.generate(request, (some) => tokens.push(...some));
  const { tokenizer } = fakeText(MIXED);
  const whole = tokenizer.encode(`ab${texts[0]!.text}`);
  const { logits } = await session.inspect('logits', { tokens: whole });
  const V = tokenizer.size;
  for (const { index, id, probability } of tokens) {
    const row = [...logits.subarray((index + 1) * V, (index + 2) * V)];
    expect(id).toBe(row.indexOf(Math.max(...row)));
    const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
    expect(probability).toBeCloseTo(Math.exp(row[id]!) / total, 4);
  }
  expect(tokens).toHaveLength(20);
  await session.change({ 'evaluation.capacity': true });
  const tight = await session.generate(request, () => undefined);
  expect(tight.recomputed).toBe(20);
  await session.dispose();
});
