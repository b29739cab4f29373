import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Experiment } from '../../src/config/experiment.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { TINY } from '../train/support.ts';
import { experimentLab } from './experimentLab.ts';

/** Done once the outputs were looked at, before anything is trained. */
let onText = () => {};
const { path, command, leftovers } = experimentLab({ onText: () => onText() });

const EXPERIMENT: Experiment = {
  ...TINY,
  events: [[2, { 'optimizer.lr': 0.02 }]],
  evaluation: { ...TINY.evaluation, every: 2, sampleEvery: 3 },
};
writeFileSync(path('e.json'), JSON.stringify(EXPERIMENT));

const OUTPUTS = [
  ['--checkpoint', 'c.safetensors'],
  ['--run', 'r.zip'],
  ['--out', 'm.json'],
] as const;
const ALL = OUTPUTS.flatMap(([option, name]) => [option, path(name)]);

it('writes the metrics in pieces that are one JSON text', async () => {
  const argv = [path('e.json'), '--steps', '4', '--routing', ...ALL];
  expect(await command(...argv)).toMatchObject({ code: 0 });
  const text = readFileSync(path('m.json'), 'utf8');
  expect(text).toBe(JSON.stringify(JSON.parse(text)));
  expect(leftovers()).toEqual([]);
});

it.each(OUTPUTS)(
  'writes all but %s where that one fails after the training',
  async (option, name) => {
    for (const [, file] of OUTPUTS) rmSync(path(file), { recursive: true, force: true });
    // No file can be written where a folder has come meanwhile.
    onText = () => mkdirSync(path(name));
    const { code, errors } = await command(path('e.json'), '--steps', '4', ...ALL);
    onText = () => {};
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`^error: ${option} ${path(name)}: .*folder|directory`, 'm'));
    if (option !== '--checkpoint')
      expect(decodeCheckpoint(readFileSync(path('c.safetensors'))).state.step).toBe(4);
    if (option !== '--run') {
      const { runs, problems } = await readRuns(readFileSync(path('r.zip')));
      expect(problems).toEqual([]);
      expect(runs[0]!.row.checkpoints.map(({ step }) => step)).toEqual([4]);
    }
    if (option !== '--out')
      expect(JSON.parse(readFileSync(path('m.json'), 'utf8')).scalars.ce).toHaveLength(4);
    expect(leftovers()).toEqual([]);
    rmSync(path(name), { recursive: true });
  },
);

it.each(['--out', '--run', '--checkpoint', '--conversion', '--student'])(
  'says before any training that %s is in no folder, is a folder, or is no name',
  async (option) => {
    writeFileSync(
      path('dense.json'),
      JSON.stringify({ ...TINY, model: { ...TINY.model, arrangement: 'dense' } }),
    );
    writeFileSync(path('s.json'), JSON.stringify({ layers: [1], steps: 1 }));
    const ofConversion = ['--conversion', '--student'].includes(option);
    const argv = [
      path('dense.json'),
      '--steps',
      '4',
      ...(option === '--out' ? [] : ['--out', path('x')]),
    ];
    if (ofConversion) argv.push('--ladimo', path('s.json'));
    const nowhere = await command(...argv, option, path('none/file'));
    expect(nowhere).toMatchObject({ code: 1, models: 0 });
    expect(nowhere.errors).toMatch(`${option} ${path('none/file')}: there is no folder`);
    expect(existsSync(path('none'))).toBe(false);
    mkdirSync(path('folder'), { recursive: true });
    const folder = await command(...argv, option, path('folder'));
    expect(folder).toMatchObject({ code: 1, models: 0 });
    expect(folder.errors).toMatch(`${option} ${path('folder')}: it is a folder`);
    expect(await command(...argv, option, '')).toMatchObject({ code: 2, models: 0 });
  },
);

it('refuses to write over what it reads, or one output over another', async () => {
  const made = ['--run', path('a.zip'), '--checkpoint', path('a.safetensors')];
  await command(path('e.json'), '--steps', '2', ...made);
  writeFileSync(path('own.txt'), 'abc');
  symlinkSync(path('a.zip'), path('link.zip'));
  const [zip, checkpoint, out] = ['a.zip', 'a.safetensors', 'new'].map(path) as [
    string,
    string,
    string,
  ];
  const before = [zip, checkpoint, path('e.json'), path('own.txt')].map((file) =>
    readFileSync(file),
  );
  const same: [string[], string][] = [
    [[zip, '--run', zip], '--run'],
    [[zip, '--run', path('./folder/../a.zip')], '--run'],
    [[zip, '--run', path('link.zip')], '--run'],
    [[checkpoint, '--out', out, '--checkpoint', checkpoint], '--checkpoint'],
    [[path('e.json'), '--out', path('e.json')], '--out'],
    [[path('e.json'), '--text', path('own.txt'), '--out', path('own.txt')], '--out'],
    [[path('e.json'), '--out', out, '--run', out], '--run'],
    [[path('e.json'), '--run', out, '--checkpoint', path('./folder/../new')], '--checkpoint'],
    [[zip, '--out', out, '--student', zip], '--student'],
    [[zip, '--out', out, '--conversion', zip], '--conversion'],
  ];
  mkdirSync(path('folder'), { recursive: true });
  for (const [argv, option] of same) {
    const { code, errors, models } = await command(...argv, '--steps', '4');
    expect({ argv, code, models }).toEqual({ argv, code: 2, models: 0 });
    expect(errors).toMatch(new RegExp(`^${option} \\S+ is also `));
  }
  expect(
    [zip, checkpoint, path('e.json'), path('own.txt')].map((file) => readFileSync(file)),
  ).toEqual(before);
  expect(existsSync(out)).toBe(false);
});

it('follows a link to the file that it writes', async () => {
  writeFileSync(path('target.json'), 'old');
  symlinkSync(path('target.json'), path('through.json'));
  expect((await command(path('e.json'), '--steps', '1', '--out', path('through.json'))).code).toBe(
    0,
  );
  expect(JSON.parse(readFileSync(path('target.json'), 'utf8')).scalars.ce).toHaveLength(1);
});

it('writes the steps that were taken where a later one cannot be', async () => {
  const short = experimentLab({ lastStep: 5 });
  const out = ['--out', short.path('m.json'), '--run', short.path('r.zip')];
  const argv = [path('e.json'), '--steps', '9', ...out];
  const reason = /^error: training: Step 9: data\.epochs end at step 5/m;
  const taken = await short.command(...argv, '--at', '4');
  expect(taken).toMatchObject({ code: 1, errors: expect.stringMatching(reason) });
  expect(JSON.parse(readFileSync(short.path('m.json'), 'utf8')).scalars.ce).toHaveLength(4);
  const { runs } = await readRuns(readFileSync(short.path('r.zip')));
  expect(runs[0]!.row.checkpoints.map(({ step }) => step)).toEqual([4]);
  for (const name of ['m.json', 'r.zip']) rmSync(short.path(name));
  const none = await short.command(...argv);
  expect(none).toMatchObject({ code: 1, errors: expect.stringMatching(reason) });
  expect(existsSync(short.path('m.json'))).toBe(false);
});
