/** A run that is killed again and again comes to the same end, bit for bit. */
import { describe, expect, it, vi } from 'vitest';
import { type TrainedRun, trainedRun } from '../../../src/train/recipes/trainedRun.ts';
import { memoryStore } from '../../../src/train/recipes/workStore.ts';
import { EXPLODING_LR, FakeEngine } from '../fakeEngine.ts';
import { harness, lossesOf, TINY } from '../support.ts';
import { dying } from './dying.ts';

const EXPERIMENT = { ...TINY, evaluation: { ...TINY.evaluation, every: 7 } };

/** What a run came to, but for its times and how its telemetry was cut into pieces. */
function comparable({ seconds: _, records, ...run }: TrainedRun) {
  const speeds = { tokensPerSec: 0, stepsPerSec: 0 };
  return {
    ...run,
    ce: lossesOf(records.map((one) => ({ type: 'steps', records: one, ...speeds }))),
  };
}

const options = { key: 'run', keepEveryMs: 0 };

describe('a run that is kept', () => {
  it('comes to the same end however often it is killed', async () => {
    const whole = await trainedRun(harness().deps, EXPERIMENT, {
      ...options,
      store: memoryStore(),
    });
    expect(whole.state.step).toBe(60);
    expect(whole.validation.at(-1)?.step).toBe(60);
    const store = memoryStore();
    for (const [n, isKept] of [
      [1, false],
      [1, true],
      [2, false],
      [2, true],
    ] as const) {
      const run = trainedRun(harness().deps, EXPERIMENT, {
        ...options,
        store: dying(store, n, isKept),
      });
      await expect(run).rejects.toThrow('killed');
    }
    const resumed = await trainedRun(harness().deps, EXPERIMENT, { ...options, store });
    expect(comparable(resumed)).toEqual(comparable(whole));
  });

  it('compares its next figures with those before it was stopped', async () => {
    const whole = await trainedRun(harness().deps, EXPERIMENT, {
      ...options,
      store: memoryStore(),
    });
    const steps = whole.figures.map(({ step }) => step);
    expect(steps).toEqual([28, 56]);
    expect(whole.figures.map(({ values }) => values['saturation.churn'])).toEqual([Number.NaN, 0]);
    const store = memoryStore();
    const stop = new AbortController();
    const onStep = (step: number) => {
      if (step > steps.at(-2)!) stop.abort();
    };
    const stopped = trainedRun(harness().deps, EXPERIMENT, {
      ...{ ...options, store, signal: stop.signal, onStep },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
    const resumed = await trainedRun(harness().deps, EXPERIMENT, { ...options, store });
    expect(comparable(resumed)).toEqual(comparable(whole));
  });

  it('has a whole record before it counts as trained', async () => {
    const store = memoryStore();
    const order: string[] = [];
    const put: typeof store.put = async (key, value) => {
      if ((value as { isDone: boolean }).isDone) order.push('done');
      return store.put(key, value);
    };
    const listener = {
      hear: () => undefined,
      note: () => 'record',
      close: async () => void order.push('closed'),
    };
    await trainedRun(harness().deps, EXPERIMENT, {
      ...{ key: 'run', store: { ...store, put }, listen: async () => listener },
    });
    expect(order).toEqual(['closed', 'done']);
  });

  it('goes on from the state that is kept where its device is lost', async () => {
    const { deps, devices } = harness();
    const submitted = vi.spyOn(FakeEngine.prototype, 'submitStep');
    let isLost = false;
    const run = await trainedRun(deps, EXPERIMENT, {
      ...{ key: 'run', store: memoryStore(), keepEveryMs: 0 },
      onStep(step) {
        if (step < 40 || isLost) return;
        isLost = true;
        devices[0]!.lose();
      },
    });
    expect(run.state.step).toBe(60);
    expect(isLost).toBe(true);
    expect(devices).toHaveLength(2);
    // Not all steps before are taken again.
    expect(submitted.mock.calls.length).toBeLessThan(60 + 30);
    submitted.mockRestore();
  });

  it('is read and not trained again', async () => {
    const store = memoryStore();
    const first = await trainedRun(harness().deps, EXPERIMENT, { ...options, store });
    const other = harness();
    expect(await trainedRun(other.deps, EXPERIMENT, { ...options, store })).toEqual(first);
    expect(other.devices.flatMap(({ engines }) => engines)).toEqual([]);
    const { deps } = harness();
    const elsewhere = async () => {
      const device = await deps.requestDevice();
      return { ...device, adapter: { ...device.adapter, description: 'another' } };
    };
    let trained = 0;
    await trainedRun({ ...deps, requestDevice: elsewhere }, EXPERIMENT, {
      ...{ ...options, store, onStep: () => trained++ },
    });
    expect(trained).toBeGreaterThan(0);
  });

  it('keeps its state when it is told to stop', async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const onStep = (step: number) => {
      if (step >= 20) stop.abort();
    };
    const run = trainedRun(harness().deps, EXPERIMENT, {
      ...{ key: 'run', store, signal: stop.signal, onStep },
    });
    await expect(run).rejects.toMatchObject({ name: 'Cancelled' });
    const kept = (await store.get('run')) as TrainedRun & { isDone: boolean };
    expect(kept.isDone).toBe(false);
    expect(kept.state.step).toBeGreaterThanOrEqual(20);
    expect(kept.state.step).toBeLessThan(60);
  });

  it('takes no step where it was told to stop while it was opened', async () => {
    const { deps } = harness();
    const stop = new AbortController();
    let steps = 0;
    const opening: typeof deps.prepareText = (...given) => {
      stop.abort();
      return deps.prepareText(...given);
    };
    const run = trainedRun({ ...deps, prepareText: opening }, EXPERIMENT, {
      ...{ key: 'run', store: memoryStore(), signal: stop.signal, onStep: () => steps++ },
    });
    await expect(run).rejects.toMatchObject({ name: 'Cancelled' });
    expect(steps).toBe(0);
  });

  it('says where it diverged', async () => {
    const optimizer = { ...EXPERIMENT.optimizer, lr: EXPLODING_LR };
    const run = await trainedRun(
      harness().deps,
      { ...EXPERIMENT, optimizer },
      { ...options, store: memoryStore() },
    );
    expect(run.diverged).toMatch(/^Step \d+: the loss/);
    expect(run.state.step).toBeLessThan(60);
  });
});
