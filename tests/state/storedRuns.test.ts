import { expect, it } from 'vitest';
import { TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import type { StepRecords } from '../../src/config/telemetry.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { NO_REPORTS } from '../../src/runs/record.ts';
import { createLab } from '../../src/state/lab.ts';
import { resumableOf, spareCheckpoints } from '../../src/state/storedRuns.ts';
import { makeRow } from '../runs/support.ts';
import { madeFigures, madeProbes } from '../support/reports.ts';
import { createFakeTrainer } from '../ui/fakeTrainer.ts';
import { fakeBar } from './support.ts';

const EXPERIMENT = applyChange(makeRow('a').experiment!, TINY_SIZE);

/** What the fake trainer reports of n steps. */
async function recordsOf(experiment: typeof EXPERIMENT, n: number): Promise<StepRecords[]> {
  const trainer = createFakeTrainer();
  const records: StepRecords[] = [];
  trainer.onEvent((event) => {
    if (event.type === 'steps') records.push(event.records);
  });
  await trainer.open(experiment, null);
  trainer.advance(n);
  return records;
}

/** A checkpoint as the fake trainer reads it. */
const checkpointOf = (experiment: typeof EXPERIMENT, step: number) =>
  new TextEncoder().encode(JSON.stringify({ step, experiment }));

async function setUp(experiment = EXPERIMENT, openRuns = async () => new Set<string>()) {
  const library = memoryLibrary();
  const own = { name: 'own.txt', text: 'abc' };
  const text = {
    hash: 'ab'.repeat(32),
    isOwn: true,
    vocabulary: 9,
    unigramEntropy: 2,
    charactersPerToken: 1,
    domains: [],
  };
  const parts = {
    curves: {},
    records: await recordsOf(experiment, 30),
    validation: [{ step: 10, ce: 3, perDomain: {} }],
    samples: [{ step: 25, prompt: 'T', text: 'he', temperature: 1 }],
    figures: madeFigures(10, 25),
    probes: [madeProbes(20), madeProbes(21)],
  };
  await library.put(makeRow('a', { experiment, steps: 30, text }), parts, own);
  await library.putCheckpoint('a', 20, checkpointOf(experiment, 20));
  const trainer = createFakeTrainer({ library });
  const bar = fakeBar('');
  const lab = createLab({ client: trainer, bar, storage: null, library, openRuns });
  return { library, trainer, lab, own };
}

it('goes on with a stored run, with what was recorded up to its checkpoint and its own text', async () => {
  const { lab, trainer, own } = await setUp();
  await lab.commands.offer();
  expect(lab.run.getState().resumable?.id).toBe('a');
  expect(await lab.commands.goOn('a')).toBe(true);
  const { metrics, loads, validation, samples, step, resumable, report } = lab.run.getState();
  expect([metrics.firstStep, metrics.lastStep, step]).toEqual([1, 20, 20]);
  expect(loads.get(report!.layers[0]!.layer)!.bins.at(-1)!.lastStep).toBe(20);
  expect(validation).toHaveLength(1);
  expect(samples).toEqual([]);
  expect(lab.source.figuresOver()).toEqual(madeFigures(10, 25).slice(0, 1));
  expect(lab.source.probesOver()).toEqual([madeProbes(20)]);
  expect(resumable).toBeNull();
  expect(lab.config.getState().own).toEqual(own);
  expect(trainer.calls.at(-1)).toEqual(['openStored', { id: 'a', step: null, change: null }]);
  trainer.advance(2);
  expect(lab.run.getState().metrics.lastStep).toBe(22);
});

it('tells the expert spaces of a run apart that was operated on', async () => {
  const slots = EXPERIMENT.experts.slots.slice(0, 2).map((slot) => ({ ...slot }));
  const surgery = { from: { default: [0, 1] } };
  const operated = recordEvent(EXPERIMENT, 11, { 'experts.slots': slots, surgery } as Change);
  const { lab } = await setUp(operated);
  await lab.commands.goOn('a');
  const { metrics, loads, report } = lab.run.getState();
  expect(metrics.lastStep).toBe(20);
  const { bins } = loads.get(report!.layers[0]!.layer)!;
  const slotsAt = (step: number) => bins.find((bin) => bin.lastStep >= step)!.space.slots;
  expect([slotsAt(1), slotsAt(11)]).toEqual([EXPERIMENT.experts.slots.length, 2]);
});

it('counts a run anew behind a surgery that leaves kinds and widths', async () => {
  const surgery = { from: { default: EXPERIMENT.experts.slots.map((_, r) => r).reverse() } };
  const slots = EXPERIMENT.experts.slots.map((slot) => ({ ...slot }));
  const operated = recordEvent(EXPERIMENT, 11, { 'experts.slots': slots, surgery } as Change);
  const { lab } = await setUp(operated);
  await lab.commands.goOn('a');
  const { loads, report } = lab.run.getState();
  const { bins } = loads.get(report!.layers[0]!.layer)!;
  const spaceAt = (step: number) => bins.find((bin) => bin.lastStep >= step)!.space;
  expect(spaceAt(10)).toEqual(spaceAt(11));
  expect(spaceAt(10)).not.toBe(spaceAt(11));
  expect(spaceAt(1)).toBe(spaceAt(10));
  expect(spaceAt(11)).toBe(spaceAt(20));
});

it('forks from a checkpoint, and leaves the original as a faint line', async () => {
  const { lab, trainer } = await setUp();
  expect(await lab.commands.forkStored('a', 20, { 'optimizer.lr': 0.5 })).toBe(true);
  const { metrics, previous } = lab.run.getState();
  expect(metrics.length).toBe(0);
  expect(previous?.lastStep).toBe(30);
  expect(lab.config.getState().running?.optimizer.lr).toBe(0.5);
  expect(trainer.calls.at(-1)?.[1]).toMatchObject({ step: 20, change: { 'optimizer.lr': 0.5 } });
  expect(await lab.commands.forkStored('none', null, {})).toBe(false);
  expect(lab.run.getState().failure).not.toBeNull();
});

it('opens no run that the queue is to go on with, though nothing else is open', async () => {
  const { lab, trainer } = await setUp(EXPERIMENT, async () => new Set(['a']));
  expect(await lab.commands.goOn('a')).toBe(false);
  expect(trainer.calls.map(([name]) => name)).not.toContain('openStored');
  expect(lab.run.getState().failure?.message).toContain('"Run a" is open already');
  expect(await lab.commands.forkStored('a', 20, {})).toBe(true);
});

it('gives nothing up for a stored run that cannot be opened', async () => {
  const { lab, library, trainer } = await setUp(EXPERIMENT, async () => new Set(['a']));
  const parts = { curves: {}, records: [], ...NO_REPORTS };
  const text = { ...(await library.row('a'))!.text!, hash: 'cd'.repeat(32) };
  await library.put(makeRow('lost', { experiment: EXPERIMENT, steps: 30, text }), parts, null);
  await library.putCheckpoint('lost', 20, checkpointOf(EXPERIMENT, 20));
  const mine = { name: 'mine.txt', text: 'mine' };
  lab.config.getState().set({ own: mine });
  await lab.commands.start();
  trainer.advance(5);
  const attempts = [
    () => lab.commands.goOn('a'),
    () => lab.commands.goOn('lost'),
    () => lab.commands.forkStored('a', 7, {}),
  ];
  for (const attempt of attempts) expect(await attempt()).toBe(false);
  const { phase, step, failure } = lab.run.getState();
  expect([phase, step, failure]).toEqual(['running', 5, null]);
  expect(lab.config.getState().own).toBe(mine);
  expect(trainer.calls.map(([name]) => name)).not.toContain('openStored');
  const said = lab.view.getState().toasts.map((toast) => toast.text);
  expect(said).toEqual([
    expect.stringContaining('"Run a" is open already'),
    expect.stringContaining('own text of "Run lost" is not stored any more. The run goes on.'),
    expect.stringContaining('No checkpoint of step 7'),
  ]);
});

it('leaves the form its own text where a stored run is not opened after all', async () => {
  const { lab, trainer } = await setUp();
  const mine = { name: 'mine.txt', text: 'mine' };
  lab.config.getState().set({ own: mine });
  trainer.failNext('openStored', 'DataMissing', 'gone');
  expect(await lab.commands.goOn('a')).toBe(false);
  expect(lab.config.getState().own).toBe(mine);
});

it('offers the newest run that was left open, can go on, and is open nowhere', () => {
  const one = { step: 5, bytes: 1, isPinned: false, at: 1 };
  const rows = [
    makeRow('done', { status: 'done', changedAt: 9 }),
    makeRow('elsewhere', { changedAt: 8 }),
    makeRow('curves', { origin: 'curves', experiment: null, changedAt: 7 }),
    makeRow('lost fork', { parent: { id: 'x', step: 3 }, changedAt: 6 }),
    makeRow('fork', { parent: { id: 'x', step: 3 }, checkpoints: [one], changedAt: 5 }),
    makeRow('old', { changedAt: 4 }),
  ];
  expect(resumableOf(rows, new Set(['elsewhere']))?.id).toBe('fork');
  expect(resumableOf([], new Set())).toBeNull();
});

it('gives up the oldest checkpoints for room, none that is pinned or that a run needs', async () => {
  const one = (step: number, at: number, isPinned = false) => ({ step, bytes: 10, isPinned, at });
  const rows = [
    makeRow('a', { checkpoints: [one(1, 30), one(2, 31, true), one(3, 32)] }),
    makeRow('b', { status: 'done', checkpoints: [one(7, 10), one(8, 50)] }),
  ];
  expect(spareCheckpoints(rows).map(({ id, step }) => [id, step])).toEqual([
    ['b', 7],
    ['a', 1],
    ['b', 8],
  ]);
  const { lab, library } = await setUp();
  await library.putCheckpoint('a', 25, Uint8Array.of(1));
  await lab.commands.freeStorage();
  expect((await library.row('a'))!.checkpoints.map(({ step }) => step)).toEqual([25]);
  expect(lab.view.getState().toasts.at(-1)?.text).toContain('were deleted');
});
