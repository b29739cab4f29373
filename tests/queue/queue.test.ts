import { describe, expect, it } from 'vitest';
import type { QueueEvent, QueueRequest } from '../../src/queue/items.ts';
import type { JobUnit } from '../../src/queue/job.ts';
import { longestPart } from '../../src/queue/listItem.ts';
import { mergedRecipes } from '../../src/queue/merged.ts';
import { UnitUnderWay } from '../../src/queue/progress.ts';
import type { Queue } from '../../src/queue/queue.ts';
import { QueueStore } from '../../src/queue/queueStore.ts';
import { recipeJob } from '../../src/queue/recipeJob.ts';
import { canonical } from '../../src/recipes/canonical.ts';
import { timeless } from '../../src/recipes/merge.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { queuedRuns } from '../../src/runs/queuedRuns.ts';
import type { Range } from '../../src/runs/tables.ts';
import { MEASURING_SHARE } from '../../src/train/recipes/pace.ts';
import { lab, openQueue, PLAIN } from './queueLab.ts';

const asked = (seeds: readonly number[], name = 'tiny-1'): QueueRequest => {
  return { kind: 'recipe', name, budget: 'quick', seeds };
};

const finished = async (queue: Queue) =>
  expect
    .poll(async () => (await queue.state()).items.every(({ state }) => state === 'done'), {
      timeout: 20_000,
      interval: 20,
    })
    .toBe(true);

const timelessOf = ({ units }: RecipeResult) =>
  canonical(units.map((unit) => timeless(PLAIN, unit)));

interface Run {
  variant: string;
  steps: number;
}

/** Works on a derived run, and pauses behind its first step. */
async function pausedInWide(queue: Queue): Promise<void> {
  await queue.add(asked([1], 'tiny-3'));
  const wide = async () => (await queue.state()).work?.runs[1];
  await expect.poll(async () => (await wide())?.step ?? 0, { interval: 1 }).toBeGreaterThan(0);
  await queue.pause();
}

describe('the queue', () => {
  it('works through what is asked for, and keeps runs and results', async () => {
    const of = lab();
    const events: QueueEvent[] = [];
    const queue = await openQueue(of, events);
    const estimate = await queue.estimate(asked([1, 2]));
    expect(estimate).toMatchObject({ runs: 6, refusal: null });
    expect(estimate.seconds).toBeGreaterThan(estimate.longestRun);
    const run = (totalSteps: number) => ({ experiment: { optimizer: { totalSteps } } });
    const runs = [run(10), run(30)] as unknown as JobUnit['runs'];
    expect(longestPart({ runs, onward: 0 })).toBe(0.75);
    expect(longestPart({ runs, onward: 20 })).toBe(0.5);
    await queue.add(asked([1, 2]));
    await queue.add(asked([2], 'tiny-2'));
    await finished(queue);
    const [item, other] = (await queue.state()).items;
    expect(item).toMatchObject({ done: 6, of: 6, title: 'Tiny', progress: { share: 1 } });
    expect(other).toMatchObject({ done: 3, of: 3, title: 'Other' });
    const results = events.flatMap((event) => (event.type === 'recipe' ? [event.result] : []));
    expect(results.map(({ units }) => units.length)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3]);
    expect(await queue.results('tiny-1')).toEqual([results[5]]);
    // Of the second recipe no run was trained: six were, and all are kept under both.
    expect(of.opened).toBe(6);
    const rows = await of.library.rows();
    expect(rows).toHaveLength(6);
    expect(rows.every(({ status }) => status === 'done')).toBe(true);
    const tags = rows.map((row) => row.tags.join()).sort();
    expect(tags).toEqual([...Array(3).fill('tiny-1'), ...Array(3).fill('tiny-1,tiny-2')]);
    expect(rows.map(({ name }) => name).sort()[0]).toBe('Tiny: A, seed 1');
    expect((await queue.estimate(asked([1, 2]))).runs).toBe(0);
    // Nothing is kept of runs any more: whoever has them again trains them again.
    const [again, fresh] = [
      [2, 3],
      [3, 4],
    ].map((seeds) => queue.estimate(asked(seeds, 'tiny-2')));
    expect((await again!).seconds).toBeCloseTo((await fresh!).seconds / 2);
    const { units } = results[5]!;
    expect(mergedRecipes([PLAIN], units)).toEqual([results[5]]);
    // Of a recipe that is another one by now.
    expect(mergedRecipes([{ ...PLAIN, measurements: [] }], units)).toEqual([]);
    expect(await openQueue(of).then((again) => again.state())).toMatchObject({ isPaused: false });
  });

  it('counts runs that are trained for others already as nothing but their measurements', async () => {
    const queue = await openQueue(lab());
    await queue.pause();
    const estimated = async (seed: number) =>
      (await queue.estimate(asked([seed], 'tiny-2'))).seconds;
    const alone = await estimated(1);
    await queue.add(asked([1, 2]));
    expect(await estimated(1)).toBeCloseTo(MEASURING_SHARE * alone);
    expect(await estimated(3)).toBeCloseTo(alone);
    const one = (await queue.state()).secondsLeft!;
    await queue.add(asked([1, 2], 'tiny-2'));
    await expect
      .poll(async () => (await queue.state()).secondsLeft)
      .toBeCloseTo((1 + MEASURING_SHARE) * one);
  });

  it('takes its pace from what was worked on here, not from what was there', () => {
    const job = recipeJob(PLAIN, { kind: 'recipe', name: 'tiny-1', budget: 'quick', seeds: [1] });
    const runs = job.units.flatMap((unit) => unit.runs);
    const under = new UnitUnderWay('item', { ...job.units[0]!, runs }, 0);
    const [a, b, c] = runs.map(({ variant, experiment }) => {
      return { variant, steps: experiment.optimizer.totalSteps };
    }) as [Run, Run, Run];
    const partOf = (steps: number) =>
      ((1 - MEASURING_SHARE) * steps) / (a.steps + b.steps + c.steps);
    under.reused(a.variant);
    under.resumed(b.variant, b.steps / 2);
    expect(under.share).toBeCloseTo(partOf(a.steps + b.steps / 2));
    expect([under.isFresh, under.factor(100, 1000)]).toEqual([false, null]);
    under.hear({ variant: b.variant, step: b.steps, steps: b.steps, measuring: null });
    expect(under.factor(100, 10_000)).toBeCloseTo(10 / (100 * partOf(b.steps / 2)));
  });

  it('tells how far measured models are trained on', () => {
    const [unit] = recipeJob(PLAIN, asked([1]) as never).units;
    const under = new UnitUnderWay('item', { ...unit!, onward: 100 }, 0);
    const steps = unit!.runs.reduce((sum, one) => sum + one.experiment.optimizer.totalSteps, 0);
    for (const { variant } of unit!.runs) under.reused(variant);
    const partOf = (onward: number) => ((1 - MEASURING_SHARE) * (steps + onward)) / (steps + 100);
    const onward = () => under.work(() => null).onward;
    under.hear({ variant: null, step: 0, steps: 0, measuring: 'Loss' });
    expect([under.share, onward()]).toEqual([partOf(0) + MEASURING_SHARE / 2, null]);
    under.hear({ variant: null, step: 40, steps: 100, measuring: 'Shock' });
    expect(under.share).toBeCloseTo(partOf(40) + MEASURING_SHARE / 2, 12);
    expect(onward()).toEqual({ step: 40, steps: 100 });
    // Of a unit that was gone on with, what was there tells nothing of the pace.
    const resumed = new UnitUnderWay('item', { ...unit!, onward: 100 }, 0);
    for (const { variant } of unit!.runs) resumed.reused(variant);
    resumed.hear({ variant: null, step: 40, steps: 100, measuring: 'Shock' });
    resumed.hear({ variant: null, step: 90, steps: 100, measuring: 'Shock' });
    const worked = partOf(90) - partOf(40);
    expect(resumed.factor(100, 10_000)).toBeCloseTo(10 / (100 * worked), 12);
  });

  it('goes on after reloads with the run in progress, to the same result', async () => {
    const whole = await openQueue(lab());
    await whole.add(asked([3]));
    await finished(whole);
    const of = lab();
    let queue = await openQueue(of);
    await queue.add(asked([3]));
    for (let reload = 0; reload < 4; reload++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await queue.pause();
      expect(await queue.state()).toMatchObject({ isPaused: true, work: null });
      queue = await openQueue(of);
      expect((await queue.state()).items[0]?.of).toBe(3);
      await queue.resume();
    }
    await finished(queue);
    const [a, b] = await Promise.all([whole.results(), queue.results()]);
    expect(timelessOf(b[0]!)).toBe(timelessOf(a[0]!));
    expect(await of.library.rows()).toHaveLength(3);
    expect(
      (await of.tables.transact(['facts'], 'readonly', (tx) => tx.keys('facts'))).map(String),
    ).toEqual(expect.not.arrayContaining([expect.stringContaining('run-')]));
  });

  it('keeps a derived run that is paused', async () => {
    const of = lab();
    const queue = await openQueue(of);
    await pausedInWide(queue);
    const isKept = async () =>
      (await new QueueStore(of.tables).work.keys()).some((key) => key.startsWith('own-'));
    expect(await isKept()).toBe(true);
    // Nobody is asked to go on with it meanwhile.
    const [record] = await queuedRuns(of.tables);
    expect((await of.library.row(record!))?.name).toBe('Derived: Wide, seed 1');
    await queue.resume();
    await finished(queue);
    expect(await of.library.rows()).toHaveLength(2);
    expect([await isKept(), (await queuedRuns(of.tables)).size]).toEqual([false, 0]);
  });

  it('forgets nothing of a unit before its result is stored', async () => {
    const of = lab();
    const { transact } = of.tables;
    let left = 1;
    of.tables.transact = (tables, mode, work) =>
      transact.call(of.tables, tables, mode, async (tx) => {
        const put: typeof tx.put = (table, key, value) => {
          if (Array.isArray(key) && key[1] === 'result' && left-- > 0) throw new Error('full');
          return tx.put(table, key as never, value);
        };
        return work(
          new Proxy(tx, {
            get: (_, name) => (name === 'put' ? put : Reflect.get(tx, name).bind(tx)),
          }),
        );
      }) as never;
    const queue = await openQueue(of);
    const id = await queue.add(asked([1], 'tiny-3'));
    const state = async () => (await queue.state()).items[0];
    await expect.poll(state, { timeout: 20_000 }).toMatchObject({ failure: 'full' });
    await queue.again(id);
    await finished(queue);
    expect(of.opened).toBe(2);
  });

  it('moves, cancels, removes and takes up again', async () => {
    const of = lab();
    const queue = await openQueue(of);
    await queue.pause();
    const [a, b, c] = [
      await queue.add(asked([1])),
      await queue.add(asked([2])),
      await queue.add(asked([3])),
    ];
    await queue.move(c, 0);
    await queue.cancel(a);
    await queue.remove(b);
    expect((await queue.state()).items.map(({ id, state }) => [id, state])).toEqual([
      [c, 'waiting'],
      [a, 'cancelled'],
    ]);
    await queue.resume();
    await expect
      .poll(async () => (await queue.state()).items[0]?.state, { timeout: 20_000 })
      .toBe('done');
    expect((await queue.results())[0]?.units.map(({ seed }) => seed)).toEqual([3, 3, 3]);
    await queue.again(a);
    await finished(queue);
    expect((await queue.results())[0]?.units).toHaveLength(6);
  });

  it('begins nothing that was cancelled or paused while it was looked up', async () => {
    const of = lab();
    const { transact } = of.tables;
    let onLook: (() => void) | null = null;
    const isLook = (range?: Range) => range?.prefix[1] === 'result';
    of.tables.transact = (tables, mode, work) =>
      transact.call(of.tables, tables, mode, async (tx) => {
        const keys: typeof tx.keys = (table, range) => {
          if (isLook(range) && of.opened > 0) onLook?.();
          return tx.keys(table, range);
        };
        return work(
          new Proxy(tx, {
            get: (_, name) => (name === 'keys' ? keys : Reflect.get(tx, name).bind(tx)),
          }),
        );
      }) as never;
    const queue = await openQueue(of);
    const id = await queue.add(asked([1]));
    onLook = () => void queue.cancel(id);
    await expect.poll(async () => (await queue.state()).items[0]?.state).toBe('cancelled');
    await queue.pause();
    expect(of.opened).toBe(1);
    expect(await queue.state()).toMatchObject({ items: [{ done: 1 }], work: null });
  });

  it('is worked on and changed in one tab at a time, each with what the other left', async () => {
    const of = lab();
    const [first, second] = [await openQueue(of), await openQueue(of, [], true)];
    const id = await first.add(asked([1]));
    await expect(second.add(asked([2]))).rejects.toThrow('works in another tab');
    await expect(second.resume()).rejects.toThrow('works in another tab');
    await finished(first);
    await expect.poll(() => of.owner).toBeNull();
    const other = await second.add(asked([2]));
    expect((await second.state()).items).toMatchObject([{ id, done: 3 }, { id: other }]);
    await expect(first.remove(id)).rejects.toThrow('works in another tab');
    await second.cancel(other);
    await expect.poll(() => of.owner).toBeNull();
    await Promise.all([first.remove(id), first.remove(other)]);
    expect((await first.state()).items).toEqual([]);
    await expect(second.again(other)).rejects.toThrow('has no item');
  });

  it('measures the adapter once, however many ask at once', async () => {
    const of = lab();
    const queue = await openQueue(of);
    await Promise.all([1, 2, 3].map((seed) => queue.estimate(asked([seed]))));
    expect(of.measured).toBe(1);
  });

  it('stops where no adapter is left, and fails nothing that waits', async () => {
    const of = lab();
    const queue = await openQueue(of);
    of.onOpen = () => {
      of.onDevice = () => {
        throw new Error('no adapter');
      };
      throw new Error('the device is lost');
    };
    await queue.add(asked([1]));
    await queue.add(asked([2]));
    await expect.poll(async () => (await queue.state()).failure).toBe('no adapter');
    const { items, isPaused } = await queue.state();
    expect([isPaused, ...items.map(({ state }) => state)]).toEqual([true, 'waiting', 'waiting']);
    [of.onOpen, of.onDevice] = [() => undefined, () => undefined];
    await queue.resume();
    await finished(queue);
  });

  it('leaves a run the name that a person gave it', async () => {
    const of = lab();
    const { library } = of;
    const queue = await openQueue(of);
    await pausedInWide(queue);
    const [record] = await queuedRuns(of.tables);
    await library.change(record!, { name: 'mine', tags: [] });
    await queue.resume();
    await finished(queue);
    expect(await library.row(record!)).toMatchObject({ name: 'mine', tags: ['tiny-3'] });
  });

  it('says what fails, and works on', async () => {
    const of = lab();
    const queue = await openQueue(of);
    of.onOpen = () => {
      if (of.opened === 2) throw new Error('the text is gone');
    };
    await queue.add(asked([1]));
    await queue.add(asked([2]));
    await expect
      .poll(async () => (await queue.state()).items[1]?.state, { timeout: 20_000 })
      .toBe('done');
    const [failed] = (await queue.state()).items;
    expect(failed).toMatchObject({ state: 'failed', failure: 'the text is gone', done: 1 });
    await expect(queue.add(asked([]))).rejects.toMatchObject({ name: 'ConfigInvalid' });
    await expect(queue.add(asked([1], 'tiny-9'))).rejects.toThrow('no such recipe');
    await queue.again(failed!.id);
    await finished(queue);
  });
});
