import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main as analyse } from '../../src/cli/analyse.ts';
import { main as train } from '../../src/cli/experiment.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { rawFigures } from '../support/rawPass.ts';
import {
  PROBE_SEED,
  RAW_EVERY,
  RAW_RUNS,
  type RawRun,
  rawFile,
  rawRequests,
  TRAINED,
  TRAINED_FILES,
} from '../support/rawRuns.ts';

/** What the views' tests draw is what the commands write of these runs today. */

const folder = mkdtempSync(join(tmpdir(), 'raw-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const io = {
  stdout: () => {},
  stderr: () => {},
  readFile: (file: string) => readFile(file, 'utf8'),
};

const isWriting = process.env.RAW_RUNS === 'write';

/** Trains a run up to a step; what else the command shall write comes behind. */
async function trained(name: RawRun, steps: number, ...others: string[]): Promise<string> {
  writeFileSync(path('run.json'), JSON.stringify(RAW_RUNS[name]));
  const checkpoint = path('model.safetensors');
  const files = ['--out', path('metrics.json'), '--checkpoint', checkpoint, ...others];
  expect(await train([path('run.json'), '--steps', `${steps}`, ...files], io)).toBe(0);
  return checkpoint;
}

/** Analyses a checkpoint: its raw export. */
async function exported(checkpoint: string, ...others: string[]): Promise<Buffer> {
  const files = ['--out', path('figures.json'), '--raw', path('raw')];
  expect(await analyse([checkpoint, ...files, '--figures', 'load', ...others], io)).toBe(0);
  return readFileSync(path('raw'));
}

/** Compares with the file that is kept; once, where the files are to be made: RAW_RUNS=write npx vitest run --project gpu rawRuns */
function expectKept(now: Buffer, file: string): void {
  if (isWriting) writeFileSync(file, now);
  const [made, kept] = [now, readFileSync(file)].map((bytes) => readSafetensors(bytes));
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
}

/** Compares values of any depth: whole numbers and texts exactly, the others to 1e-5. */
function expectNear(now: unknown, kept: unknown, where = ''): void {
  if (typeof now === 'number' && typeof kept === 'number') {
    const allowed = Number.isInteger(kept) ? 0 : 1e-5 * Math.max(1, Math.abs(kept));
    const isNear = Object.is(now, kept) || Math.abs(now - kept) <= allowed;
    expect(isNear, `${where}: ${now}, not ${kept}`).toBe(true);
  } else if (typeof now === 'object' && typeof kept === 'object' && now !== null && kept !== null) {
    expect(Object.keys(now).sort(), where).toEqual(Object.keys(kept).sort());
    for (const [key, value] of Object.entries(now))
      expectNear(value, (kept as Record<string, unknown>)[key], `${where}.${key}`);
  } else expect(now, where).toEqual(kept);
}

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

/** What of the metrics the views show: the machine's own numbers are left out. */
function shownMetrics(): object {
  const { firstStep, domains, layers, scalars, loads, validation } = readJson(path('metrics.json'));
  return { firstStep, domains, layers, scalars, loads, validation };
}

it.each(Object.keys(RAW_RUNS) as RawRun[])(
  'the raw export of %s is the one that views are tested with',
  async (name) => {
    const { totalSteps } = RAW_RUNS[name].optimizer;
    writeFileSync(path('requests.json'), JSON.stringify(rawRequests(name)));
    const checkpoint = await trained(name, totalSteps);
    expectKept(await exported(checkpoint, '--requests', path('requests.json')), rawFile(name));
  },
);

it('records while it trains what the raw exports of its steps give', async () => {
  const checkpoint = await trained(TRAINED, 2 * RAW_EVERY, '--run', path('run.zip'));
  const metrics = shownMetrics();
  if (isWriting) writeFileSync(TRAINED_FILES.metrics, JSON.stringify(metrics));
  expectNear(metrics, readJson(TRAINED_FILES.metrics));
  const { runs } = await readRuns(readFileSync(path('run.zip')));
  const { figures } = await runs[0]!.parts();

  const tasks = isWriting ? 'all' : 'induction';
  await exported(checkpoint, '--probes', tasks, '--seed', `${PROBE_SEED}`);
  const { probes } = readJson(path('figures.json'));
  if (isWriting) writeFileSync(TRAINED_FILES.probes, JSON.stringify(probes));
  const kept = readJson(TRAINED_FILES.probes);
  expectNear(probes, isWriting ? kept : { induction: kept.induction });

  const earlier = await exported(await trained(TRAINED, RAW_EVERY));
  expectKept(earlier, TRAINED_FILES.earlier);
  expect(figures.map(({ step }) => step)).toEqual([RAW_EVERY, 2 * RAW_EVERY]);
  expectNear(figures, rawFigures());
});
