import { expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { useGpuDeps } from './gpuDeps.ts';
import { MIXED } from './mixed.ts';
import { fakeText, lossesOf, open } from './support.ts';

/** Passes asked of a session on the WebGPU engine. */

const deps = useGpuDeps();

async function run(experiment: Experiment) {
  const one = { deps, devices: [], events: [] };
  return { session: await open(experiment, one), events: one.events };
}

const ITEMS: readonly Intervention[] = [
  { type: 'removeKind', kind: 'zero', layer: null },
  { type: 'force', layer: 0, token: 1, rank: 0, slot: 1 },
  { type: 'scale', layer: 1, token: 2, slot: 0, factor: -1 },
];

it('trains with a hundred inspections as without, bit for bit', async () => {
  const last = 300;
  const plain = await run(MIXED);
  await plain.session.runTo(last);
  const asked = await run(MIXED);
  const { session } = asked;
  const ask = [
    () => session.inspect('pass', { of: { validation: 2 }, interventions: ITEMS }),
    () => session.inspect('pass', { of: { validation: null }, capacity: true }),
    () => session.inspect('pass', { of: { passage: 'abcd' }, interventions: ITEMS }),
    () => session.inspect('pass', { of: { passage: [1, 2, 3] }, capacity: true }),
    () => session.inspect('losses', { of: { passage: 'abc' }, requests: [[], ITEMS.slice(0, 1)] }),
  ];
  const trained = session.runTo(last);
  const steps: number[] = [];
  for (let i = 0; i < 100; i++) steps.push((await ask[i % ask.length]!()).step);
  await trained;
  expect(new Set(steps).size).toBeGreaterThan(20);
  expect(lossesOf(plain.events)).toHaveLength(last);
  expect(lossesOf(asked.events)).toEqual(lossesOf(plain.events));
  expect(await session.checkpoint()).toEqual(await plain.session.checkpoint());
  for (const one of [plain, asked]) await one.session.dispose();
});

it('tells the same of a text however it is asked', async () => {
  const { session } = await run(MIXED);
  await session.runTo(5);
  const batches = [0, 1].map((i) => fakeText(MIXED).validationBatch(i));
  const given = await session.inspect('pass', { of: { batches, S: 4 } });
  const validation = await session.inspect('pass', { of: { validation: 2 } });
  expect(given).toEqual(validation);
  expect(given).toMatchObject({
    step: 5,
    inspection: { n: 2, B: 2, S: 4, domainNames: ['prose', 'code'] },
  });
  const passage = await session.inspect('pass', { of: { passage: 'bcdab' } });
  const tokens = await session.inspect('pass', { of: { passage: [1, 2, 3, 0, 1] } });
  expect(passage).toEqual(tokens);
  expect(passage.inspection).toMatchObject({ n: 1, B: 1, S: 4, domainNames: ['passage'] });
  const { ce } = await session.inspect('losses', {
    of: { validation: 2 },
    requests: [[], ITEMS, []],
  });
  expect(ce[0]).toEqual(validation.inspection.ce);
  expect(ce[1]).not.toEqual(ce[0]);
  expect(ce[2]).toEqual(ce[0]);
  const { texts } = await session.inspect('vocabulary', null);
  expect(texts.map((bytes) => new TextDecoder().decode(bytes)).join('')).toBe('abcdefgh');
  await session.dispose();
});

it('refuses what cannot be asked, and answers on', async () => {
  const { session } = await run(MIXED);
  const refuses = (message: string, ask: Parameters<typeof session.inspect<'pass'>>[1]) =>
    expect(session.inspect('pass', ask)).rejects.toMatchObject({ name: 'ConfigInvalid', message });
  await refuses('The passage has 1 tokens; 2 … 5 are possible.', { of: { passage: 'a' } });
  await refuses('The passage has 6 tokens; 2 … 5 are possible.', { of: { passage: 'abcdef' } });
  await refuses('0 validation batches: no whole number from 1.', { of: { validation: 0 } });
  await refuses('Inspection: token id 8; 0 … 7 are possible.', { of: { passage: [1, 8] } });
  await refuses('Inspection: sequences of 5 tokens; 1 … 4 are possible.', {
    of: { batches: [], S: 5 },
  });
  await refuses('Inspection: 0 batches; at least 1 is needed.', { of: { batches: [], S: 4 } });
  const layer = 7;
  await refuses('Intervention 0 (keepOnly): layer 7 is no MoE layer; MoE layers: 0, 1.', {
    of: { passage: 'ab' },
    interventions: [{ type: 'keepOnly', layer, slots: [] }],
  });
  await refuses('Intervention 0 (force): token 1 does not exist; 0 … 0 are possible.', {
    of: { passage: 'ab' },
    interventions: ITEMS.slice(1, 2),
  });
  const { inspection } = await session.inspect('pass', { of: { passage: 'ab' } });
  expect(inspection.ce).toHaveLength(1);
  await session.dispose();
});
