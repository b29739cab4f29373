/** Files of runs in the worker that the page has for them. */
import { expect, it } from 'vitest';
import { sha256Hex } from '../../src/data/textHash.ts';
import { openFilesWorker } from '../../src/runs/files/openWorker.ts';
import { bytesOfRuns, EVERYTHING, madeRun, toWrite } from '../runs/files/support.ts';

const hashOf = async (bytes: ArrayBuffer | Uint8Array) =>
  sha256Hex(new Uint8Array(bytes instanceof Uint8Array ? bytes.slice().buffer : bytes));

it('writes the same bytes as anywhere else, and reads them back', async () => {
  const written = [await madeRun('a', { name: 'my.txt', text: 'abc äöü' }), await madeRun('b')];
  const { thread, close } = openFilesWorker();
  const source = written.map(toWrite);
  const blob = await thread.write(
    written.map(({ row }) => row),
    {
      parts: (i) => source[i]!.parts(),
      checkpoint: (i, step) => source[i]!.checkpoint(step),
      ownText: (i) => source[i]!.ownText(),
    },
    EVERYTHING,
  );
  expect(await hashOf(await blob.arrayBuffer())).toBe(await hashOf(await bytesOfRuns(written)));

  const { rows, problems } = await thread.read(new File([blob], 'runs.zip'));
  expect(problems).toEqual([]);
  expect(rows).toEqual(written.map(({ row }) => row));
  expect(await thread.parts(0)).toEqual(written[0]!.parts);
  expect(await hashOf(await thread.checkpoint(1, 10))).toBe(
    await hashOf(written[1]!.checkpoints.get(10)!),
  );
  expect(await thread.ownText(0)).toEqual(written[0]!.ownText);
  expect(await thread.ownText(1)).toBeNull();
  close();
});

it('says what is wrong with a file, and with a question that nobody asked', async () => {
  const { thread, close } = openFilesWorker();
  const bytes = await bytesOfRuns([await madeRun('a')]);
  const { rows, problems } = await thread.read(new Blob([bytes.slice(0, 5000)]));
  expect(rows).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual([
    'it is no zip file, or its end is missing',
  ]);
  await expect(thread.parts(3)).rejects.toThrow('the file has 0 runs, none at 3');
  expect(await thread.readForeign(new Uint8Array(9))).toBeNull();
  close();
});
