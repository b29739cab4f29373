import { expose, proxy, transfer } from 'comlink';
import { afterEach, expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { runLocks } from '../../src/runs/locks.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { keptRun } from '../../src/runs/openStored.ts';
import { served } from '../../src/runs/remoteLibrary.ts';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import { inspectionBuffers } from '../../src/train/engine/inspections.ts';
import { switchyardError } from '../../src/train/session/errors.ts';
import { Trainer } from '../../src/train/session/trainer.ts';
import { recordBuffers } from '../../src/train/telemetry/records.ts';
import type { TrainerEvent, WorkerApi } from '../../src/worker/api.ts';
import { connectTrainer, type TrainerClient, type WorkerLike } from '../../src/worker/client.ts';
import { lab, openQueue } from '../queue/queueLab.ts';
import { makeRecords, makeRow, pieceOf } from '../runs/support.ts';
import { FakeDevice, fakeText, lossesOf, lossesOfRun, TINY } from '../train/support.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Wire {
  client: TrainerClient;
  worker: WorkerLike;
  events: TrainerEvent[];
  /** Arrays of `steps` events as the worker sent them: empty once they are transferred. */
  sent: Float32Array[];
  /** Memory of the inspections' answers: detached once it is transferred. */
  inspected: ArrayBuffer[];
  bases: string[];
  /** Experiments whose text was asked for ahead. */
  prepared: Experiment[];
}

/** A trainer behind a channel as the worker has it, with an engine that needs no GPU. */
function connect(): Wire {
  const { port1, port2 } = new MessageChannel();
  const sent: Float32Array[] = [];
  const inspected: ArrayBuffer[] = [];
  const bases: string[] = [];
  const prepared: Experiment[] = [];
  const trainer = new Trainer({
    devices: new DeviceSource(async () => new FakeDevice()),
    async prepareText(experiment, own, { signal }) {
      if ((experiment.data.mix.own ?? 0) > 0 && own === null)
        throw switchyardError('DataMissing', 'The own text has to be given.');
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (signal?.aborted) throw switchyardError('Cancelled', 'cancelled');
      return fakeText(experiment);
    },
    deliver(listener, event) {
      if (event.type === 'steps') sent.push(event.records.scalars);
      listener(event.type === 'steps' ? transfer(event, recordBuffers(event.records)) : event);
    },
  });
  const setBase = async (url: string) => {
    bases.push(url);
  };
  const prepare = async (experiment: Experiment) => {
    prepared.push(experiment);
  };
  const read = trainer.inspect.bind(trainer) as Trainer['inspect'];
  const inspect: Trainer['inspect'] = async (kind, ask) => {
    const answer = await read(kind, ask);
    const buffers = inspectionBuffers(answer);
    inspected.push(...buffers);
    return transfer(answer, buffers);
  };
  const library = memoryLibrary();
  const memory = async () => proxy(served(library));
  const openStored: WorkerApi['openStored'] = async (id, step, change) =>
    trainer.openKept(await keptRun(library, runLocks(null), id, { step, change }));
  const takeCopy = async () => (await trainer.copy()).state.step;
  const letCopyGo = async () => undefined;
  const probeStored: WorkerApi['probeStored'] = async (_run, ask, onItems) => {
    onItems({ done: 1, total: 2 });
    return trainer.probeTasks(ask);
  };
  const cancelStored = async () => undefined;
  const conversion = () => Promise.reject(new Error('none'));
  const queue = async () => proxy(await openQueue(lab()));
  const copies = { takeCopy, letCopyGo, probeStored, cancelStored };
  const stored = { memory, openStored, ...copies, conversion, queue };
  const api: WorkerApi = Object.assign(trainer, { setBase, prepare, inspect, ...stored });
  expose(api, port1);
  const worker: WorkerLike = Object.assign(port2, { terminate: () => port2.close() });
  const client = connectTrainer(worker, 'https://host/lab/');
  const events: TrainerEvent[] = [];
  client.onEvent((event) => events.push(event));
  closers.push(() => {
    port1.close();
    port2.close();
  });
  return { client, worker, events, sent, inspected, bases, prepared };
}

const stateOf = (events: readonly TrainerEvent[]) =>
  events.filter((event) => event.type === 'state').at(-1)?.state;

it('opens, trains and reports over the wire; arrays are transferred, not copied', async () => {
  const { client, events, sent, bases, prepared } = connect();
  client.prepare(TINY);
  expect((await client.probe()).description).toBe('fake');
  expect(bases).toEqual(['https://host/lab/']);
  expect(prepared).toEqual([TINY]);
  const report = await client.open(TINY, null);
  expect(report).toMatchObject({ runId: 1, vocabulary: 8, domains: ['prose', 'code'] });
  expect(await client.change({ 'optimizer.totalSteps': 20 })).toBe(1);
  await client.start();
  await expect.poll(() => stateOf(events)).toBe('finished');
  expect(lossesOf(events)).toHaveLength(20);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.every(({ length }) => length === 0)).toBe(true);
  expect((await client.experiment()).events).toEqual([[1, { 'optimizer.totalSteps': 20 }]]);
});

it('opens a second run, whose events come apart and which takes no bit of the first’s losses', async () => {
  const { client, events } = connect();
  const beside: TrainerEvent[] = [];
  client.onBesideEvent((event) => beside.push(event));
  const short = { ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 12 } };
  const other = { ...short, optimizer: { ...short.optimizer, lr: 0.05 } };
  const a = await client.open(short, null);
  const b = await client.openBeside(other, null);
  expect(b.runId).not.toBe(a.runId);
  await client.start();
  await expect.poll(() => [stateOf(events), stateOf(beside)]).toEqual(['finished', 'finished']);
  expect(lossesOf(events)).toEqual(await lossesOfRun(short, 12));
  expect(lossesOf(beside)).toEqual(await lossesOfRun(other, 12));
  await client.closeBeside();
  const unlike = { ...other, seeds: { ...other.seeds, data: 5 } };
  await expect(client.openBeside(unlike, null)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: expect.stringContaining('seeds.data'),
  });
});

it('reaches the library in the worker’s memory', async () => {
  const { client } = connect();
  const library = await client.memory();
  const heard: (readonly string[])[] = [];
  library.subscribe((ids) => heard.push(ids));
  await library.append(makeRow('a', { steps: 2 }), pieceOf(makeRecords(1, 2)));
  expect((await library.curves('a')).ce?.values).toHaveLength(2);
  const deleted = await library.remove(['a']);
  expect(deleted.rows).toHaveLength(1);
  expect(await library.rows()).toEqual([]);
  await deleted.restore();
  expect(await library.rows()).toHaveLength(1);
  await expect.poll(() => heard).toEqual([['a'], ['a'], ['a']]);
  await expect(client.openStored('b', null, null)).rejects.toThrow('no run "b"');
});

it('answers questions to the model while it trains, which change no bit of a loss', async () => {
  const plain = connect();
  const asked = connect();
  for (const { client } of [plain, asked]) {
    await client.open(TINY, null);
    await client.change({ 'optimizer.totalSteps': 60 });
    await client.start();
  }
  const steps: number[] = [];
  for (let i = 0; i < 20; i++) {
    const names = ['*.router_logits'];
    const [routing, { tensors }, { inspection }, { ce }, { texts }] = await Promise.all([
      asked.client.inspect('routing', null),
      asked.client.inspect('tensors', { names }),
      asked.client.inspect('pass', { of: { validation: 2 } }),
      asked.client.inspect('losses', { of: { passage: 'abc' }, requests: [[], []] }),
      asked.client.inspect('vocabulary', null),
    ]);
    expect(inspection.ce).toHaveLength(inspection.tokens.length);
    expect(ce.map(({ length }) => length)).toEqual([2, 2]);
    expect(texts[1]).toEqual(new TextEncoder().encode('b'));
    steps.push(routing.step);
    expect(routing.layers[0]?.selected.length).toBe(routing.batch.tokens.length * 2);
    expect([...tensors.keys()]).toEqual(['layers.0.router_logits', 'layers.1.router_logits']);
  }
  for (const { events } of [plain, asked])
    await expect.poll(() => stateOf(events), { timeout: 20_000 }).toBe('finished');
  expect(new Set(steps).size).toBeGreaterThan(5);
  expect(lossesOf(asked.events)).toHaveLength(60);
  expect(lossesOf(asked.events)).toEqual(lossesOf(plain.events));
  expect(asked.inspected.length).toBeGreaterThan(0);
  expect(asked.inspected.every(({ byteLength }) => byteLength === 0)).toBe(true);
});

it('refuses a question as any other command', async () => {
  const { client } = connect();
  const refusal = { name: 'ConfigInvalid', message: 'No run is open.' };
  await expect(client.inspect('routing', null)).rejects.toMatchObject(refusal);
});

it('rebuilds errors under their names', async () => {
  const { client } = connect();
  await expect(client.start()).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: 'No run is open.',
  });
  const own = { ...TINY, data: { ...TINY.data, mix: { own: 1 } } };
  await expect(client.open(own, null)).rejects.toMatchObject({ name: 'DataMissing' });
  await client.open(TINY, null);
  const wrong = client.change({ 'model.D': 16 });
  await expect(wrong).rejects.toMatchObject({ name: 'ConfigInvalid' });
  await expect(wrong).rejects.toBeInstanceOf(Error);
});

it('drops events of runs that were replaced, and holds those of a run until its report', async () => {
  const { client, events } = connect();
  await client.open(TINY, null);
  await client.start();
  await expect.poll(() => lossesOf(events).length).toBeGreaterThan(3);
  const opening = client.open(TINY, null);
  events.length = 0;
  const before = opening.then(() => events.slice());
  const { runId } = await opening;
  expect(runId).toBe(2);
  expect((await before).every(({ type, runId: id }) => type !== 'steps' && id === 2)).toBe(true);
  expect(stateOf(await before)).toBe('opening');
  await expect.poll(() => stateOf(events)).toBe('ready');
  await client.step();
  await expect.poll(() => lossesOf(events)).toHaveLength(1);
});

it('hears the run that opens where what is opened meanwhile is refused', async () => {
  const { client, events } = connect();
  const opening = client.open(TINY, null);
  // Its first event names the run.
  await expect.poll(() => events.length).toBeGreaterThan(0);
  const broken = [1, 2].map((length) => client.restore(new Uint8Array(length), null));
  for (const one of await Promise.allSettled(broken)) expect(one.status).toBe('rejected');
  expect((await opening).runId).toBe(1);
  await client.start();
  await expect.poll(() => stateOf(events)).toBe('finished');
  expect(lossesOf(events)).toHaveLength(TINY.optimizer.totalSteps);
});

it('cancels a run that is still opening when another is opened', async () => {
  const { client } = connect();
  const first = client.open(TINY, null);
  const second = client.open(TINY, null);
  await expect(first).rejects.toMatchObject({ name: 'Cancelled' });
  expect((await second).runId).toBe(2);
});

it('restores a checkpoint as a new run that stands at its step', async () => {
  const { client, events } = connect();
  await client.open(TINY, null);
  await client.step();
  await client.step();
  const bytes = await client.checkpoint();
  expect(bytes).toBeInstanceOf(Uint8Array);
  const report = await client.restore(bytes, null);
  expect(report.runId).toBe(2);
  await expect
    .poll(() => events.at(-1))
    .toEqual({ runId: 2, type: 'state', state: 'paused', step: 2 });
  events.length = 0;
  await client.step();
  await expect.poll(() => lossesOf(events, 3)).toHaveLength(1);
});

it('streams what is written while it is written', async () => {
  const { client } = connect();
  await client.open(TINY, null);
  const request = { prompts: ['ab', 'c'], temperature: 1, tokens: 5000, seed: 1 };
  let heard = 0;
  const { texts, tokens } = await client.generate(
    { ...request, stops: [], candidates: 2 },
    (some) => {
      heard += some.length;
      void client.stopGenerating();
    },
  );
  expect(heard).toBeGreaterThan(0);
  expect(tokens).toBeLessThan(10_000);
  expect(texts.map(({ end }) => end)).toEqual(['cancelled', 'cancelled']);
});

it('rejects what is under way, and all that follows, once the worker has failed', async () => {
  const { client, worker } = connect();
  await client.open(TINY, null);
  const waiting = client.sample({ prompt: '', temperature: 1, tokens: 100000, seed: 1 });
  const failure = Object.assign(new Event('error'), { message: 'out of memory' });
  (worker as WorkerLike & EventTarget).dispatchEvent(failure);
  await expect(waiting).rejects.toThrow('The training worker stopped: out of memory');
  await expect(client.pause()).rejects.toThrow('out of memory');
  await expect(client.probe()).rejects.toThrow('out of memory');
});

it('rejects with Cancelled after it was closed', async () => {
  const { client } = connect();
  await client.open(TINY, null);
  const waiting = client.sample({ prompt: '', temperature: 1, tokens: 100000, seed: 1 });
  client.terminate();
  await expect(waiting).rejects.toMatchObject({ name: 'Cancelled' });
});

it('checks what may take the place of a run while that trains on, bit for bit as alone', async () => {
  const { client, events } = connect();
  await client.open(TINY, null);
  const bytes = await client.checkpoint();
  await client.start();
  const spoilt = bytes.slice();
  spoilt.set([0, 0, 192, 127], spoilt.length - 4);
  const noText = { ...TINY, data: { ...TINY.data, mix: { own: 1 } } };
  const wide = { ...TINY, model: { ...TINY.model, H: 3 } };
  await expect(client.checkCheckpoint(spoilt, null)).rejects.toMatchObject({
    name: 'ConfigInvalid',
    message: expect.stringMatching(/"moment2\..*" is NaN at element/),
  });
  await expect(client.check(noText, null)).rejects.toMatchObject({ name: 'DataMissing' });
  await expect(client.check(wide, null)).rejects.toThrow(/not a multiple of H = 3/);
  expect(await client.check(TINY, null)).toMatchObject({ step: 0, domains: 2 });
  expect(await client.checkCheckpoint(bytes, null)).toMatchObject({ config: { model: { V: 8 } } });
  await expect.poll(() => stateOf(events)).toBe('finished');
  expect(new Set(events.map(({ runId }) => runId))).toEqual(new Set([1]));
  const { totalSteps } = TINY.optimizer;
  expect(lossesOf(events)).toEqual(await lossesOfRun(TINY, totalSteps));
});

it('has the queue work over the wire, and names what it refuses', async () => {
  const { client } = connect();
  const queue = await client.queue();
  const states: string[] = [];
  await queue.subscribe((event) => {
    if (event.type === 'state') states.push(event.state.items.map(({ state }) => state).join());
  });
  await queue.add({ kind: 'recipe', name: 'tiny-1', budget: 'quick', seeds: [1] });
  await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe('done');
  expect((await queue.results())[0]?.units).toHaveLength(3);
  const unknown = queue.add({ kind: 'recipe', name: 'tiny-9', budget: 'quick', seeds: [1] });
  await expect(unknown).rejects.toMatchObject({ name: 'ConfigInvalid' });
});
