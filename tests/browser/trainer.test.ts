import { expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import { applyChange } from '../../src/config/edit.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import type { GeneratedToken, TrainerEvent } from '../../src/worker/api.ts';
import { OWN, SMALL, useWorkers } from '../support/ownWorker.ts';

/** The real worker on the browser's own WebGPU. */

const start = useWorkers();

/** For a loaded machine. */
const LONG = { timeout: 60_000 };

/** All scalars of steps 1 … n, as they were reported. */
function scalarsOf(events: readonly TrainerEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'steps' ? [...event.records.scalars] : []));
}

it('answers twenty questions while it trains, and trains as without, bit for bit', async () => {
  const last = applyChange(SMALL, { 'optimizer.totalSteps': 80 });
  const plain = start();
  await plain.client.open(last, OWN);
  await plain.client.start();
  await expect.poll(() => scalarsOf(plain.events), LONG).toHaveLength(80 * SCALAR_COUNT);

  const asked = start();
  await asked.client.open(last, OWN);
  await asked.client.start();
  for (let i = 0; i < 20; i++) {
    const { layers, batch } = await asked.client.inspect('routing', null);
    expect(batch.tokens).toHaveLength(32);
    for (const { selected, W } of layers) {
      expect(selected).toHaveLength(32 * W);
      expect(selected.every((slot) => slot >= -1 && slot < 4)).toBe(true);
    }
    const of = { validation: 1 };
    const { inspection } = await asked.client.inspect('pass', { of });
    const requests: Intervention[][] = [[], [{ type: 'removeKind', kind: 'ffn', layer: null }]];
    const { ce } = await asked.client.inspect('losses', { of, requests });
    expect(inspection.ce).toHaveLength(32);
    expect(ce[1]).not.toEqual(ce[0]);
  }
  await expect.poll(() => scalarsOf(asked.events), LONG).toHaveLength(80 * SCALAR_COUNT);
  expect(scalarsOf(asked.events)).toEqual(scalarsOf(plain.events));
});

it('trains, takes a live change, and replays it in another worker bit for bit', async () => {
  const { client, events } = start();
  const adapter = await client.probe();
  // SwiftShader's own limit, above WebGPU's default.
  expect(adapter.maxBindingBytes).toBe(2 ** 30);
  const report = await client.open(SMALL, OWN);
  expect(report.domains).toEqual(['own']);
  for (let i = 0; i < 4; i++) await client.step();
  expect(await client.change({ 'optimizer.lr': 0.02 })).toBe(5);
  for (let i = 0; i < 6; i++) await client.step();
  const experiment = await client.experiment();
  await expect.poll(() => scalarsOf(events)).toHaveLength(10 * SCALAR_COUNT);
  expect(events.some(({ type }) => type === 'validation')).toBe(true);

  const other = start();
  await other.client.open(experiment, OWN);
  await other.client.start();
  await expect
    .poll(() => scalarsOf(other.events).length, { timeout: 20_000 })
    .toBeGreaterThan(10 * SCALAR_COUNT);
  await other.client.pause();
  expect(scalarsOf(other.events).slice(0, 10 * SCALAR_COUNT)).toEqual(scalarsOf(events));
}, 60_000);

it('tells what is missing or too large by name, with the numbers', async () => {
  const { client } = start();
  await expect(client.open(SMALL, null)).rejects.toMatchObject({ name: 'DataMissing' });
  const huge = applyChange(SMALL, {
    'model.D': 1024,
    'model.L': 8,
    'model.denseHidden': 4096,
    'experts.slots': Array.from({ length: 16 }, () => ({ kind: 'ffn', hidden: 4096 })),
  });
  await expect(client.open(huge, OWN)).rejects.toMatchObject({
    name: 'ModelTooLarge',
    message: expect.stringMatching(/MiB in one buffer.*at most 1024\.0 MiB/),
  });
  await expect(client.open(SMALL, OWN)).resolves.toMatchObject({ domains: ['own'] });
}, 60_000);

it('streams texts side by side, each token before the answer, and ends them where it is told to', async () => {
  const { client } = start();
  await client.open(SMALL, OWN);
  for (let i = 0; i < 3; i++) await client.step();
  const request = {
    prompts: ['The sheep ', 'down', 'u'],
    temperature: 0,
    tokens: 12,
    seed: 1,
    stops: [],
    candidates: 3,
  };
  const tokens: GeneratedToken[] = [];
  const generation = await client.generate(request, (some) => {
    tokens.push(...some);
  });
  expect(generation).toMatchObject({ step: 3, tokens: 36 });
  for (const [p, { prompt, text, end }] of generation.texts.entries()) {
    const own = tokens.filter((token) => token.prompt === p);
    expect(own.map(({ text: piece }) => piece).join('')).toBe(text);
    expect(end).toBe('tokens');
    // Beyond 16 tokens a window is computed as a whole.
    const recomputed = own.filter(({ isRecomputed }) => isRecomputed).length;
    expect(recomputed).toBe(Math.max(0, prompt.length + 11 - 16));
    for (const { candidates, routing } of own) {
      expect(candidates).toHaveLength(3);
      expect(routing.map(({ layer }) => layer)).toEqual([0, 1]);
    }
  }
  const endless = await client.generate({ ...request, tokens: 4096 }, () => {
    void client.stopGenerating();
  });
  expect(endless.texts.map(({ end }) => end)).toEqual(['cancelled', 'cancelled', 'cancelled']);
}, 60_000);
