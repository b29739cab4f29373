/** The command for recipes on an engine that needs no device. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { seedsOf, shardOf } from '../../src/cli/recipeArguments.ts';
import { type RecipeDeps, readRecorded, recipeCommand } from '../../src/cli/recipeRun.ts';
import { ResultFolder } from '../../src/cli/resultFiles.ts';
import { canonical } from '../../src/recipes/canonical.ts';
import { timeless } from '../../src/recipes/merge.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { DERIVED, OTHER } from '../queue/queueLab.ts';
import { RECIPE } from '../train/recipes/recipe.ts';
import { FakeDevice, fakeText } from '../train/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

/** What a run's own telemetry tells: it needs no kernels. */
const PLAIN: Recipe = {
  ...RECIPE,
  variants: RECIPE.variants.filter(({ derived }) => derived === undefined),
  measurements: RECIPE.measurements.filter(({ id }) => ['loss', 'training'].includes(id)),
};

function depsOf(recipes: readonly Recipe[] = [PLAIN]): RecipeDeps & { trained: string[] } {
  const trained: string[] = [];
  const device = new FakeDevice();
  return {
    recipes,
    trained,
    requestDevice: async () => device,
    requestGpu: () => Promise.reject(new Error('there is no GPU')),
    async prepareText(experiment) {
      trained.push(JSON.stringify(experiment.seeds));
      return fakeText(experiment);
    },
    claimsText: (results) => results.map(({ recipe }) => recipe).join(),
    places: { recorded: path('recorded'), claims: path('CLAIMS.md'), second: path('second') },
  };
}

/** Of a process that is killed when it opens its run after the n-th. */
function dyingDeps(n: number, recipes?: readonly Recipe[]): ReturnType<typeof depsOf> {
  const deps = depsOf(recipes);
  const { prepareText } = deps;
  deps.prepareText = (...given) => {
    if (deps.trained.length >= n) throw new Error('killed');
    return prepareText(...given);
  };
  return deps;
}

/** @param hear hears what is said while it is said */
async function command(
  argv: readonly string[],
  deps: RecipeDeps = depsOf(),
  hear: (text: string) => void = () => undefined,
) {
  const said = { out: '', err: '' };
  const io = {
    stdout: (text: string) => {
      said.out += text;
    },
    stderr: (text: string) => {
      said.err += text;
      hear(text);
    },
    readFile: () => Promise.reject(new Error('not through io')),
  };
  return { code: await recipeCommand(argv, io, deps), ...said };
}

const read = (name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as RecipeResult;
/** Names of what is kept of work that is not finished. */
const unfinished = (out: string) =>
  readdirSync(path(`${out}/.work`)).flatMap((one) => readdirSync(path(`${out}/.work/${one}`)));
const timelessOf = ({ units, ...result }: RecipeResult) =>
  canonical({ ...result, units: units.map((unit) => timeless(PLAIN, unit)) });

describe('a recipe', () => {
  it('is run whole, sharded and merged, and resumed, to the same result', async () => {
    const whole = await command(['tiny-1', '--out', path('whole')]);
    expect(whole).toMatchObject({ code: 0, out: '' });
    expect(whole.err).toMatch(/^fake; 9 units, estimated \d+ /);
    expect(whole.err).toMatch(/tiny-1 seed 1 a {2}a step \d+\/30 {2}about \d+ s left/);
    expect(whole.err).toMatch(/9 of 9 units\n$/);
    const result = read('whole/tiny-1.json');
    expect(result.units.map(({ seed, group }) => `${seed}${group}`)).toEqual(
      [1, 2, 3].flatMap((seed) => ['a', 'b', 'dense'].map((group) => `${seed}${group}`)),
    );
    expect(readdirSync(path('whole/tiny-1'))).toHaveLength(9);

    const shards = ['0/4', '1/4', '2/4', '3/4'];
    for (const [i, shard] of shards.entries())
      expect((await command(['all', '--shard', shard, '--out', path(`s${i}`)])).code).toBe(0);
    for (const order of [
      [0, 1, 2, 3],
      [3, 1, 0, 2],
    ]) {
      const files = order.map((i) => path(`s${i}/tiny-1.json`));
      const merged = await command(['merge', ...files, '--out', path('merged.json')]);
      expect(merged).toMatchObject({ code: 0, err: 'tiny-1: 9 units of 3 seeds\n' });
      expect(timelessOf(read('merged.json'))).toBe(timelessOf(result));
    }
  });

  it('goes on where it was killed', async () => {
    const argv = ['tiny-1', '--seeds', '4-5', '--out', path('killed'), '--resume'];
    for (const n of [1, 2, 2]) {
      const { code, err } = await command(argv, dyingDeps(n));
      expect([code, /error: killed\n$/.test(err)]).toEqual([1, true]);
    }
    const last = depsOf();
    const { err } = await command(argv, last);
    expect(err).toMatch(/there already/);
    expect(last.trained.length).toBeLessThan(6);
    // A file of another one's that was cut ends nothing.
    mkdirSync(path('unkilled/tiny-1'), { recursive: true });
    writeFileSync(path('unkilled/tiny-1/9-a.json'), '{"format": 1, "ki');
    const unkilled = await command(['tiny-1', '--seeds', '4-5', '--out', path('unkilled')]);
    expect(unkilled.code).toBe(0);
    expect(unkilled.err).toMatch(/9-a\.json is left out: .*9-a\.json is no JSON: /);
    expect(timelessOf(read('killed/tiny-1.json'))).toBe(timelessOf(read('unkilled/tiny-1.json')));
    expect(unfinished('killed')).toEqual([]);
  });

  it('keeps what other calls with its folder left', async () => {
    const recipes = [PLAIN, OTHER, DERIVED];
    const call = async (argv: string, deps = depsOf(recipes)) => {
      const { code } = await command([...argv.split(' '), '--out', path('apart')], deps);
      return [code, deps.trained.length];
    };
    expect(await call('tiny-3 --seeds 1', dyingDeps(1, recipes))).toEqual([1, 1]);
    const left = unfinished('apart');
    expect(left).toContainEqual(expect.stringMatching(/^run-/));
    // Runs that two recipes of one call have are trained once.
    expect(await call('tiny-1 tiny-2 --seeds 2-2')).toEqual([0, 3]);
    expect(await call('tiny-2 --seeds 3-3 --resume')).toEqual([0, 3]);
    expect(await call('tiny-3 --seeds 4-4 --resume')).toEqual([0, 2]);
    expect(await call('tiny-3 --seeds 5-5 --budget standard')).toEqual([0, 2]);
    expect(unfinished('apart')).toEqual(left);
    expect(await call('tiny-3 --seeds 1 --resume')).toEqual([0, 1]);
    expect(unfinished('apart')).toEqual([]);
  });

  it('forgets nothing of a unit before its result is stored', async () => {
    const argv = ['tiny-3', '--seeds', '1', '--out', path('unstored'), '--resume'];
    // Where a folder has its name, no file can be written.
    const inTheWay = path('unstored/tiny-3/1.json');
    const hear = (text: string) => {
      if (text.includes('measuring: Scalars')) mkdirSync(inTheWay, { recursive: true });
    };
    expect(await command(argv, depsOf([DERIVED]), hear)).toMatchObject({ code: 1 });
    rmSync(inTheWay, { recursive: true });
    const again = depsOf([DERIVED]);
    expect(await command(argv, again)).toMatchObject({ code: 0 });
    expect(again.trained).toEqual([]);
    expect(unfinished('unstored')).toEqual([]);
  });

  it('writes the file of all where it was killed before', async () => {
    const argv = ['tiny-1', '--seeds', '1', '--out', path('late'), '--resume'];
    expect((await command(argv)).code).toBe(0);
    const result = read('late/tiny-1.json');
    rmSync(path('late/tiny-1.json'));
    const again = depsOf();
    expect((await command(argv, again)).code).toBe(0);
    expect(read('late/tiny-1.json')).toEqual(result);
    expect(again.trained).toEqual([]);
  });

  it('overwrites no unit of another budget, digest, adapter or version', async () => {
    const argv = ['tiny-1', '--seeds', '1', '--out', path('ground')];
    expect((await command(argv)).code).toBe(0);
    const unit = (name: string) => path(`ground/tiny-1/${name}.json`);
    const text = readFileSync(unit('1-a'), 'utf8');
    const refuses = async (told: string, deps: ReturnType<typeof depsOf>, ...more: string[]) => {
      for (const resume of [[], ['--resume']]) {
        const { code, err } = await command([...argv, ...more, ...resume], deps);
        expect([code, err]).toEqual([1, expect.stringContaining(told)]);
        expect(err).toMatch(
          /^error: \S+1-[ab]\.json would be .*; choose another --out, or delete the file\n$/,
        );
      }
      expect(deps.trained).toEqual([]);
    };
    const budget = `${unit('1-a')} would be overwritten: its budget is "quick", that of this call "standard"`;
    await refuses(budget, depsOf(), '--budget', 'standard');
    const other = new FakeDevice();
    const elsewhere = depsOf();
    elsewhere.requestDevice = async () =>
      Object.assign(other, { adapter: { ...other.adapter, description: 'another' } });
    await refuses('its adapter is "fake", that of this call "another"', elsewhere);
    await refuses('its digest is "', depsOf([{ ...PLAIN, warmup: 0.2 }]));
    expect(readFileSync(unit('1-a'), 'utf8')).toBe(text);
    const old = { ...JSON.parse(readFileSync(unit('1-b'), 'utf8')), version: '0.0.9' };
    writeFileSync(unit('1-b'), JSON.stringify(old));
    await refuses('its version is "0.0.9", that of this call "', depsOf());
    // One that was cut is run anew, as are all of the same ground without --resume.
    writeFileSync(unit('1-b'), text.slice(0, 99));
    const anew = depsOf();
    expect((await command(argv, anew)).code).toBe(0);
    expect([anew.trained.length, read('ground/tiny-1.json').units.length]).toEqual([3, 3]);
  });

  it('holds what another process added while it was written', async () => {
    const unit = new ResultFolder(path('shared'), 'x');
    await unit.write('0', 0);
    const merged = (units: unknown[]) => {
      if (units.length === 1) writeFileSync(path('shared/x/1.json'), '1');
      return units;
    };
    await unit.writeAll((json) => json, merged, expect.unreachable);
    expect(read('shared/x.json')).toEqual([0, 1]);
  });

  it('does not start where what is held equal is not', async () => {
    const edits = { 'experts.slots': [{ kind: 'ffn', hidden: 9 }] };
    const variants = PLAIN.variants.map((one) => (one.id === 'b' ? { ...one, edits } : one));
    const deps = depsOf([{ ...PLAIN, variants }]);
    const { code, err } = await command(['tiny-1', '--out', path('unequal')], deps);
    expect(code).toBe(1);
    expect(err).toMatch(/holds total parameters N equal, but .* % more than/);
    expect(deps.trained).toEqual([]);
  });

  it('is recorded as it is read', async () => {
    const result = read('whole/tiny-1.json');
    await command(['merge', path('whole/tiny-1.json'), '--out', path('recorded/tiny-1.json')]);
    expect((await readRecorded(path('recorded'), [PLAIN]))[0]).toEqual(result);
    expect((await command(['claims'])).code).toBe(0);
    expect(readFileSync(path('CLAIMS.md'), 'utf8')).toBe('tiny-1');
    expect(read('recorded/index.json')).toMatchObject({
      'tiny-1': { seeds: [1, 2, 3], budget: 'quick', words: [] },
    });
    writeFileSync(path('recorded/tiny-2.json'), JSON.stringify(result));
    expect((await command(['claims'])).err).toMatch(/tiny-2\.json: it is a recipe of tiny-1/);
    const broken = { ...result, units: [{ ...result.units[0]!, seed: -1 }] };
    writeFileSync(path('recorded/tiny-2.json'), JSON.stringify(broken));
    expect((await command(['claims'])).err).toMatch(
      /tiny-2\.json: no result of a recipe: units\.0\.seed: /,
    );
    rmSync(path('recorded/tiny-2.json'));
    const twice = { ...result, units: [...result.units, result.units[0]!] };
    writeFileSync(path('recorded/tiny-1.json'), JSON.stringify(twice));
    expect((await command(['claims'])).err).toMatch(
      /tiny-1\.json: it has 10 units, of which 9 differ/,
    );
    const [first, ...others] = result.units;
    const mixed = { ...result, units: [{ ...first!, adapter: 'another' }, ...others] };
    writeFileSync(path('recorded/tiny-1.json'), JSON.stringify(mixed));
    expect((await command(['claims'])).err).toMatch(/tiny-1\.json: results of unlike adapter/);
    writeFileSync(path('recorded/tiny-1.json'), JSON.stringify(result));
    // Another budget stands in a file of its own.
    writeFileSync(
      path('recorded/tiny-1-standard.json'),
      JSON.stringify({
        ...{ ...result, budget: 'standard' },
        units: result.units.map((unit) => ({ ...unit, budget: 'standard' })),
      }),
    );
    const budgets = (await readRecorded(path('recorded'), [PLAIN])).map(({ budget }) => budget);
    expect(budgets.sort()).toEqual(['quick', 'standard']);
    rmSync(path('recorded/tiny-1-standard.json'));
  });

  it('says before it starts what its seeds can find', async () => {
    const primary: Recipe['primary'] = {
      ...{ id: 'loss', label: 'b − a', side: '<', unit: 'nats', margin: 0.01, test: 'difference' },
      variant: { read: 'loss', field: 'ce', of: 'b' },
      reference: { read: 'loss', field: 'ce', of: 'a' },
    };
    const judged = { ...PLAIN, primary };
    const started = async (...argv: string[]) =>
      (await command(['tiny-1', ...argv, '--out', path('found')], depsOf([judged]))).err;
    expect(await started()).toMatch(
      /^tiny-1: 3 seeds find differences from \S+ nats on, at the spread of the recorded quick result\n/,
    );
    expect(await started('--seeds', '2')).toMatch(/^tiny-1: a verdict needs at least 3 seeds/);
    expect((await command(['tiny-1', '--out', path('found')])).err).not.toContain('tiny-1: ');
  });

  it('is held against other seeds', async () => {
    expect((await command(['second', path('whole')])).code).toBe(0);
    expect(readFileSync(path('second.md'), 'utf8')).toContain('No claim has a second set yet.');
    expect(JSON.parse(readFileSync(path('second.json'), 'utf8'))).toEqual({ format: 2, found: {} });
    expect(await command(['second'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('second needs the DIR of other seeds'),
    });
    expect((await command(['second', 'a', 'b'])).err).toContain('one DIR; given was b too');
    const outcome = { seeds: [4], means: { '': 'much' } };
    const found = { 'tiny-1': { digest: 'a', effect: 'b', outcome } };
    writeFileSync(path('second.json'), JSON.stringify({ format: 2, found }));
    expect((await command(['second', path('whole')])).err).toMatch(
      /no means of second sets: found\.tiny-1\.outcome/,
    );
  });

  it.each([
    [[], 'the NAME of a recipe is needed'],
    [['tiny-2'], 'there is no recipe "tiny-2"; there are tiny-1, and all'],
    [['all', '--budget', 'huge'], '--budget huge is none; there are quick, standard, long'],
    [['all', '--shard', '4/4'], '--shard 4/4 is not i/n with 0 ≤ i < n'],
    [['all', '--seeds', '0'], '--seeds 0 is neither a number of seeds'],
    [['merge', 'x.json'], '--out FILE is needed'],
    [['claims', 'x'], 'claims takes no arguments; given was x'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await command(argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('Usage: npm run recipe');
  });

  it('reads numbers and ranges of seeds, and shards', () => {
    expect(seedsOf('3')).toEqual([1, 2, 3]);
    expect(seedsOf('4-6')).toEqual([4, 5, 6]);
    expect(shardOf('2/3')).toEqual({ index: 2, of: 3 });
  });
});
