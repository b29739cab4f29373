import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { readSafetensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { sha256Hex } from '../../src/data/textHash.ts';
import { utf8Encode } from '../../src/data/tokenizers/bytes.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { bytesOfRuns, madeRun } from '../runs/files/support.ts';
import { heardIo } from '../support/heardIo.ts';
import { EXPLODING_LR } from '../train/fakeEngine.ts';
import { harness, lossesOfRun, TINY } from '../train/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

async function command(...argv: string[]) {
  const { io, errors } = heardIo();
  const { deps } = harness();
  const code = await experimentCommand(argv, io, {
    ...deps,
    // The hash of an own text is its own.
    async prepareText(experiment, own, options) {
      const text = await deps.prepareText(experiment, own, options);
      return own === null ? text : { ...text, hash: await sha256Hex(utf8Encode(own.text)) };
    },
  });
  return { code, errors: errors() };
}

const metrics = (name: string): Metrics => JSON.parse(readFileSync(path(name), 'utf8'));

async function runIn(name: string) {
  const { runs, problems } = await readRuns(readFileSync(path(name)));
  expect(problems).toEqual([]);
  expect(runs).toHaveLength(1);
  return runs[0]!;
}

const EVENTS: Experiment['events'] = [
  [4, { 'optimizer.lr': 0.02 }],
  [9, { 'optimizer.lr': 0.004 }],
];
const EXPERIMENT: Experiment = {
  ...TINY,
  events: EVENTS,
  evaluation: { ...TINY.evaluation, every: 5, sampleEvery: 6 },
};
writeFileSync(path('e.json'), JSON.stringify(EXPERIMENT));

it('writes the run whole: its row as the page would have it, telemetry, checkpoints', async () => {
  const argv = ['--steps', '12', '--at', '7', '--at', '3', '--out', path('a.json')];
  const { code, errors } = await command(path('e.json'), ...argv, '--run', path('moe 8.zip'));
  expect(errors).not.toMatch(/error/);
  expect(code).toBe(0);
  const run = await runIn('moe 8.zip');
  const losses = await lossesOfRun(EXPERIMENT, 12);
  const parts = await run.parts();
  expect([...parts.curves.ce!.values]).toEqual(losses);
  expect(parts.records).toHaveLength(1);
  expect(parts.records[0]).toMatchObject({ firstStep: 1, n: 12 });
  const file = metrics('a.json');
  expect(parts.validation).toEqual(file.validation);
  expect(parts.validation.map(({ step }) => step)).toEqual([5, 10]);
  expect(parts.samples).toEqual(file.samples);
  const { row } = run;
  expect(row).toMatchObject({
    name: 'moe 8',
    origin: 'trained',
    status: 'open',
    version: JSON.parse(readFileSync('package.json', 'utf8')).version,
    parent: null,
    steps: 12,
    tokensPerStep: 8,
    text: { hash: 'f'.repeat(64), isOwn: false, vocabulary: 8, domains: ['prose', 'code'] },
    adapter: {
      description: 'fake',
      needs: {
        buffer: file.needs.buffer.bytes,
        binding: file.needs.binding.bytes,
        total: file.needs.total,
      },
    },
    last: { ce: { step: 12, value: losses[11] }, validation: { step: 10 } },
  });
  expect(row.experiment).toEqual(file.experiment);
  expect(row.best.ce!.value).toBe(Math.min(...losses));
  expect(row.thumbnail.map(({ value }) => value)).toEqual(losses);
  expect(row.checkpoints.map(({ step }) => step)).toEqual([3, 7, 12]);
});

it('goes on from any of its checkpoints, bit for bit, with the events that came after it', async () => {
  const losses = await lossesOfRun(EXPERIMENT, 20);
  await command(path('e.json'), '--steps', '12', '--at', '7', '--run', path('from.zip'));
  const parent = (await runIn('from.zip')).row.id;
  for (const [step, argv] of [
    [12, []],
    [7, ['--from', '7']],
  ] as const) {
    const rest = ['--steps', '20', '--out', path('rest.json'), '--run', path('rest.zip')];
    expect(await command(path('from.zip'), ...argv, ...rest)).toMatchObject({ code: 0 });
    expect(metrics('rest.json').firstStep).toBe(step + 1);
    expect(metrics('rest.json').scalars.ce).toEqual(losses.slice(step));
    const { row, parts } = await runIn('rest.zip');
    expect(row.parent).toEqual({ id: parent, step, name: 'from' });
    expect([...(await parts()).curves.ce!.values]).toEqual(losses.slice(step));
  }
  const { code, errors } = await command(path('from.zip'), '--from', '8', '--out', path('x.json'));
  expect(code).toBe(1);
  expect(errors).toMatch(/from\.zip: it holds no checkpoint of step 8; it has 7, 12/);
});

it('says that a run is done once its last step is taken', async () => {
  const whole = { ...EXPERIMENT, optimizer: { ...EXPERIMENT.optimizer, totalSteps: 12 } };
  writeFileSync(path('whole.json'), JSON.stringify(whole));
  await command(path('whole.json'), '--out', path('w.json'), '--run', path('whole.zip'));
  expect((await runIn('whole.zip')).row).toMatchObject({ status: 'done', steps: 12 });
});

it('has an own text in the file only where that is asked for, and goes on with it', async () => {
  writeFileSync(path('own.txt'), 'abc');
  const argv = [path('e.json'), '--text', path('own.txt'), '--steps', '2', '--run'];
  await command(...argv, path('without.zip'));
  expect(await (await runIn('without.zip')).ownText()).toBeNull();
  await command(...argv, path('with.zip'), '--with-text');
  expect(await (await runIn('with.zip')).ownText()).toEqual({ name: 'own.txt', text: 'abc' });
  const rest = ['--steps', '3', '--run', path('on.zip'), '--with-text'];
  expect(await command(path('with.zip'), ...rest)).toMatchObject({ code: 0 });
  expect(await (await runIn('on.zip')).ownText()).toEqual({ name: 'own.txt', text: 'abc' });
});

it('keeps a run that failed, up to the step that did', async () => {
  const wrong = { ...TINY, events: [[5, { 'optimizer.lr': EXPLODING_LR }]] };
  writeFileSync(path('w.json'), JSON.stringify(wrong));
  const { code } = await command(
    path('w.json'),
    '--steps',
    '9',
    '--at',
    '7',
    '--run',
    path('w.zip'),
  );
  expect(code).toBe(1);
  const { row, parts } = await runIn('w.zip');
  expect(row.status).toBe('failed');
  expect([...(await parts()).curves.ce!.values]).toEqual([...(await lossesOfRun(TINY, 4)), NaN]);
});

it('refuses a file of several runs, or of none that can be read, and leaves nothing behind', async () => {
  writeFileSync(path('two.zip'), await bytesOfRuns([await madeRun('a'), await madeRun('b')]));
  const two = await command(path('two.zip'), '--out', path('x.json'));
  expect(two.code).toBe(1);
  expect(two.errors).toMatch(/two\.zip: it holds 2 runs \(.*\); one is needed/);
  writeFileSync(path('no.zip'), readFileSync(path('two.zip')).subarray(0, 1000));
  const none = await command(path('no.zip'), '--out', path('x.json'));
  expect(none.errors).toMatch(/its end is missing[\s\S]*no\.zip: no run of it can be read/);
  const nowhere = await command(path('e.json'), '--steps', '1', '--run', path('none/x.zip'));
  expect(nowhere.code).toBe(1);
  expect(existsSync(path('none'))).toBe(false);
});

describe('a checkpoint of another program', () => {
  /** What training another program's weights needs beside their shapes. */
  const bare = async () => {
    const argv = ['--steps', '6', '--out', path('o.json'), '--checkpoint', path('c.safetensors')];
    await command(path('e.json'), ...argv);
    const { tensors } = readSafetensors(readFileSync(path('c.safetensors')));
    const parameters = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
    writeFileSync(path('bare.safetensors'), writeSafetensors(parameters, { format: 'pt' }));
  };

  it('says what its shapes tell and what is to be told', async () => {
    await bare();
    const { code, errors } = await command(path('bare.safetensors'), '--out', path('x.json'));
    expect(code).toBe(1);
    expect(errors).toMatch(
      /names no experiment\. Its shapes tell [\d,]+ parameters; V = 8, D = 8, L = 2.*--experiment FILE: tokenizer\.kind, model\.H/,
    );
  });

  it('trains with an experiment for the rest', async () => {
    await bare();
    // Another shape altogether: the tensors' is what counts.
    const rest = { ...EXPERIMENT, model: { ...EXPERIMENT.model, D: 32, L: 5 }, events: [] };
    writeFileSync(path('rest.json'), JSON.stringify(rest));
    const argv = ['--experiment', path('rest.json'), '--steps', '4', '--out', path('f.json')];
    const { code, errors } = await command(path('bare.safetensors'), ...argv);
    expect(errors).toMatch(/From the checkpoint's shapes: .*D = 8, L = 2/);
    expect(code).toBe(0);
    expect(metrics('f.json').experiment.model).toMatchObject({ V: 8, D: 8, L: 2, H: 2, Hkv: 2 });
    expect(metrics('f.json').scalars.ce).toHaveLength(4);
  });

  it('is the only one that takes --experiment', async () => {
    await bare();
    const given = ['--experiment', path('e.json'), '--out', path('x.json')];
    const own = await command(path('c.safetensors'), ...given);
    expect(own.errors).toMatch(/it has an experiment of its own/);
    const link = await command('v=1', ...given);
    expect(link.errors).toMatch(/--experiment FILE is for checkpoints/);
  });
});

it.each([
  [['v=1', '--run', 'x.zip', '--at', '0'], /--at 0 is not a whole number from 1/],
  [['v=1', '--out', 'x', '--at', '3'], /--at STEP and --with-text need --run FILE.zip/],
  [['v=1', '--run', 'x.zip', '--routing'], /--routing needs --out FILE/],
  [['v=1', '--out', 'x', '--from', 'last'], /--from last is not a whole number/],
])('says what is wrong with the arguments %j', async (argv, message) => {
  const { code, errors } = await command(...argv);
  expect(code).toBe(2);
  expect(errors).toMatch(message);
});

it('says which steps a checkpoint can be of', async () => {
  const argv = [path('e.json'), '--steps', '5', '--at', '6', '--run', path('x.zip')];
  const { code, errors } = await command(...argv);
  expect(code).toBe(1);
  expect(errors).toMatch(/--at 6: the run takes steps 1 to 5/);
});
