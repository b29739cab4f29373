import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main as analyse } from '../../src/cli/analyse.ts';
import { main as train } from '../../src/cli/experiment.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { RAW_RUNS, RAW_STEPS, type RawRun, rawFile } from '../support/rawRuns.ts';

/** What the views' tests draw is what the commands write of these runs today. */

const folder = mkdtempSync(join(tmpdir(), 'raw-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const io = {
  stdout: () => {},
  stderr: () => {},
  readFile: (file: string) => readFile(file, 'utf8'),
};

async function exported(name: RawRun): Promise<Buffer> {
  writeFileSync(path('run.json'), JSON.stringify(RAW_RUNS[name]));
  const checkpoint = path('model.safetensors');
  const run = [
    '--steps',
    `${RAW_STEPS}`,
    '--out',
    path('metrics.json'),
    '--checkpoint',
    checkpoint,
  ];
  expect(await train([path('run.json'), ...run], io)).toBe(0);
  const files = ['--out', path('figures.json'), '--raw', path('raw')];
  expect(await analyse([checkpoint, ...files, '--figures', 'load'], io)).toBe(0);
  return readFileSync(path('raw'));
}

it.each(Object.keys(RAW_RUNS) as RawRun[])(
  'the raw export of %s is the one that views are tested with',
  async (name) => {
    const now = await exported(name);
    // Once, where the files are to be made: RAW_RUNS=write npx vitest run --project gpu rawRuns
    if (process.env.RAW_RUNS === 'write') writeFileSync(rawFile(name), now);
    const [made, kept] = [now, readFileSync(rawFile(name))].map((bytes) => readSafetensors(bytes));
    expect(made?.metadata).toEqual(kept?.metadata);
    expect([...made!.tensors.keys()]).toEqual([...kept!.tensors.keys()]);
    for (const [tensor, { dtype, shape, data }] of made!.tensors) {
      const want = kept!.tensors.get(tensor)!;
      expect([dtype, ...shape], tensor).toEqual([want.dtype, ...want.shape]);
      const wrong = [...data].findIndex((value, i) => {
        const allowed = dtype === 'I32' ? 0 : 1e-5 * Math.max(1, Math.abs(want.data[i]!));
        return !(Math.abs(value - want.data[i]!) <= allowed);
      });
      expect(wrong, `${tensor}: first element that differs`).toBe(-1);
    }
  },
);
