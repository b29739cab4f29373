import { expect, it } from 'vitest';
import { type FoundRuns, importRuns } from '../../../src/runs/files/importRuns.ts';
import { memoryLibrary } from '../../../src/runs/memoryLibrary.ts';
import { NO_REPORTS } from '../../../src/runs/record.ts';
import { madeRow } from './support.ts';

it('takes in all checkpoints of a run, whichever of them are pinned', async () => {
  const checkpoints = [10, 20, 30].map((step) => {
    return { step, isPinned: step === 30, bytes: 1, at: step };
  });
  const runs: Partial<FoundRuns['runs']> = {
    parts: async () => ({ curves: {}, records: [], ...NO_REPORTS }),
    ownText: async () => null,
    checkpoint: async (_, step) => Uint8Array.of(step),
  };
  const found = {
    rows: [{ ...madeRow('a'), text: null, last: {}, checkpoints }],
    problems: [],
    runs,
  };
  const library = memoryLibrary();
  const { added, problems } = await importRuns(library, found as unknown as FoundRuns);
  expect(problems).toEqual([]);
  expect(added).toHaveLength(1);
  const row = await library.row('a');
  expect(row!.checkpoints.map(({ step, isPinned }) => [step, isPinned])).toEqual([
    [10, false],
    [20, false],
    [30, true],
  ]);
  expect(await library.checkpoint('a', 10)).toEqual(Uint8Array.of(10));
});
