import { expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { useGpuDeps } from './gpuDeps.ts';
import { open, TINY } from './support.ts';

/** Logits asked of a session on the WebGPU engine, as probe tasks ask for them. */

const deps = useGpuDeps();

const V = 8;

/** Nats of the token that follows each of a sequence. */
function natsOf(logits: Float32Array, tokens: readonly number[]): number[] {
  return tokens.slice(1).map((target, t) => {
    const row = [...logits.subarray(t * V, (t + 1) * V)];
    return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[target]!;
  });
}

async function trained(experiment: Experiment) {
  const session = await open(experiment, { deps, devices: [], events: [] });
  await session.runTo(20);
  return session;
}

it('are those of the losses and of samples, for every length', async () => {
  const session = await trained(TINY);
  for (const tokens of [[3], [3, 1], [3, 1, 4], [1, 5, 2, 6]]) {
    const { logits } = await session.inspect('logits', { tokens });
    expect(logits).toHaveLength(tokens.length * V);
    const { logits: next } = await session.inspect('next', { tokens });
    next.forEach((z, v) => {
      expect(logits[(tokens.length - 1) * V + v]).toBeCloseTo(z, 5);
    });
    if (tokens.length === 1) continue;
    const ask = { of: { passage: tokens }, requests: [[]] };
    const { ce } = await session.inspect('losses', ask);
    natsOf(logits, tokens).forEach((nats, t) => {
      expect(ce[0]![t]).toBeCloseTo(nats, 5);
    });
  }
  await session.dispose();
});

it('are never those of a sequence from which capacity drops', async () => {
  const router = { ...TINY.router, capacity: 0.3 };
  const evaluation = { ...TINY.evaluation, capacity: true };
  const session = await trained({ ...TINY, router, evaluation });
  const tokens = [1, 1, 1, 1];
  const { logits } = await session.inspect('logits', { tokens });
  const nats = natsOf(logits, [...tokens, 2]);
  const of = { passage: [...tokens, 2] };
  const free = await session.inspect('losses', { of, capacity: false, requests: [[]] });
  nats.forEach((loss, t) => {
    expect(free.ce[0]![t]).toBeCloseTo(loss, 5);
  });
  const dropped = await session.inspect('losses', { of, requests: [[]] });
  expect([...dropped.ce[0]!]).not.toEqual([...free.ce[0]!]);
  await session.dispose();
});

it('are refused for sequences that the model cannot take', async () => {
  const session = await open(TINY, { deps, devices: [], events: [] });
  const ask = (tokens: readonly number[]) => session.inspect('logits', { tokens });
  await expect(ask([1, 2, 3, 4, 5])).rejects.toThrow('sequences of 5 tokens; 1 … 4 are possible');
  await expect(ask([8])).rejects.toThrow('token id 8; 0 … 7 are possible');
  await expect(ask([])).rejects.toThrow('sequences of 0 tokens');
  await expect(session.inspect('next', { tokens: [] })).rejects.toThrow('0 tokens of context');
  await session.dispose();
});
