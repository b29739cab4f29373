/** The command for sweeps on an engine that needs no device. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sweepCommand } from '../../src/cli/sweepRun.ts';
import type { SweepResult } from '../../src/recipes/sweep.ts';
import { FakeDevice, fakeText, TINY } from '../train/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

const SWEEP = {
  format: 1,
  name: 'Experts per token',
  base: TINY,
  axes: [
    { path: 'router.K', values: [1, 2] },
    { path: 'optimizer.lr', min: 0.001, max: 0.004, count: 3, scale: 'log' },
  ],
  seeds: [1, 2],
  budget: { of: 'steps', amount: 12 },
};
writeFileSync(path('k.json'), JSON.stringify(SWEEP));

/** Hears what commands say while they say it. */
let hear: (text: string) => void = () => undefined;

async function command(...argv: string[]) {
  let err = '';
  /** Texts that were prepared: one to train a run, and one to measure it. */
  let prepared = 0;
  const io = {
    stdout: () => undefined,
    stderr: (text: string) => {
      err += text;
      hear(text);
    },
    readFile: () => Promise.reject(new Error('not through io')),
  };
  const device = new FakeDevice();
  const code = await sweepCommand(argv, io, {
    requestDevice: async () => device,
    requestGpu: () => Promise.reject(new Error('there is no GPU')),
    async prepareText(experiment) {
      prepared += 1;
      return fakeText(experiment);
    },
  });
  return { code, err, prepared };
}

const read = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as SweepResult;
const timeless = ({ runs, ...result }: SweepResult) => ({
  ...result,
  runs: runs.map(({ times: _, ...run }) => run),
});

describe('a sweep', () => {
  it('trains every point with every seed, in shards as in one', async () => {
    const { code, err } = await command(path('k.json'), '--out', path('whole'));
    expect([code, err]).toEqual([0, expect.stringMatching(/12 of 12 units\n$/)]);
    const result = read('whole/k.json');
    expect(result.runs.map(({ point, seed }) => [point, seed])).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((point) => [1, 2].map((seed) => [point, seed])),
    );
    const [first] = result.runs;
    expect(first?.run).toMatchObject({ steps: 12, tokens: 96, diverged: null });
    expect(first?.run.experiment).toMatchObject({ router: { K: 1 }, optimizer: { lr: 0.001 } });
    expect(first?.metrics.ce).toBeGreaterThan(0);
    expect(result.runs.map(({ metrics }) => metrics.computing)).toEqual(
      result.runs.map(({ run }) => run.experiment.router.K),
    );
    expect(readdirSync(path('whole/k'))).toContain('3-2.json');
    for (const i of [0, 1])
      await command(path('k.json'), '--shard', `${i}/2`, '--out', path(`s${i}`));
    const parts = [path('s1/k.json'), path('s0/k.json')];
    const merged = await command('merge', ...parts, '--out', path('merged.json'));
    expect(merged).toMatchObject({ code: 0, err: '12 runs of 6 points\n' });
    expect(timeless(read('merged.json'))).toEqual(timeless(result));
    const again = await command(path('k.json'), '--out', path('whole'), '--resume');
    expect(again.err.match(/there already/g)).toHaveLength(12);
  });

  it('keeps what other sweeps with its folder left', async () => {
    const call = (name: string, ...more: string[]) =>
      command(path(name), '--out', path('apart'), ...more);
    writeFileSync(path('more.json'), JSON.stringify({ ...SWEEP, seeds: [3] }));
    hear = (text) => {
      if (text.includes('measuring: Metrics')) throw new Error('killed');
    };
    expect(await call('k.json')).toMatchObject({ code: 1, prepared: 1 });
    hear = () => undefined;
    expect(await call('more.json')).toMatchObject({ code: 0, prepared: 12 });
    expect(await call('more.json', '--seeds', '4-4', '--resume')).toMatchObject({ prepared: 12 });
    expect(await call('k.json', '--resume')).toMatchObject({ code: 0, prepared: 23 });
  });

  it('writes the file of all where it was killed before', async () => {
    const result = read('whole/k.json');
    rmSync(path('whole/k.json'));
    const again = await command(path('k.json'), '--out', path('whole'), '--resume');
    expect(again).toMatchObject({ code: 0, prepared: 0 });
    expect(read('whole/k.json')).toEqual(result);
  });

  it('overwrites no run of another sweep', async () => {
    mkdirSync(path('edited'));
    const edited = { ...SWEEP, budget: { of: 'steps', amount: 3 } };
    writeFileSync(path('edited/k.json'), JSON.stringify(edited));
    const before = readFileSync(path('whole/k/0-1.json'), 'utf8');
    for (const more of [[], ['--resume']]) {
      const call = await command(path('edited/k.json'), '--out', path('whole'), ...more);
      expect(call).toMatchObject({ code: 1, prepared: 0 });
      expect(call.err).toMatch(
        /^error: \S+whole\/k\/0-1\.json would be overwritten: its digest is "\w+", that of this call "\w+"; choose another --out, or delete the file\n$/,
      );
    }
    expect(readFileSync(path('whole/k/0-1.json'), 'utf8')).toBe(before);
  });

  it('names the file that is none, and refuses to merge what is unlike', async () => {
    writeFileSync(
      path('bad.json'),
      JSON.stringify({ ...SWEEP, axes: [{ path: 'router.kk', values: [1] }] }),
    );
    expect((await command(path('bad.json'))).err).toMatch(/^error: .*bad\.json: /);
    writeFileSync(
      path('other.json'),
      JSON.stringify({ ...SWEEP, budget: { of: 'steps', amount: 3 } }),
    );
    await command(path('other.json'), '--seeds', '1', '--out', path('other'));
    const files = [path('whole/k.json'), path('other/other.json')];
    const { code, err } = await command('merge', ...files, '--out', path('x.json'));
    expect([code, err]).toEqual([1, expect.stringMatching(/are of unlike sweeps\n$/)]);
    expect((await command()).code).toBe(2);
    const unread = await command(path('k.json'), '--budget', 'long');
    expect([unread.code, unread.err]).toEqual([2, expect.stringContaining("'--budget'")]);
    const none = { ...read('other/other.json'), runs: [{ kind: 'sweepRun', point: 0 }] };
    writeFileSync(path('none.json'), JSON.stringify(none));
    expect((await command('merge', path('none.json'), '--out', path('x.json'))).err).toMatch(
      /^error: .*none\.json: no result of a sweep: runs\.0\.\w+: /,
    );
  });

  it('does not overwrite a sweep with its results, nor those of another of its name', async () => {
    const { code, err } = await command(path('k.json'), '--out', folder);
    expect([code, err]).toEqual([1, expect.stringMatching(/k\.json would be overwritten/)]);
    expect(read('k.json')).toEqual(SWEEP);
    const both = [path('whole/../k.json'), path('k.json')];
    expect((await command(...both, '--out', path('both'))).err).toMatch(/would both be .*k\.json/);
  });
});
