import { afterEach, expect, it } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { ConversionEvent } from '../../src/worker/api.ts';
import { createTrainerClient, type TrainerClient } from '../../src/worker/client.ts';

/** Conversions in the real worker, on the browser's own WebGPU and database. */

const clients: TrainerClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

async function start() {
  const client = createTrainerClient();
  clients.push(client);
  const events: ConversionEvent[] = [];
  const room = await client.conversion();
  await room.subscribe((event) => {
    events.push(event);
  });
  return { client, room, events };
}

const OWN = {
  name: 'sheep.txt',
  text: 'The sheep went up the hill, and down the hill. '.repeat(200),
};
const DENSE: Experiment = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'model.D': 16,
  'model.L': 2,
  'model.denseHidden': 32,
  'model.arrangement': 'dense',
  'batch.B': 2,
  'batch.S': 16,
  'tokenizer.kind': 'chars',
  'data.mix': { own: 1 },
  'evaluation.every': 0,
  'evaluation.batches': 2,
  'evaluation.sampleEvery': 0,
});
const SETTINGS = { N: 4, sample: 64, batch: 8, steps: 60, profile: 64 };

/** For a loaded machine. */
const LONG = { timeout: 60_000 };

it('goes on after its worker is killed, and replays from its link, bit for bit, beside a run that trains', async () => {
  const killed = await start();
  const begun = await killed.room.begin({ experiment: DENSE, steps: 5 }, SETTINGS, OWN);
  const { id } = begun.state;
  const isInSecond = () =>
    killed.events.some((event) => event.type === 'steps' && event.layer === 1);
  await expect.poll(isInSecond, LONG).toBe(true);
  killed.client.terminate();

  const resumed = await start();
  const found = await resumed.room.open(id);
  expect(found.state.layers[0]?.status).toBe('converted');
  expect(found.state.teacher.step).toBe(5);
  const done = await resumed.room.goOn(id);
  expect(done.state.failure).toBeNull();
  expect(done.state.layers.map(({ status }) => status)).toEqual(['converted', 'converted']);
  const link = await resumed.room.link(id);

  const run = await resumed.room.assemble(id, { layers: [1] });
  const report = await resumed.client.openStored(run, null, null);
  expect(report.experiment.model.arrangement).toEqual([1]);
  await resumed.client.start();
  const request = {
    prompts: ['The '],
    stops: [],
    candidates: 0,
    temperature: 0,
    tokens: 4,
    seed: 1,
  };
  const heard = new Set<string>();
  const texts = await resumed.room.write(id, { layers: [0, 1] }, request, (side) => {
    heard.add(side);
  });
  expect(texts.student.texts[0]?.text).toHaveLength(4);
  expect([...heard].sort()).toEqual(['student', 'teacher']);
  await expect(resumed.room.measure(id, [{ layers: [7] }])).rejects.toThrow(
    'Layer 7 is not converted; converted are: 0, 1',
  );
  resumed.client.terminate();

  const other = await start();
  const replay = await other.room.replay(link, OWN);
  const again = await other.room.goOn(replay.state.id);
  expect(again.state.digest).toBe(again.state.expected);
  expect(again.curves).toEqual(done.curves);
  expect(again.state.students.map(({ ce }) => ce)).toEqual(done.state.students.map(({ ce }) => ce));
  expect((await other.room.list()).map(({ converted }) => converted)).toEqual([2, 2]);
});
