import { expect, it } from 'vitest';
import { fakeLibrary } from '../runs/fakeLibrary.ts';
import { bytesOfRuns, EVERYTHING, madeRow, madeRun } from '../runs/files/support.ts';
import { type TestLab, testLab } from './support.ts';

const said = ({ lab }: TestLab) => lab.view.getState().toasts.map(({ text }) => text);

async function fileOf(...ids: string[]): Promise<File> {
  const runs = await Promise.all(ids.map((id) => madeRun(id)));
  return new File([await bytesOfRuns(runs)], 'all.zip');
}

it('takes the runs of a file into the library, and says which', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  const written = await madeRun('a', { name: 'my.txt', text: 'abc' });
  await test.lab.runFiles.open(new Blob([await bytesOfRuns([written])]), 'a.zip');
  expect(said(test)).toEqual([`1 run came in from a.zip: ${written.row.name}.`]);
  const row = (await library.row('a'))!;
  expect(row).toEqual({
    ...written.row,
    origin: 'file',
    checkpoints: written.row.checkpoints.map((one) => ({ ...one, at: 0 })),
  });
  expect(await library.parts('a')).toEqual(written.parts);
  expect(await library.checkpoint('a', 6)).toEqual(written.checkpoints.get(6));
  expect([...library.texts.values()]).toEqual([{ name: 'my.txt', text: 'abc' }]);
  // A pinned one is pinned before another could take its place.
  expect(library.calls).toEqual(['put a', 'putCheckpoint a 6', 'pin a 6', 'putCheckpoint a 10']);
});

it('doubles no run that is there already, and changes none', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  await test.lab.runFiles.open(await fileOf('a'), 'a.zip');
  await library.change('a', { name: 'Renamed' });
  library.calls.length = 0;
  await test.lab.runFiles.open(await fileOf('a', 'b'), 'all.zip');
  expect(said(test).at(-1)).toBe(
    `1 run came in from all.zip: ${madeRow('b').name}. 1 run was there already: Renamed.`,
  );
  expect(library.calls.filter((call) => call.startsWith('put '))).toEqual(['put b']);
});

it('gives a run a colour of its own where another one has its', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  await test.lab.runFiles.open(await fileOf('a', 'b', 'c'), 'all.zip');
  const colors = (await library.rows()).map(({ color }) => color);
  expect(new Set(colors).size).toBe(3);
  expect(colors).toContain(madeRow('a').color);
});

it('takes nothing of a damaged file, and says why', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  const bytes = new Uint8Array(await (await fileOf('a', 'b')).arrayBuffer());
  await test.lab.runFiles.open(new Blob([bytes.slice(0, -9)]), 'cut.zip');
  expect(said(test)).toEqual(['cut.zip was not opened: it is no zip file, or its end is missing.']);
  expect(library.calls).toEqual([]);
});

it('leaves no half of a run behind that cannot be stored whole', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  library.failNext('putCheckpoint', 'the storage is full');
  await test.lab.runFiles.open(await fileOf('a', 'b'), 'all.zip');
  expect((await library.rows()).map(({ id }) => id)).toEqual(['b']);
  expect(said(test)).toEqual([
    `1 run came in from all.zip: ${madeRow('b').name}. Not taken: ${madeRow('a').name} the storage is full.`,
  ]);
});

it('says so where no runs are kept', async () => {
  const test = await testLab();
  await test.lab.runFiles.open(await fileOf('a'), 'a.zip');
  expect(said(test)).toEqual(['a.zip was not opened: this visit keeps no runs.']);
});

it('writes runs of the library as a file that another one takes, and notes when', async () => {
  const library = fakeLibrary();
  const test = await testLab({ library });
  await test.lab.runFiles.open(await fileOf('a', 'b', 'c'), 'all.zip');
  const blob = (await test.lab.runFiles.write(['c', 'a'], EVERYTHING))!;
  expect((await library.row('a'))!.exportedAt).toBeGreaterThan(1.7e12);
  expect((await library.row('b'))!.exportedAt).toBeNull();
  library.failNext('change', 'the storage is full');
  expect(await test.lab.runFiles.write(['b'], EVERYTHING)).toBeInstanceOf(Blob);
  const other = fakeLibrary();
  const there = await testLab({ library: other });
  await there.lab.runFiles.open(blob, 'some.zip');
  expect((await other.rows()).map(({ id }) => id)).toEqual(['c', 'a']);
  expect(await other.parts('a')).toEqual(await library.parts('a'));
  expect(await other.checkpoint('c', 10)).toEqual(await library.checkpoint('c', 10));
  expect(await test.lab.runFiles.write(['none'], EVERYTHING)).toBeNull();
  expect(said(test).at(-1)).toBe('The runs were not saved: There is no run "none" in the library.');
});
