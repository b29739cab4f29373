import { expect, it } from 'vitest';
import { probeItems } from '../../src/analysis/probes/items.ts';
import { PROBE_TASKS } from '../../src/analysis/probes/probe.ts';
import { ProbeSlices } from '../../src/analysis/probes/slices.ts';
import { validationIds } from '../../src/data/documents.ts';
import { probeModel } from '../../src/train/engine/probeModel.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { useGpuDeps } from './gpuDeps.ts';
import { DOCUMENTS } from './probeDocuments.ts';
import { eventsOf, fakeText, lossesOf, open, TINY } from './support.ts';

/** Probe tasks of runs on the WebGPU engine. */

const deps: SessionDeps = { ...useGpuDeps(), readDocuments: async () => DOCUMENTS };

const EXPERIMENT = {
  ...TINY,
  batch: { B: 2, S: 64 },
  router: { ...TINY.router, capacity: 1.1 },
  evaluation: { ...TINY.evaluation, every: 25, capacity: true },
};
const ASK = { seed: 3, items: 2 };

async function run() {
  const one = { deps, devices: [], events: [] };
  return { session: await open(EXPERIMENT, one), events: one.events };
}

it('changes no bit of a training that goes on, and answers as a model at rest', async () => {
  const [plain, asked] = [await run(), await run()];
  await plain.session.runTo(60);
  const trained = asked.session.runTo(60);
  await asked.session.probeTasks(ASK);
  await trained;
  expect(lossesOf(asked.events)).toHaveLength(60);
  expect(lossesOf(asked.events)).toEqual(lossesOf(plain.events));
  expect(await asked.session.checkpoint()).toEqual(await plain.session.checkpoint());
  const probes = eventsOf(asked.events, 'probes')[0]!.probes;
  expect(probes.step).toBeGreaterThan(probes.from);

  const { session } = plain;
  const rest = await session.probeTasks(ASK);
  expect(rest).toMatchObject({ from: 60, step: 60 });
  const { tokenizer } = fakeText(EXPERIMENT);
  const items = probeItems(DOCUMENTS, {
    seed: ASK.seed,
    items: Object.fromEntries(PROBE_TASKS.map((task) => [task, ASK.items])),
    S: EXPERIMENT.batch.S,
    encode: (text) => tokenizer.encode(text),
    ids: await validationIds(tokenizer, DOCUMENTS),
  });
  const slices = new ProbeSlices(items);
  const model = probeModel(tokenizer, (kind, ask) => session.inspect(kind, ask));
  while (slices.progress.done < slices.progress.total) await slices.next(model);
  expect(rest.results).toEqual(slices.results());
  for (const one of [plain, asked]) await one.session.dispose();
});
