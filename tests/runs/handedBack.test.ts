import { afterEach, expect, it, vi } from 'vitest';
import { readSafetensors, type SafeTensors } from '../../src/data/safetensors.ts';
import type { Library } from '../../src/runs/library.ts';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { continued, over } from '../support/continued.ts';
import { TINY } from '../train/support.ts';
import { type Lab, lab, lossesIn } from './recorderLab.ts';

/** A run that was trained here, then elsewhere, and comes back as a run of its own. */

const labs: Lab[] = [];
function newLab(library: Library): Lab {
  const one = lab(library);
  labs.push(one);
  return one;
}
afterEach(async () => {
  for (const one of labs.splice(0)) await one.trainer.dispose();
});

const [BEFORE, ELSEWHERE] = [6, 4];
const lossAt = (step: number) => step / 8;
const THERE = Array.from({ length: ELSEWHERE }, (_, i) => lossAt(BEFORE + 1 + i));

/** Trains a run in a library and hands it over; the file that comes back. */
async function handedOver(library: Library, spoil?: Parameters<typeof continued>[3]) {
  const { trainer, open, to } = newLab(library);
  await open(TINY);
  await to(BEFORE);
  const bytes = await trainer.checkpoint();
  await trainer.dispose();
  return continued(bytes, ELSEWHERE, lossAt, spoil);
}

/** The run that came back, once the library has it. */
async function arrived(library: Library) {
  const found = async () =>
    (await library.rows()).find(({ seams, checkpoints }) => seams && checkpoints.length > 0);
  await vi.waitFor(async () => expect(await found()).toBeDefined());
  return (await found())!;
}

it('begins with the curve of its parent, and what was trained elsewhere', async () => {
  const library = memoryLibrary();
  const bytes = await handedOver(library);
  const [parent] = await library.rows();
  const here = await lossesIn(library);
  const page = newLab(library);
  const report = await page.trainer.restore(bytes, null);
  expect(report.elsewhere).toMatchObject({ firstStep: BEFORE + 1, n: ELSEWHERE });
  const row = await arrived(library);
  expect(row).toMatchObject({
    name: 'Run 1, continued in PyTorch',
    parent: { id: parent!.id, step: BEFORE },
    seams: [
      { step: BEFORE, by: 'pytorch' },
      { step: BEFORE + ELSEWHERE, by: 'here' },
    ],
    steps: BEFORE + ELSEWHERE,
    last: { ce: { step: BEFORE + ELSEWHERE, value: lossAt(BEFORE + ELSEWHERE) } },
  });
  expect(row.thumbnail).toHaveLength(BEFORE + ELSEWHERE);
  const { records } = await library.parts(row.id);
  expect(over(records, 'ce')).toEqual([...here, ...THERE]);
  expect(over(records, 'gradNorm').slice(BEFORE)).toEqual(THERE.map(() => 2));
  expect(over(records, 'switch').slice(BEFORE)).toEqual(THERE.map(() => 0.25));
  // Every slot's loads, and no domain.
  const last = records.at(-1)!.layers.at(-1)!;
  const { tensors } = readSafetensors(bytes);
  const told = tensors.get(`history.layers.${last.layer}.assignments`)!.data;
  expect([...last.assignments].slice(-told.length)).toEqual([...told]);
  expect(new Set([...last.domains].slice(-2 * last.R * ELSEWHERE))).toEqual(new Set([0]));
});

it('has the parameters and moments of the file, and trains on', async () => {
  const library = memoryLibrary();
  const bytes = await handedOver(library);
  const page = newLab(library);
  await page.trainer.restore(bytes, null);
  const { id } = await arrived(library);
  const stored = decodeCheckpoint(await library.checkpoint(id, BEFORE + ELSEWHERE));
  expect(stored.state).toEqual(decodeCheckpoint(bytes).state);
  expect(stored.elsewhere).toBeNull();
  await page.to(BEFORE + ELSEWHERE + 3);
  await page.trainer.dispose();
  const row = await library.row(id);
  expect(row).toMatchObject({ steps: BEFORE + ELSEWHERE + 3, seams: [{}, {}] });
  expect(await lossesIn(library, id)).toHaveLength(BEFORE + ELSEWHERE + 3);
  // Another visit goes on with it as with any run.
  const later = newLab(library);
  await later.openStored(id);
  await later.to(BEFORE + ELSEWHERE + 5);
  await later.trainer.dispose();
  expect((await lossesIn(library, id)).slice(0, BEFORE + ELSEWHERE)).toEqual([
    ...(await lossesIn(library, (await library.row(id))!.parent!.id)).slice(0, BEFORE),
    ...THERE,
  ]);
  expect((await library.row(id))?.seams).toEqual(row?.seams);
});

it('tells its parent by name where the library does not have it', async () => {
  const bytes = await handedOver(memoryLibrary(), (_, metadata) => {
    metadata.parent = JSON.stringify({ ...JSON.parse(metadata.parent!), name: 'Wide' });
  });
  const library = memoryLibrary();
  await newLab(library).trainer.restore(bytes, null);
  const row = await arrived(library);
  expect(row).toMatchObject({
    name: 'Wide, continued in PyTorch',
    parent: { step: BEFORE, name: 'Wide' },
  });
  const { records } = await library.parts(row.id);
  expect(records[0]?.firstStep).toBe(BEFORE + 1);
  expect(over(records, 'ce')).toEqual(THERE);
});

it('never begins anew, with no parent and no checkpoint either', async () => {
  const bytes = await handedOver(memoryLibrary(), (_, metadata) => void delete metadata.parent);
  const library = memoryLibrary();
  await newLab(library).trainer.restore(bytes, null);
  const { id, parent, checkpoints } = await arrived(library);
  expect(parent).toBeNull();
  await library.removeCheckpoint(id, checkpoints[0]!.step);
  await labs.at(-1)?.trainer.dispose();
  await expect(newLab(library).openStored(id)).rejects.toThrow(/no checkpoint is stored/);
});

it.each([
  { id: 'a/b', step: 6 },
  { id: 'a', step: -1 },
  { id: 'a', step: 1e9 },
  { id: '', step: 6 },
  ['a'],
])('takes %j for no parent', async (parent) => {
  const bytes = await handedOver(memoryLibrary(), (_, metadata) => {
    metadata.parent = JSON.stringify(parent);
  });
  expect(decodeCheckpoint(bytes).parent).toBeNull();
});

it('is one run more each time that it is opened, and goes on without loads that nobody wrote', async () => {
  const library = memoryLibrary();
  const bytes = await handedOver(library, (tensors) => {
    for (const name of [...tensors.keys()]) if (name.startsWith('history.')) tensors.delete(name);
  });
  await newLab(library).trainer.restore(bytes, null);
  const { id } = await arrived(library);
  const { records } = await library.parts(id);
  expect(over(records, 'ce')).toHaveLength(BEFORE + ELSEWHERE);
  expect(records.at(-1)?.layers).toEqual([]);
});

const cut = (tensors: SafeTensors) => {
  const [name = ''] = [...tensors.keys()].filter((name) => name.endsWith('.drops'));
  tensors.set(name, { dtype: 'I32', shape: [1], data: new Int32Array(1) });
};
/** The history, written otherwise. */
const rewritten =
  (rewrite: (history: string) => string): NonNullable<Parameters<typeof continued>[3]> =>
  (_, told) => {
    told.history = rewrite(told.history ?? '');
  };
it.each<[string, NonNullable<Parameters<typeof continued>[3]>, RegExp]>([
  ['that is no list', rewritten(() => '{"step": 7}'), /no list of steps/],
  ['that is no JSON', rewritten(() => '[NaN]'), /no list of steps/],
  ['with a gap', rewritten((h) => h.replace('"step":8', '"step":9')), /step 9 where 8 belongs/],
  [
    'with a text for a loss',
    rewritten((h) => h.replace('"gradNorm":2', '"gradNorm":"2"')),
    /"gradNorm" of step 7 is no number/,
  ],
  ['with loads of another length', cut, /drops" is I32 \[1\]; I32 of 16 values/],
  [
    'without one of its loads',
    (tensors) => void tensors.delete([...tensors.keys()].find((n) => n.endsWith('.bias'))!),
    /bias" is missing/,
  ],
])('refuses a history %s', async (_, spoil, message) => {
  const bytes = await handedOver(memoryLibrary(), spoil);
  expect(() => decodeCheckpoint(bytes)).toThrow(message);
});
