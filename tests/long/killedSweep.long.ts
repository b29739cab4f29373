import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Sweep, SweepResult } from '../../src/recipes/sweep.ts';

/** A process that is killed ten times in the middle of its work, and goes on. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'switchyard-killed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SWEEP: Sweep = {
  format: 1,
  base: applyChange(DEFAULTS_V1, {
    'model.D': 32,
    'model.L': 2,
    'tokenizer.kind': 'bytes',
    'data.mix': { arithmetic: 1 },
    'evaluation.sampleEvery': 0,
    'optimizer.warmup': 10,
  }),
  axes: [{ path: 'router.K', values: [1, 2] }],
  seeds: [1, 2],
  budget: { of: 'steps', amount: 400 },
};
const FILE = join(folder, 'k.json');
writeFileSync(FILE, JSON.stringify(SWEEP));

/** Runs `npm run sweep`, and kills it after so many milliseconds of work. */
function sweep(out: string, killAfter: number | null): Promise<number | null> {
  const argv = ['src/cli/run.mjs', 'sweep', FILE, '--out', join(folder, out), '--resume'];
  return new Promise((resolve) => {
    const child = spawn('node', argv, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let timer: ReturnType<typeof setTimeout> | undefined;
    child.stderr.on('data', () => {
      // The first words come when the device is there.
      if (killAfter !== null) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function resultOf(out: string) {
  const { runs } = JSON.parse(readFileSync(join(folder, out, 'k.json'), 'utf8')) as SweepResult;
  return runs.map(({ times: _, ...run }) => run);
}

it('comes to the same result, bit for bit', async () => {
  expect(await sweep('whole', null)).toBe(0);
  let killed = 0;
  for (let i = 0; i < 10; i++) if ((await sweep('killed', 12_000 + 1700 * i)) === null) killed += 1;
  expect(killed).toBeGreaterThan(0);
  expect(await sweep('killed', null)).toBe(0);
  expect(resultOf('killed')).toEqual(resultOf('whole'));
}, 1_200_000);
