import { expect, it } from 'vitest';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { checkState, initialState } from '../../src/train/session/modelState.ts';
import { harness, lossesOf, lossesOfRun, open, TINY } from './support.ts';

const CONFIG = engineConfig(TINY, 8);
const START = initialState(CONFIG, TINY.initStd, TINY.seeds.init);

it('goes on bit for bit from a file, with events before and after it', async () => {
  const experiment = {
    ...TINY,
    events: [
      [5, { 'optimizer.lr': 0.02 }],
      [20, { 'optimizer.lr': 0.001 }],
    ] as const,
  };
  const one = harness();
  const session = await open(experiment, one);
  await session.runTo(13);
  const bytes = await session.checkpoint();
  const { experiment: stored, state } = decodeCheckpoint(bytes);
  expect(state.step).toBe(13);
  expect(stored.events).toEqual(experiment.events);

  const other = harness();
  const restored = await open(stored, other, { state });
  expect(restored.state).toBe('paused');
  expect(other.events.at(-1)).toEqual({ type: 'state', state: 'paused', step: 13 });
  await restored.runTo(30);
  expect(lossesOf(other.events, 14)).toEqual((await lossesOfRun(experiment, 30)).slice(13));

  await session.runTo(30);
  expect(await restored.checkpoint()).toEqual(await session.checkpoint());
});

it('is finished where its last step is taken, until there are more', async () => {
  const short = applyChange(TINY, { 'optimizer.totalSteps': 12 });
  const one = harness();
  const session = await open(short, one);
  await session.start();
  await expect.poll(() => session.state).toBe('finished');
  const { experiment, state } = decodeCheckpoint(await session.checkpoint());

  const other = harness();
  const restored = await open(experiment, other, { state });
  expect(other.events.at(-1)).toEqual({ type: 'state', state: 'finished', step: 12 });
  await restored.change({ 'optimizer.totalSteps': 20 });
  expect(restored.state).toBe('paused');
});

it("writes the spec's names, both moments, step and data cursor", () => {
  const file = readSafetensors(
    encodeCheckpoint({ experiment: TINY, state: { ...START, step: 4 } }),
  );
  expect(file.tensors.get('embed.weight')?.shape).toEqual([8, 8]);
  expect(file.tensors.get('moment1.layers.1.moe.experts.3.down.weight')?.shape).toEqual([8, 4]);
  expect(file.tensors.get('moment2.layers.0.attn.q.weight')?.shape).toEqual([8, 8]);
  expect(file.metadata).toMatchObject({ step: '4', dataCursor: '5' });
  expect(JSON.parse(file.metadata.experiment!)).toEqual(TINY);
});

it.each([
  ['no safetensors', () => new Uint8Array(3), /3 bytes/],
  ['another file', () => writeSafetensors(new Map()), /format is "none"/],
  [
    'a step below 0',
    () => damaged({ step: '-1' }),
    /step is "-1"; it must be a whole number from 0/,
  ],
  ['a cursor that does not fit', () => damaged({ dataCursor: '9' }), /data cursor is 9.*it is 1/],
  ['a broken experiment', () => damaged({ experiment: '{' }), /its experiment is not JSON/],
  [
    'a value out of range',
    () => damaged({ experiment: JSON.stringify({ ...TINY, initStd: -1 }) }),
    /-1/,
  ],
  ['an empty step', () => damaged({ step: '' }), /its step is ""; it must be a whole number/],
  ['a step in other digits', () => damaged({ step: '0x4' }), /its step is "0x4"/],
  ['an empty cursor', () => damaged({ dataCursor: ' ' }), /its data cursor is " "/],
  [
    'a setting that stands twice',
    () => damaged({ experiment: '{"batch":{"B":1,"B":2}}' }),
    /experiment is ambiguous: "B" stands twice/,
  ],
  [
    'a broken rule',
    () => damaged({ experiment: JSON.stringify({ ...TINY, model: { ...TINY.model, H: 3 } }) }),
    /D = 8 is not a multiple of H = 3/,
  ],
  ['surgeries that are no list', () => damaged({ surgeries: '{}' }), /they are no list/],
  [
    'surgeries that no event has',
    () => damaged({ surgeries: '[null]' }),
    /holds 1 surger.* have 0/,
  ],
  ['a weight of NaN', () => spoilt('head.weight', NaN), /"head.weight" is NaN at element 3/],
  ['an infinite weight', () => spoilt('head.weight', -Infinity), /is -Infinity at element 3/],
  [
    'a first moment of NaN',
    () => spoilt('moment1.head.weight', NaN),
    /"moment1.head.weight" is NaN/,
  ],
  [
    'a negative second moment',
    () => spoilt('moment2.head.weight', -1e-9),
    /"moment2.head.weight" is -.* at element 3; it must be from 0 up/,
  ],
  [
    'a second moment of NaN',
    () => spoilt('moment2.head.weight', NaN),
    /"moment2.head.weight" is NaN/,
  ],
  ['a tensor that is missing', () => without('head.weight'), /"head.weight" is missing/],
  ['no embedding', () => without('embed.weight'), /"embed.weight" is missing/],
  ['a tensor more', () => renamed('head.weight', 'tail.weight'), /"head.weight" is missing/],
  ['a tensor of surgery', () => added('surgery.1.values'), /"surgery.1.values" belongs to none/],
  ['one of another name', () => added('extra'), /the model has no parameter "extra"/],
  ['a transposed tensor', transposed, /has shape \[4,8\], the model needs \[8,4\]/],
])('refuses %s', (_, bytes, message) => {
  expect(() => decodeCheckpoint(bytes())).toThrow(message);
  try {
    decodeCheckpoint(bytes());
  } catch (error) {
    expect(error).toHaveProperty('name', 'ConfigInvalid');
  }
});

it('takes second moments that have overflowed: their step is 0', () => {
  expect(() => decodeCheckpoint(spoilt('moment2.head.weight', Infinity))).not.toThrow();
});

/** A checkpoint with some of its metadata and tensors changed. */
function damaged(
  metadata: Record<string, string>,
  change: (tensors: SafeTensors) => void = () => undefined,
): Uint8Array {
  const file = readSafetensors(encodeCheckpoint({ experiment: TINY, state: START }));
  change(file.tensors);
  return writeSafetensors(file.tensors, { ...file.metadata, ...metadata });
}

function spoilt(name: string, value: number): Uint8Array {
  return damaged({}, (tensors) => {
    tensors.get(name)!.data[3] = value;
  });
}

function without(name: string): Uint8Array {
  return damaged({}, (tensors) => void tensors.delete(name));
}

function added(name: string): Uint8Array {
  const one = { dtype: 'F32', shape: [1], data: Float32Array.of(0) } as const;
  return damaged({}, (tensors) => void tensors.set(name, one));
}

function renamed(from: string, to: string): Uint8Array {
  return damaged({}, (tensors) => {
    tensors.set(to, tensors.get(from)!);
    tensors.delete(from);
  });
}

function transposed(): Uint8Array {
  return damaged({}, (tensors) => {
    const name = 'layers.1.moe.experts.3.down.weight';
    const { shape, data } = tensors.get(name)!;
    tensors.set(name, { dtype: 'F32', shape: shape.toReversed(), data: Float32Array.from(data) });
  });
}

it('names the tensor that does not fit the model', () => {
  expect(() => checkState(START, CONFIG)).not.toThrow();
  const wider = engineConfig({ ...TINY, model: { ...TINY.model, denseHidden: 8, D: 16 } }, 8);
  expect(() => checkState(START, wider)).toThrow(/"embed.weight" has shape \[8,8\].*\[8,16\]/);
  const keyNorm = engineConfig({ ...TINY, model: { ...TINY.model, keyNorm: true } }, 8);
  expect(() => checkState(START, keyNorm)).toThrow(/"layers.0.attn.k_norm.weight" is missing/);
  const tied = engineConfig({ ...TINY, model: { ...TINY.model, tied: true } }, 8);
  expect(() => checkState(START, tied)).toThrow(/no parameter "head.weight"/);
});

it('holds the history of counts, and refuses one that the model has no use for', () => {
  const experiment = applyChange(TINY, {
    'losses.balance': { coefficient: 0.1, scope: 'global', window: 4 },
  });
  const slots = experiment.experts.slots.length;
  const name = 'layers.1.moe.router.count_history';
  const tensor = (n: number, R = slots) => ({
    shape: [n, R],
    data: new Float32Array(n * R).fill(7),
  });
  const stored = (held: ReturnType<typeof tensor>, of = name, by = experiment) => {
    const state = { ...START, step: 4, countHistories: new Map([[of, held]]) };
    return decodeCheckpoint(encodeCheckpoint({ experiment: by, state })).state;
  };
  expect(stored(tensor(3)).countHistories).toEqual(new Map([[name, tensor(3)]]));
  expect(() => stored(tensor(4))).toThrow(
    `has shape [4,${slots}], the model needs [0 … 3, ${slots}]`,
  );
  expect(() => stored(tensor(2, slots + 1))).toThrow(`has shape [2,${slots + 1}]`);
  expect(() => stored(tensor(1), 'layers.9.moe.router.count_history')).toThrow('no history');
  expect(() => stored(tensor(1), name, TINY)).toThrow('no history');
  const half = { ...tensor(1), data: new Float32Array(slots).fill(0.5) };
  expect(() => stored(half)).toThrow('is 0.5 at element 0; it must be a whole number from 0');
});
