import { expect, it } from 'vitest';
import { sweepJob } from '../../src/queue/sweepJob.ts';
import type { Sweep } from '../../src/recipes/sweep.ts';
import { TINY } from '../train/support.ts';

const sweep = (...axes: Sweep['axes']): Sweep => ({
  ...{ format: 1, base: TINY, axes, seeds: [1] },
  budget: { of: 'steps', amount: 12 },
});

it('names points as links write their values, and the first that breaks a rule', () => {
  const slots = Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 }) as const);
  const widths = { path: 'experts.slots', values: [slots] };
  const job = (...H: number[]) =>
    sweepJob({ kind: 'sweep', sweep: sweep({ path: 'model.H', values: H }, widths) });
  expect(job(2, 4).units[1]?.runs[0]?.label).toBe('model.H 4, experts.slots 4x8');
  expect(() => job(2, 3, 5)).toThrow(/^model\.H 3, experts\.slots 4x8: .*\(and 1 more point\)$/);
});

it('refuses a length that no run can have', () => {
  const of = (amount: number) => () =>
    sweepJob({
      kind: 'sweep',
      sweep: { ...sweep({ path: 'batch.B', values: [2, 16] }), budget: { of: 'tokens', amount } },
    });
  // Steps of 8 and of 64 tokens.
  expect(of(20)).toThrow(/^batch\.B 16: 20 tokens are 0\.313 steps; a run has 1 to \d+$/);
  expect(of(64)).not.toThrow();
  expect(of(1e12)).toThrow(/\(and 1 more point\)$/);
});

it('refuses a text of one’s own, which nobody gives the queue', () => {
  const mixes = [{ prose: 1 }, { prose: 1, own: 0.5 }];
  expect(() =>
    sweepJob({ kind: 'sweep', sweep: sweep({ path: 'data.mix', values: mixes }) }),
  ).toThrow(/0\.5 of its text is your own, which the queue does not have; put it at 0$/);
});

it('tags the runs of sweeps without a name apart', () => {
  const jobOf = (name: string | undefined, ...values: number[]) =>
    sweepJob({
      kind: 'sweep',
      sweep: { ...sweep({ path: 'model.H', values }), ...(name !== undefined && { name }) },
    });
  const [one, other] = [jobOf('', 2), jobOf(undefined, 4)];
  expect([one.title, other.title]).toEqual(['Sweep', 'Sweep']);
  expect(one.tag).toMatch(/^Sweep [0-9a-f]{6}$/);
  expect(one.tag).not.toBe(other.tag);
  expect(jobOf(undefined, 2).tag).toBe(one.tag);
  expect(jobOf('Heads', 2)).toMatchObject({ title: 'Heads', tag: 'Heads' });
});
