import { unzipSync, zipSync } from 'fflate';
import { beforeAll, expect, it } from 'vitest';
import { hashChain } from '../../../src/config/hash.ts';
import { type RunsRead, readRuns } from '../../../src/runs/files/readRuns.ts';
import { casesOf } from '../../support/long.ts';
import { bytesOfRuns, madeRun } from './support.ts';

let good: Uint8Array;
let entries: Record<string, Uint8Array>;
beforeAll(async () => {
  good = await bytesOfRuns([
    await madeRun('a', { name: 'own.txt', text: 'abc' }),
    await madeRun('b'),
  ]);
  entries = unzipSync(good);
});

/** Random numbers of a fixed seed below n. */
function randomly(seed: number) {
  let i = 0;
  return (n: number) => hashChain(seed, i++) % n;
}

function isIntact({ runs, problems }: RunsRead): boolean {
  return runs.length === 2 && problems.length === 0;
}

const ARCHIVES = casesOf(500, 100);
const ENTRIES = casesOf(500, 60);

it(`answers ${ARCHIVES} mutated archives with problems or the runs as they were`, async () => {
  const random = randomly(11);
  let slowest = 0;
  let refused = 0;
  for (let k = 0; k < ARCHIVES; k++) {
    const bad = good.slice();
    // Half of them in the directory, which has few of the bytes.
    const from = k % 2 === 0 ? 0 : good.length - 1200;
    for (let m = random(4); m >= 0; m--) bad[from + random(bad.length - from)] = random(256);
    const bytes = k % 5 === 0 ? bad.subarray(random(40), bad.length - random(40)) : bad;
    const begun = performance.now();
    const read = await readRuns(bytes);
    slowest = Math.max(slowest, performance.now() - begun);
    if (!isIntact(read)) {
      refused += 1;
      expect(read.problems.length).toBeGreaterThan(0);
    }
  }
  expect(refused).toBeGreaterThan(0.8 * ARCHIVES);
  expect(slowest).toBeLessThan(3000);
});

it(`answers ${ENTRIES} archives of mutated entries, check sums right, with problems or whole runs`, async () => {
  const random = randomly(12);
  const names = Object.keys(entries);
  for (let k = 0; k < ENTRIES; k++) {
    const name = names[random(names.length)]!;
    const bytes = entries[name]!.slice();
    const near = Math.min(bytes.length, 3000);
    for (let m = random(3); m >= 0; m--)
      bytes[random(2) === 0 ? random(bytes.length) : bytes.length - 1 - random(near)] = random(256);
    const { runs, problems } = await readRuns(zipSync({ ...entries, [name]: bytes }));
    const isTold = problems.some(({ severity }) => severity === 'error');
    expect(runs.length === 2 || isTold).toBe(true);
    // What came in can be read.
    for (const run of runs) await run.parts();
  }
});
