import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { RunLog } from '../../src/cli/runFile.ts';
import { madeRecords, madeRow } from '../runs/files/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than a call takes arguments. */
const STEPS = 150_000;

it('has the telemetry of a long run that was reported step by step as one piece', () => {
  const log = new RunLog();
  const of = madeRecords(1, 1, [{ layer: 1, R: 1, W: 1 }]);
  for (let firstStep = 1; firstStep <= STEPS; firstStep++)
    log.add({ type: 'steps', records: { ...of, firstStep }, tokensPerSec: 0, stepsPerSec: 0 });
  expect(log.parts().records).toMatchObject([{ firstStep: 1, n: STEPS }]);
});

it('leaves a file as it was where another cannot take its place', async () => {
  const path = join(folder, 'there.zip');
  writeFileSync(path, 'before');
  const wrong = madeRow('no id of a run');
  await expect(new RunLog().write(path, wrong, null)).rejects.toThrow('is no id of a run');
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
});
