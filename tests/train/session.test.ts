import { expect, it } from 'vitest';
import { checkConstraints } from '../../src/config/constraints.ts';
import type { Experiment, ExperimentEvent } from '../../src/config/experiment.ts';
import { MAX_EVENTS, parseExperiment } from '../../src/config/parse.ts';
import { createSession } from '../../src/train/session/session.ts';
import { EXPLODING_LR } from './fakeEngine.ts';
import { eventsOf, harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

it('reports every step once, in order, with a speed', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.runTo(40);
  expect(lossesOf(one.events)).toHaveLength(40);
  expect(new Set(lossesOf(one.events)).size).toBe(40);
  const last = eventsOf(one.events, 'steps').at(-1)!;
  expect(last.stepsPerSec).toBeGreaterThan(0);
  expect(last.tokensPerSec).toBeCloseTo(last.stepsPerSec * 8);
});

it('keeps at most three steps in flight and never lets the ring overflow', async () => {
  const one = harness({ ringSteps: 8 });
  const session = await open(TINY, one);
  await session.runTo(50);
  expect(lossesOf(one.events)).toHaveLength(50);
  expect(one.devices[0]!.engines[0]!.mostInFlight).toBeLessThanOrEqual(3);
});

it('gives the same losses again, with and without evaluation, samples and snapshots', async () => {
  const plain = await lossesOfRun(TINY, 30);
  const busy = { ...TINY, evaluation: { ...TINY.evaluation, every: 4, sampleEvery: 7 } };
  const one = harness();
  const session = await open(busy, one, { snapshotEvery: 5 });
  for (const target of [3, 9, 30]) {
    await session.runTo(target);
    await session.evaluate();
    await session.sample({ prompt: 'ab', temperature: 1, tokens: 3, seed: 1 });
    await session.checkpoint();
    await session.inspect('routing', null);
  }
  expect(lossesOf(one.events)).toEqual(plain);
});

it('takes exactly one step and waits', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.step();
  expect(session.state).toBe('paused');
  expect(lossesOf(one.events)).toHaveLength(1);
  await session.step();
  expect(lossesOf(one.events)).toHaveLength(2);
});

it('pauses between steps with all telemetry reported, and goes on', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  expect(session.state).toBe('running');
  while (session.stepsTaken < 6) await new Promise((resolve) => setTimeout(resolve, 1));
  await session.pause();
  const taken = session.stepsTaken;
  expect(session.state).toBe('paused');
  expect(lossesOf(one.events)).toHaveLength(taken);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(session.stepsTaken).toBe(taken);
  await session.runTo(60);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 60));
});

it('stops at the last step, and goes on when it is raised; the link replays both in one go', async () => {
  const one = harness();
  const session = await open({ ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 12 } }, one);
  await session.start();
  await expect.poll(() => session.state).toBe('finished');
  expect(eventsOf(one.events, 'stopped')).toEqual([
    { type: 'stopped', reason: { kind: 'finished', step: 12 } },
  ]);
  await expect(session.step()).rejects.toThrow(/Step 13 is beyond the last step, 12/);
  expect(await session.change({ 'optimizer.totalSteps': 20 })).toBe(13);
  expect(session.state).toBe('paused');
  await session.start();
  await expect.poll(() => session.state).toBe('finished');
  const losses = lossesOf(one.events);
  expect(losses).toHaveLength(20);

  const again = harness();
  const replay = await open(session.experiment, again);
  await replay.start();
  await expect.poll(() => replay.state).toBe('finished');
  expect(lossesOf(again.events)).toEqual(losses);
});

it('does not record after the last step what changes training alone', async () => {
  const session = await open(
    { ...TINY, optimizer: { ...TINY.optimizer, totalSteps: 6 } },
    harness(),
  );
  await session.start();
  await expect.poll(() => session.state).toBe('finished');
  await expect(session.change({ 'optimizer.lr': 0.5 })).rejects.toThrow(/Step 6 was the last/);
  expect(session.experiment.events).toEqual([]);
  expect(await session.change({ 'router.K': 1 })).toBe(7);
  expect(await session.change({ 'optimizer.lr': 0.5, 'optimizer.totalSteps': 9 })).toBe(7);
  expect(session.state).toBe('paused');
});

it('offers a prompt that its texts have', async () => {
  const { deps } = harness();
  const prepareText: typeof deps.prepareText = async (...request) => {
    const text = await deps.prepareText(...request);
    const encode = (prompt: string) => {
      if (/[^a-h]/.test(prompt)) throw new Error('not in the texts');
      return text.tokenizer.encode(prompt);
    };
    return { ...text, tokenizer: { ...text.tokenizer, encode } };
  };
  const session = await createSession({ ...deps, prepareText }, TINY, { emit: () => undefined });
  expect(session.report.prompt).toMatch(/^[a-h]{8}$/);
});

it('ends where the epochs of the data end', async () => {
  const one = harness({ lastStep: 7 });
  const session = await open(TINY, one);
  await session.start();
  await expect.poll(() => session.state).toBe('finished');
  expect(session.stepsTaken).toBe(7);
  await expect(session.runTo(9)).rejects.toThrow(/Step 9: data.epochs end at step 7/);
});

it('records live changes before the next step, and replays them bit for bit', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  while (session.stepsTaken < 8) await new Promise((resolve) => setTimeout(resolve, 1));
  const step = await session.change({ 'optimizer.lr': 0.02 });
  await session.change({ 'optimizer.weightDecay': 0.3 });
  await session.runTo(40);
  const changed = eventsOf(one.events, 'changed');
  expect(changed[0]).toMatchObject({ step, change: { 'optimizer.lr': 0.02 } });
  expect(session.experiment.events.flatMap(([, change]) => Object.keys(change))).toEqual([
    'optimizer.lr',
    'optimizer.weightDecay',
  ]);
  const losses = lossesOf(one.events);
  expect(await lossesOfRun(session.experiment, 40)).toEqual(losses);
  const unchanged = await lossesOfRun(TINY, 40);
  expect(losses.slice(0, step)).toEqual(unchanged.slice(0, step));
  expect(losses[step]).not.toBe(unchanged[step]);
});

it.each([
  [{ 'model.D': 16 }, /model\.D cannot change while a model runs/],
  [{ 'optimizer.lr': -1 }, /optimizer\.lr: .*-1/],
  [{ 'optimizer.warmup': 61 }, /optimizer\.warmup: .*61.*60/],
  [{ 'no.such': 1 }, /no\.such/],
])('refuses the change %j and records nothing', async (change, message) => {
  const session = await open(TINY, harness());
  await expect(session.change(change)).rejects.toThrow(message);
  await expect(session.change(change)).rejects.toMatchObject({ name: 'ConfigInvalid' });
  expect(session.experiment.events).toEqual([]);
});

it('refuses a change by which an event still to come breaks a rule, so that what is kept can be read', async () => {
  const events: Experiment['events'] = [[20, { 'optimizer.totalSteps': 30 }]];
  const session = await open({ ...TINY, events }, harness());
  const late = session.change({ 'optimizer.warmup': 40 });
  await expect(late).rejects.toThrow(/from step 20 on: warm-up W = 40.*n = 30/);
  await expect(late).rejects.toMatchObject({ name: 'ConfigInvalid' });
  await session.change({ 'optimizer.warmup': 30 });
  expect(parseExperiment(session.experiment).problems).toEqual([]);
  expect(checkConstraints(session.experiment)).toEqual([]);
});

it('records as many changes as an experiment is read with', async () => {
  const all = Array.from({ length: MAX_EVENTS }, (_, i) => i + 2);
  const events = all.map((step): ExperimentEvent => [step, { 'optimizer.lr': 1 / step }]);
  const optimizer = { ...TINY.optimizer, totalSteps: 20_000 };
  const session = await open({ ...TINY, optimizer, events }, harness());
  const one = session.change({ 'optimizer.lr': 0.5 });
  await expect(one).rejects.toThrow(/10000 changes/);
  expect(session.experiment.events).toHaveLength(MAX_EVENTS);
});

it('stops at a step that is not finite, names it and its layer, and can go on from before it', async () => {
  const events = [[9, { 'optimizer.lr': EXPLODING_LR }]] as Experiment['events'];
  const one = harness();
  const session = await open({ ...TINY, events }, one);
  await session.runTo(40);
  expect(session.state).toBe('failed');
  expect(session.stepsTaken).toBe(8);
  const [stopped] = eventsOf(one.events, 'stopped');
  expect(stopped?.reason).toMatchObject({ kind: 'nonFinite', step: 9, layer: 1 });
  expect(stopped?.reason).toHaveProperty('message', expect.stringMatching(/Step 9.*layer 1.*1000/));
  expect(lossesOf(one.events)).toEqual([...(await lossesOfRun(TINY, 8)), Number.NaN]);

  expect(await session.change({ 'optimizer.lr': TINY.optimizer.lr })).toBe(9);
  one.events.length = 0;
  await session.runTo(20);
  expect(lossesOf(one.events, 9)).toEqual((await lossesOfRun(TINY, 20)).slice(8));
  expect(await lossesOfRun(session.experiment, 20)).toEqual(await lossesOfRun(TINY, 20));
});

it('starts anew on reset, without the events', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.runTo(5);
  await session.change({ 'optimizer.lr': 0.05 });
  await session.runTo(12);
  await session.reset();
  expect(session.state).toBe('ready');
  expect(session.stepsTaken).toBe(0);
  expect(session.experiment.events).toEqual([]);
  one.events.length = 0;
  await session.runTo(12);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(TINY, 12));
});

it('validates and samples at intervals, the same in every run', async () => {
  const evaluation = { ...TINY.evaluation, every: 5, batches: 3, sampleEvery: 10 };
  const run = async () => {
    const one = harness();
    const session = await open({ ...TINY, evaluation }, one);
    await session.runTo(20);
    return one.events;
  };
  const events = await run();
  const validation = eventsOf(events, 'validation');
  expect(validation.map(({ step }) => step)).toEqual([5, 10, 15, 20]);
  const { ce, perDomain } = validation[0]!;
  expect(perDomain.code! - perDomain.prose!).toBeCloseTo(1);
  expect(ce).toBeCloseTo((perDomain.code! + perDomain.prose!) / 2);
  const samples = eventsOf(events, 'sample').map(({ sample }) => sample);
  expect(samples.map(({ step, text }) => [step, text.length])).toEqual([
    [10, 6],
    [20, 6],
  ]);
  const again = await run();
  expect(eventsOf(again, 'validation')).toEqual(validation);
  expect(eventsOf(again, 'sample').map(({ sample }) => sample)).toEqual(samples);
});

it('refuses an experiment with a broken rule, and one that is cancelled while it opens', async () => {
  const wrong = { ...TINY, model: { ...TINY.model, H: 3 } };
  await expect(open(wrong, harness())).rejects.toMatchObject({ name: 'ConfigInvalid' });
  const abort = new AbortController();
  const opening = open(TINY, harness(), { signal: abort.signal });
  abort.abort();
  await expect(opening).rejects.toMatchObject({ name: 'Cancelled' });
});

it('refuses commands after it was closed, and frees its engine', async () => {
  const one = harness();
  const session = await open(TINY, one);
  await session.start();
  await session.dispose();
  expect(one.devices[0]!.engines[0]!.isDestroyed).toBe(true);
  await expect(session.evaluate()).rejects.toMatchObject({ name: 'Cancelled' });
  await expect(session.start()).rejects.toMatchObject({ name: 'Cancelled' });
});

it('fills size of the vocabulary and hash of the text into the experiment', async () => {
  const session = await open(TINY, harness());
  expect(session.report.experiment.model.V).toBe(8);
  expect(session.report.experiment.data.hash).toBe('f'.repeat(64));
  expect(session.report.layers.map(({ layer, ranks }) => [layer, ranks])).toEqual(
    [0, 1].map((layer) => [layer, 2]),
  );
});
