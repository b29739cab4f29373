import { expect, it } from 'vitest';
import { engineConfig } from '../../src/config/edit.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';
import {
  checkState,
  decodeCheckpoint,
  encodeCheckpoint,
  initialState,
} from '../../src/train/checkpoint.ts';
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
  ['a step below 0', () => damaged({ step: '-1' }), /step is -1/],
  ['a cursor that does not fit', () => damaged({ dataCursor: '9' }), /data cursor is 9.*it is 1/],
  ['a broken experiment', () => damaged({ experiment: '{' }), /no JSON/],
  [
    'a value out of range',
    () => damaged({ experiment: JSON.stringify({ ...TINY, initStd: -1 }) }),
    /-1/,
  ],
])('refuses %s', (_, bytes, message) => {
  expect(() => decodeCheckpoint(bytes())).toThrow(message);
  try {
    decodeCheckpoint(bytes());
  } catch (error) {
    expect(error).toHaveProperty('name', 'ConfigInvalid');
  }
});

function damaged(metadata: Record<string, string>): Uint8Array {
  const file = readSafetensors(encodeCheckpoint({ experiment: TINY, state: START }));
  const tensors: SafeTensors = file.tensors;
  return writeSafetensors(tensors, { ...file.metadata, ...metadata });
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
