import { expect, it, vi } from 'vitest';
import { askProbe } from '../../src/analysis/probes/ask.ts';
import { probeItems } from '../../src/analysis/probes/items.ts';
import { PROBE_TASKS } from '../../src/analysis/probes/probe.ts';
import { validationIds } from '../../src/data/documents.ts';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import { probeModel } from '../../src/train/engine/probeModel.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { Trainer } from '../../src/train/session/trainer.ts';
import { DOCUMENTS } from './probeDocuments.ts';
import {
  eventsOf,
  FakeDevice,
  fakeText,
  harness,
  lossesOf,
  lossesOfRun,
  open,
  TINY,
} from './support.ts';

/** Longer sequences, so that items fit. */
const EXPERIMENT = {
  ...TINY,
  batch: { B: 2, S: 64 },
  optimizer: { ...TINY.optimizer, totalSteps: 5000 },
};
const ASK = { seed: 3, items: 4 };

async function run(experiment = EXPERIMENT) {
  const one = harness();
  const reads = vi.fn(async () => DOCUMENTS);
  const session = await open(experiment, { ...one, deps: { ...one.deps, readDocuments: reads } });
  return { ...one, session, reads };
}

it('answers what the items come to one by one', async () => {
  const { session, events, reads } = await run();
  await session.runTo(3);
  const probes = await session.probeTasks(ASK);
  expect(probes).toMatchObject({ from: 3, step: 3, ...ASK });
  const { tokenizer } = fakeText(EXPERIMENT);
  const items = probeItems(DOCUMENTS, {
    seed: ASK.seed,
    items: Object.fromEntries(PROBE_TASKS.map((task) => [task, ASK.items])),
    S: 64,
    encode: (text) => tokenizer.encode(text),
    ids: await validationIds(tokenizer, DOCUMENTS),
  });
  expect(
    Object.values(items.items).every(
      (list) => ('sequences' in list ? list.sequences : list).length > 0,
    ),
  ).toBe(true);
  const model = probeModel(tokenizer, (kind, ask) => session.inspect(kind, ask));
  for (const task of PROBE_TASKS)
    expect(probes.results[task]).toEqual(await askProbe(task, items, model));
  expect(eventsOf(events, 'probes')).toEqual([{ type: 'probes', probes }]);
  const told = eventsOf(events, 'probing').map(({ probing }) => probing);
  expect(told.at(-1)).toBeNull();
  expect(told[0]).toEqual({ done: 0, total: 0 });
  expect(told.at(-2)!.total).toBe(4 * (2 + 2 + 2 + 1) + 4);
  await session.probeTasks(ASK);
  expect(reads).toHaveBeenCalledTimes(1);
  await session.dispose();
});

it('takes one item between two steps, and changes no loss', async () => {
  const { session, events } = await run();
  const trained = session.runTo(200);
  await vi.waitFor(() => expect(session.stepsTaken).toBeGreaterThan(3));
  const { from, step } = await session.probeTasks(ASK);
  const { total } = eventsOf(events, 'probing').at(-2)!.probing!;
  expect(total).toBeGreaterThanOrEqual(20);
  // A step is taken after every item.
  expect(step - from).toBeGreaterThanOrEqual(Math.min(total, 200 - from) - 1);
  await trained;
  expect(lossesOf(events)).toEqual(await lossesOfRun(EXPERIMENT, 200));
  await session.dispose();
});

it('asks every so many steps, and not again while it does', async () => {
  const { session, events } = await run();
  await session.probeEvery(10, { seed: 1, items: 1 });
  await session.runTo(120);
  await vi.waitFor(() => expect(eventsOf(events, 'probing').at(-1)!.probing).toBeNull());
  const taken = eventsOf(events, 'probes').map(({ probes }) => probes);
  expect(taken.length).toBeGreaterThan(1);
  let before = 0;
  for (const { from, step } of taken) {
    // The items were made meanwhile, before the first one.
    expect(from).toBeGreaterThanOrEqual(before);
    expect(step).toBeGreaterThanOrEqual(from);
    before = step;
  }
  await session.probeEvery(0, { seed: 1, items: 1 });
  await session.runTo(150);
  expect(eventsOf(events, 'probes')).toHaveLength(taken.length);
  await session.dispose();
});

it('ends where it is cancelled, and with the run', async () => {
  const { session, events } = await run();
  const asked = session.probeTasks(ASK);
  await expect(session.probeTasks(ASK)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: 'Probe tasks are being asked already.',
  });
  await session.cancelProbes();
  await expect(asked).rejects.toMatchObject({ name: 'Cancelled' });
  expect(eventsOf(events, 'probing').at(-1)!.probing).toBeNull();
  const again = session.probeTasks(ASK);
  await session.reset();
  await expect(again).rejects.toMatchObject({ name: 'Cancelled' });
  const last = session.probeTasks(ASK);
  await session.dispose();
  await expect(last).rejects.toMatchObject({ name: 'Cancelled' });
  expect(eventsOf(events, 'probes')).toEqual([]);
});

it('refuses what cannot be asked, with the allowed range', async () => {
  const { session } = await run();
  await expect(session.probeTasks({ seed: -1, items: 4 })).rejects.toThrow(
    'Probe tasks: seed -1 is no whole number from 0 to 4294967295.',
  );
  await expect(session.probeTasks({ seed: 1, items: 0.5 })).rejects.toThrow(
    'Probe tasks: items 0.5 is no whole number from 1 to 10000.',
  );
  await expect(session.probeEvery(10, { seed: 1, items: 0 })).rejects.toThrow('items 0');
  await session.dispose();
  const without = await open(EXPERIMENT, harness());
  await expect(without.probeTasks(ASK)).rejects.toThrow('Probe tasks need the text of the run.');
  await without.dispose();
});

it('asks every run that a trainer opens, and the one beside it, the same items', async () => {
  const events: (SessionEvent & { runId: number })[] = [];
  const trainer = new Trainer({
    devices: new DeviceSource(async () => new FakeDevice()),
    prepareText: async (experiment) => fakeText(experiment),
    readDocuments: async () => DOCUMENTS,
    deliver: (_, event) => events.push(event),
  });
  await trainer.subscribe(() => undefined);
  await trainer.subscribeBeside(() => undefined);
  await trainer.probeEvery(1, { seed: 1, items: 1 });
  await trainer.open(EXPERIMENT, null);
  await trainer.step();
  await vi.waitFor(() => expect(eventsOf(events, 'probes')).toHaveLength(1));
  await trainer.probeEvery(0, { seed: 1, items: 1 });
  await trainer.openBeside(
    { ...EXPERIMENT, optimizer: { ...EXPERIMENT.optimizer, lr: 0.01 } },
    null,
  );
  const probes = await trainer.probeTasks(ASK);
  const both = events.filter((event) => event.type === 'probes').slice(1);
  expect(both.map(({ runId }) => runId).sort()).toEqual([1, 2]);
  expect(both.find(({ runId }) => runId === 1)).toMatchObject({ probes });
  await trainer.dispose();
});
