import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { casesOf } from '../support/long.ts';
import { saved, small, worst, writeFolder } from './folder.ts';
import { PYTHON, runGroup } from './torch.ts';

/** A run whose processes are killed goes on from its last checkpoint as if nothing had happened. */

const folder = mkdtempSync(join(tmpdir(), 'killed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STEPS = casesOf(40, 20);
const trainWith = (...more: string[]) => [
  ...['train.py', '--steps', String(STEPS), '--text', 'book.txt'],
  ...more,
];

interface Case {
  preset: string;
  /** Steps between checkpoints, and the one at which all processes are killed. */
  every: number;
  killAt: number;
  more: readonly string[];
  /** Numbers of processes that go on, beside as many as before. */
  others: readonly number[];
  /** Whether rounding decides between two experts on the way, with another number of processes. */
  parts?: true;
}

const SAMPLE: Case = {
  preset: 'moepp-8+4',
  every: 4,
  killAt: 7,
  more: ['--shard'],
  others: [1],
};
const ALL: readonly Case[] = [
  SAMPLE,
  { ...SAMPLE, preset: 'bal-deepseek-v3', others: [1, 4] },
  { ...SAMPLE, preset: 'bal-olmoe', more: [], others: [1, 4], parts: true },
  // Most of the time goes into writing: they are killed in the middle of it.
  ...[7, 11, 17, 23].map((killAt) => ({ ...SAMPLE, every: 1, killAt, others: [4] })),
];

/** Digests of everything that was saved. */
const whole = (cwd: string) => {
  const { tensors, metadata } = saved(cwd);
  const digest = (data: NodeJS.ArrayBufferView) => createHash('sha256').update(data).digest('hex');
  return [metadata, [...tensors].map(([name, { data }]) => [name, digest(data)])];
};

type Saved = ReturnType<typeof saved>;

/** Steps before one at which a token went elsewhere: rounding decides between two experts, and from there runs part. */
function stepsAlike({ tensors, history }: Saved, other: Saved): number {
  const n = history.length;
  const moved = [...tensors].flatMap(([name, { data }]) => {
    if (!/^history\..*\.assignments$/.test(name)) return [];
    const [ours, theirs] = [Array.from(data), Array.from(other.tensors.get(name)!.data)];
    const at = ours.findIndex((count, i) => count !== theirs[i]);
    return at < 0 ? [] : [Math.floor((at * n) / ours.length)];
  });
  return Math.min(n, ...moved);
}

it.skipIf(PYTHON === null).each(casesOf(ALL, [SAMPLE]))(
  '$preset, killed at step $killAt, has the losses of a run that nobody killed',
  async ({ preset, every, killAt, more, others, parts }) => {
    const places = ['whole', 'killed', ...others.map(String)].map((name) =>
      join(folder, `${preset}-${every}-${killAt}`, name),
    );
    const [unbroken = '', killed = '', ...elsewhere] = places;
    for (const cwd of places) writeFolder(cwd, small(preset));
    const args = trainWith('--every', String(every), ...more);
    const ran = await runGroup(2, args, unbroken);
    expect(ran.map(({ code, out }) => (code === 0 ? 0 : out))).toEqual([0, 0]);
    const dead = await runGroup(2, args, killed, killAt);
    expect(dead.map(({ code }) => code)).toEqual([null, null]);
    const { step } = saved(killed);
    expect(step % every).toBe(0);
    expect(step).toBeLessThan(STEPS);
    for (const cwd of elsewhere)
      copyFileSync(join(killed, 'continued.safetensors'), join(cwd, 'continued.safetensors'));

    await runGroup(2, args, killed);
    expect(whole(killed)).toEqual(whole(unbroken));
    const all = saved(unbroken);
    expect(all.history).toHaveLength(STEPS);
    for (const [i, n] of others.entries()) {
      const cwd = elsewhere[i] ?? '';
      await runGroup(n, args, cwd);
      const other = saved(cwd);
      const alike = parts ? stepsAlike(all, other) : STEPS;
      expect(alike, `${n} processes`).toBeGreaterThanOrEqual(Math.min(STEPS, step + 10));
      expect(other.history).toHaveLength(STEPS);
      const losses = [other, all].map(({ history }) =>
        history.slice(0, alike).map(({ total }) => total),
      );
      expect(worst(losses[0]!, losses[1]!), `${n} processes`).toBeLessThan(1e-5);
    }
  },
  1_800_000,
);
