import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { createAsides } from '../../src/runs/asides.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { MIXED } from '../train/mixed.ts';
import { fakeText, type Harness, lossesOf, open } from '../train/support.ts';
import { fakeLibrary } from './fakeLibrary.ts';
import { makeRow, NO_PARTS } from './support.ts';

/** Stored models and copies that are asked beside a run, on the device that it trains on. */

let device: TrainingDevice;
/** Bytes of the buffers that are not destroyed. */
let held = 0;
const deps: SessionDeps = {
  requestDevice: async () => device,
  prepareText: async (experiment) => fakeText(experiment),
};

beforeAll(async () => {
  const node = await requestNodeDevice();
  const create = node.device.createBuffer.bind(node.device);
  node.device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let isThere = true;
    held += descriptor.size;
    buffer.destroy = () => {
      if (isThere) held -= descriptor.size;
      isThere = false;
      destroy();
    };
    return buffer;
  };
  device = gpuDevice(node.device, node);
});

afterAll(() => device.destroy());

async function run() {
  const one: Harness = { deps, devices: [], events: [] };
  return { session: await open(MIXED, one), events: one.events };
}

const ITEMS: readonly Intervention[] = [
  { type: 'force', layer: 0, token: 1, rank: 0, slot: 1 },
  { type: 'scale', layer: 1, token: 2, slot: 0, factor: -1 },
  { type: 'removeKind', kind: 'zero', layer: null },
];
/** Steps that are taken while questions are asked. */
const EVERY = 10;
const ASK = { of: { validation: 2 }, whatIf: ITEMS, requests: [[], ITEMS.slice(0, 1)] };

it('trains beside questions to itself, to a stored model and to copies as without, bit for bit', async () => {
  const last = 120;
  const plain = await run();
  await plain.session.runTo(last);

  const { session, events } = await run();
  const library = fakeLibrary();
  const asides = createAsides(deps, async () => library);
  await library.put(makeRow('r', { experiment: MIXED }), NO_PARTS, null);
  await session.runTo(20);
  const then = await session.inspect('pass', ASK);
  const bytes = await session.checkpoint();
  await library.putCheckpoint('r', 20, bytes);

  const copied = decodeCheckpoint(await session.checkpoint());
  const copy = asides.hold({ ...copied, own: null });
  const steps = new Set<number>();
  const copies: unknown[] = [];
  for (let step = 20 + EVERY; step <= last; step += EVERY) {
    const trained = session.runTo(step);
    steps.add((await session.inspect('pass', ASK)).step);
    // A stored model answers as the run did at that step.
    expect(await asides.inspect({ run: 'r', step: 20 }, 'pass', ASK)).toEqual(then);
    copies.push(await asides.inspect({ copy }, 'pass', ASK));
    await trained;
  }
  expect(steps.size).toBe((last - 20) / EVERY);
  for (const answer of copies) expect(answer).toEqual(copies[0]);
  expect(copies[0]).toMatchObject({ step: copied.state.step });
  expect(lossesOf(events)).toHaveLength(last);
  expect(lossesOf(events)).toEqual(lossesOf(plain.events));
  expect(await session.checkpoint()).toEqual(await plain.session.checkpoint());
  await asides.free();
  for (const one of [plain.session, session]) await one.dispose();
});

it('answers what-if with both passes of one step, the same bits as by themselves', async () => {
  const { session } = await run();
  await session.runTo(7);
  const { inspection, whatIf, ce } = await session.inspect('pass', ASK);
  const alone = await session.inspect('pass', { of: ASK.of, interventions: ITEMS });
  expect(whatIf).toEqual(alone.inspection);
  expect(ce[0]).toEqual(inspection.ce);
  expect(whatIf!.ce).not.toEqual(inspection.ce);
  const { ce: losses } = await session.inspect('losses', { of: ASK.of, requests: [ITEMS] });
  expect(losses[0]).toEqual(whatIf!.ce);
  await session.dispose();
});

it('reads one sequence alone in its batch, with the tokens that it has among others', async () => {
  const { session } = await run();
  const { inspection: all } = await session.inspect('pass', { of: { validation: 2 } });
  for (let sequence = 0; sequence < 4; sequence++) {
    const of = { sequence, text: null };
    const { inspection } = await session.inspect('pass', { of });
    const at = sequence * all.S;
    expect(inspection).toMatchObject({ n: 1, B: 1, S: all.S, domainNames: all.domainNames });
    for (const name of ['tokens', 'targets', 'domains'] as const)
      expect(inspection[name]).toEqual(all[name].slice(at, at + all.S));
  }
  const text = 'abcdefghab';
  const { inspection } = await session.inspect('pass', { of: { sequence: 1, text } });
  expect([...inspection.tokens]).toEqual([4, 5, 6, 7]);
  expect([...inspection.targets]).toEqual([5, 6, 7, 0]);
  const refuses = (sequence: number, of: string | null, message: string) =>
    expect(session.inspect('pass', { of: { sequence, text: of } })).rejects.toMatchObject({
      name: 'ConfigInvalid',
      message,
    });
  await refuses(2, text, 'Sequence 2 of the text does not exist; 0 … 1 are possible.');
  await refuses(-1, null, 'Sequence -1 of the text does not exist; 0 is the first.');
  await session.dispose();
});

it('gives the memory of the GPU back when a copy is let go, and with all of them', async () => {
  const { session } = await run();
  await session.runTo(3);
  const { experiment, state } = decodeCheckpoint(await session.checkpoint());
  const asides = createAsides(deps, async () => fakeLibrary());
  const before = held;
  const [first, second] = [0, 1].map(() => asides.hold({ experiment, state, own: null }));
  await asides.inspect({ copy: first! }, 'pass', ASK);
  const one = held - before;
  expect(one).toBeGreaterThan(0);
  await asides.inspect({ copy: second! }, 'pass', ASK);
  expect(held - before).toBe(2 * one);
  await asides.letGo(first!);
  expect(held - before).toBe(one);
  await asides.free();
  expect(held).toBe(before);
  await session.dispose();
});
