import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { runLocks } from '../../src/runs/locks.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { recordRun } from '../../src/runs/recorder.ts';
import { switchyardError } from '../../src/train/session/errors.ts';
import type { RunRecording } from '../../src/train/session/recording.ts';
import { createSerial } from '../../src/train/session/serial.ts';
import { lastStep, trainerOfTwo, until } from './besideRuns.ts';
import { eventsOf, FakeDevice, lossesOf, lossesOfRun, TINY } from './support.ts';

const STEPS = 30;
const A = until(TINY, STEPS);
const B: Experiment = { ...A, optimizer: { ...A.optimizer, lr: 0.02 } };

async function ofTwo(recorder?: Parameters<typeof trainerOfTwo>[1]) {
  const devices: FakeDevice[] = [];
  const two = await trainerOfTwo(async () => {
    const device = new FakeDevice();
    devices.push(device);
    return device;
  }, recorder);
  return { ...two, devices };
}

const stateOf = (events: Parameters<typeof eventsOf>[0]) => eventsOf(events, 'state').at(-1)?.state;

const poll = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

describe('A run beside another', () => {
  it('takes turns: neither is ever more than one step ahead', async () => {
    const { trainer, a, b, devices } = await ofTwo();
    await trainer.open(A, null);
    await trainer.openBeside(B, null);
    const [first, second] = devices[0]!.engines;
    const apart: number[] = [];
    for (const engine of [first!, second!]) {
      const submit = engine.submitStep.bind(engine);
      engine.submitStep = (batch) => {
        submit(batch);
        apart.push(Math.abs(first!.step - second!.step));
      };
    }
    await trainer.start();
    await poll(() => [stateOf(a), stateOf(b)]).toEqual(['finished', 'finished']);
    expect(apart).toHaveLength(2 * STEPS);
    expect(Math.max(...apart)).toBe(1);
    expect(lossesOf(a)).toEqual(await lossesOfRun(A, STEPS));
    expect(lossesOf(b)).toEqual(await lossesOfRun(B, STEPS));
  });

  it('pauses, steps and returns to the start with it', async () => {
    const { trainer, a, b } = await ofTwo();
    await trainer.open(until(A, 5000), null);
    await trainer.step();
    await trainer.openBeside(until(B, 5000), null);
    await trainer.step();
    expect([lastStep(a), lastStep(b)]).toEqual([1, 1]);
    await trainer.step();
    expect([lastStep(a), lastStep(b)]).toEqual([2, 2]);
    await trainer.start();
    await poll(() => lastStep(b)).toBeGreaterThan(3);
    await trainer.pause();
    expect([stateOf(a), stateOf(b)]).toEqual(['paused', 'paused']);
    expect(lastStep(a)).toBe(lastStep(b));
    await trainer.reset();
    expect([stateOf(a), stateOf(b)]).toEqual(['ready', 'ready']);
  });

  it('is waited for no more once it is closed, or has ended', async () => {
    const { trainer, a, b } = await ofTwo();
    await trainer.open(A, null);
    await trainer.openBeside(until(B, 5), null);
    await trainer.start();
    await poll(() => stateOf(a)).toBe('finished');
    expect([lastStep(a), lastStep(b)]).toEqual([STEPS, 5]);

    await trainer.open(until(A, 100), null);
    await trainer.openBeside(until(B, 100), null);
    await trainer.start();
    await trainer.closeBeside();
    a.length = 0;
    await poll(() => stateOf(a)).toBe('finished');
  });

  it('is refused where data, tokenizer, B, S or the data seed are others, by name and value', async () => {
    const { trainer, a } = await ofTwo();
    await expect(trainer.openBeside(B, null)).rejects.toThrow('No run is open.');
    await trainer.open(A, null);
    const other = { ...B, batch: { B: 3, S: 4 }, seeds: { ...B.seeds, data: 7 } };
    await expect(trainer.openBeside(other, null)).rejects.toMatchObject({
      name: 'ConfigInvalid',
      message: expect.stringMatching(/batch\.B\) is 2 in A and 3 in B.*seeds\.data\).*and 7 in B/),
    });
    await trainer.start();
    await poll(() => stateOf(a)).toBe('finished');
  });

  it('is refused where both find no memory, with what the first holds; that one trains on', async () => {
    const { trainer, a, devices } = await ofTwo();
    await trainer.open(A, null);
    devices[0]!.createEngine = async () => {
      throw switchyardError('ModelTooLarge', 'The GPU has no memory left for 3.0 MiB more.');
    };
    await expect(trainer.openBeside(B, null)).rejects.toMatchObject({
      name: 'ModelTooLarge',
      message: expect.stringMatching(/^Beside A, which holds \d+\.\d MiB: .*3\.0 MiB more/),
    });
    await trainer.start();
    await poll(() => stateOf(a)).toBe('finished');
  });

  it('is closed with the first, and when another takes its place', async () => {
    const { trainer, devices } = await ofTwo();
    await trainer.open(A, null);
    await trainer.openBeside(B, null);
    await trainer.openBeside(B, null);
    await trainer.open(A, null);
    const gone = devices[0]!.engines.map(({ isDestroyed }) => isDestroyed);
    expect(gone).toEqual([true, true, true, false]);
    const opening = trainer.openBeside(B, null);
    await Promise.all([
      expect(opening).rejects.toMatchObject({ name: 'Cancelled' }),
      trainer.closeBeside(),
    ]);
  });

  it('is recorded as a run of its own', async () => {
    const library = memoryLibrary();
    const deps = {
      library: async () => ({ library, denied: null }),
      locks: runLocks(null),
      inTurn: createSerial(),
      now: Date.now,
    };
    const { trainer, a, b } = await ofTwo(
      async () => (opening, emit) => recordRun(deps, opening, emit),
    );
    await trainer.open(A, null);
    await trainer.openBeside(B, null);
    await trainer.start();
    await poll(() => [stateOf(a), stateOf(b)]).toEqual(['finished', 'finished']);
    await poll(() => library.rows()).toHaveLength(2);
    const rows = await library.rows();
    expect(rows.map(({ id }) => trainer.isRecording(id))).toEqual([true, true]);
    await trainer.dispose();
    expect(rows.map(({ id }) => trainer.isRecording(id))).toEqual([false, false]);
    expect(rows.map(({ steps, status }) => [steps, status])).toEqual([
      [STEPS, 'done'],
      [STEPS, 'done'],
    ]);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(2);
    expect(new Set(rows.map(({ color }) => color)).size).toBe(2);
    const rates = rows.map(({ experiment }) => experiment?.optimizer.lr).sort();
    expect(rates).toEqual([A.optimizer.lr, 0.02].sort());
    for (const { id, experiment } of rows) {
      const { ce } = await library.curves(id);
      expect([...(ce?.values ?? [])]).toEqual(await lossesOfRun(experiment!, STEPS));
    }
  });

  it('is closed when all that is kept of it is', async () => {
    const released: (() => void)[] = [];
    const recording = (id: string): RunRecording => ({
      id,
      hear: () => {},
      wants: () => false,
      take: () => {},
      keep: async () => {},
      flush: () => {},
      close: () => new Promise((release) => released.push(release)),
    });
    let opened = 0;
    const { trainer } = await ofTwo(async () => () => recording(`run ${++opened}`));
    await trainer.open(A, null);
    await trainer.openBeside(B, null);
    const order: string[] = [];
    const next = trainer.open(A, null).then(() => order.push('open'));
    const closed = trainer.closed().then(() => order.push('closed'));
    expect(trainer.isRecording('run 1')).toBe(false);
    await poll(() => released.length).toBe(1);
    expect(order).toEqual([]);
    released[0]!();
    await poll(() => released.length).toBe(2);
    expect(order).toEqual([]);
    released[1]!();
    await Promise.all([next, closed]);
    expect(order).toEqual(['closed', 'open']);
  });
});
