import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodeConversionLink } from '../../src/config/conversionLink.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { parseLadimoSettings } from '../../src/config/ladimoSettings.ts';
import { CONVERSION_JSON } from '../../src/runs/files/layout.ts';
import { zipped } from '../../src/runs/files/zipWrite.ts';
import { TINY } from '../train/support.ts';
import { experimentLab } from './experimentLab.ts';

const { path, command } = experimentLab();
const DENSE: Experiment = { ...TINY, model: { ...TINY.model, arrangement: 'dense' } };
writeFileSync(path('e.json'), JSON.stringify(DENSE));

const OF_CONVERSION = [
  ['--conversion', path('c.out.zip')],
  ['--student', path('s.safetensors')],
  ['--write', 'Hi'],
  ['--probes', '5'],
  ['--recover', 'code'],
  ['--throughput', '3'],
  ['--choice', '{"layers": [1]}'],
] as const;
const OF_TRAINING = [
  ['--run', path('x.zip')],
  ['--checkpoint', path('y.safetensors')],
  ['--steps', '5'],
  ['--routing'],
  ['--text', path('own.txt')],
  ['--ladimo', path('s.json')],
  ['--from', '3'],
  ['--side', '1'],
  ['--experiment', path('e.json')],
];
const out = ['--out', path('m.json')];

it.each(OF_CONVERSION)('refuses %s where nothing is converted', async (option, value) => {
  const wrong = {
    code: 2,
    models: 0,
    errors: expect.stringContaining(`${option} needs --ladimo FILE`),
  };
  expect(await command('v=1', '--steps', '100', ...out, option, value)).toMatchObject(wrong);
  expect(
    await command(path('e.json'), '--steps', '2', '--run', path('t.zip'), option, value),
  ).toMatchObject(wrong);
  await command(path('e.json'), '--steps', '2', '--run', path('run.zip'));
  expect(await command(path('run.zip'), '--steps', '4', ...out, option, value)).toMatchObject(
    wrong,
  );
});

it('says of a file that is not there that it is not, whatever is asked for', async () => {
  expect(await command(path('none.zip'), ...out, '--write', 'Hi')).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/none\.zip: ENOENT/),
  });
});

it('needs --out for a link with a conversion', async () => {
  const settings = parseLadimoSettings({ layers: [1], steps: 2 });
  const link = encodeConversionLink({
    experiment: DENSE,
    steps: 3,
    settings,
    digest: null,
    student: null,
  });
  const argv = ['--run', path('t.zip'), '--student', path('s.safetensors')];
  expect(await command(link, ...argv)).toMatchObject({
    code: 2,
    models: 0,
    errors: expect.stringMatching(/^a link with a conversion needs --out FILE/),
  });
});

it.each(OF_TRAINING)('refuses %s of a file that is a conversion', async (option, ...value) => {
  const pieces: Uint8Array[] = [];
  const file = { name: CONVERSION_JSON, isPacked: false, pieces: [new TextEncoder().encode('{}')] };
  for await (const piece of zipped([file])) pieces.push(piece.slice());
  writeFileSync(path('conversion.zip'), Buffer.concat(pieces));
  expect(await command(path('conversion.zip'), ...out, option, ...value)).toMatchObject({
    code: 2,
    models: 0,
    errors: expect.stringContaining(
      `${option} is for training; ${path('conversion.zip')} is a conversion`,
    ),
  });
  // What it takes gets as far as the file.
  expect(await command(path('conversion.zip'), ...out, '--write', 'Hi')).toMatchObject({ code: 1 });
});
