import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/handover.ts';
import { ON_OWN, OWN, ownRun } from '../handover/ownRun.ts';
import { heardIo } from '../support/heardIo.ts';

const folder = mkdtempSync(join(tmpdir(), 'handover-command-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (...names: string[]) => join(folder, ...names);

async function command(...argv: string[]) {
  const { io, errors } = heardIo();
  const code = await main(argv, io);
  return { code, errors: errors() };
}

const run = path('run.zip');

beforeAll(async () => {
  writeFileSync(run, await ownRun(ON_OWN, 256, OWN));
  writeFileSync(path('other.txt'), 'Another text, which is as long as the first one. '.repeat(60));
});

const batchesIn = (out: string) => readFileSync(path(out, 'batches.safetensors'));

it('takes the own text that a file of a run holds, unless another is given', async () => {
  const { code, errors } = await command(run, '--batches', '2', '--out', path('own'));
  expect(errors).toBe('');
  expect(code).toBe(0);
  expect((await command(run, '--scale', '2', '--out', path('wide'))).code).toBe(0);
  const other = ['--text', path('other.txt'), '--batches', '2', '--out', path('other')];
  expect((await command(run, ...other)).code).toBe(0);
  expect(batchesIn('other').equals(batchesIn('own'))).toBe(false);
});

it('tells a command that takes the batches that go along, and no more', async () => {
  const commandsOf = (out: string) => readFileSync(path(out, 'README.md'), 'utf8');
  await command(run, '--batches', '12', '--out', path('twelve'));
  expect(commandsOf('twelve')).toContain('train.py --steps 12 --batches batches.safetensors\n');
  expect(commandsOf('twelve')).not.toContain('--steps 100');
  await command(run, '--out', path('text'));
  expect(commandsOf('text')).toContain('train.py --steps 100 --text FILE\n');
});

describe('the folder', () => {
  it('may be there, without files', async () => {
    mkdirSync(path('empty'));
    expect((await command(run, '--out', path('empty'))).code).toBe(0);
    expect(readdirSync(path('empty')).sort()).toEqual([
      ...['README.md', 'config.json', 'model.py', 'model.safetensors', 'moments.safetensors'],
      'train.py',
    ]);
  });

  it.each([
    [[run]],
    [[run, '--as', 'mixtral']],
    [[run, '--scale', '1']],
    [['--preset', 'tcmoe-tiny']],
  ])('is refused where it holds a file, and stays as it is: %j', async (argv) => {
    const out = path('used');
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'config.json'), '{}');
    const { code, errors } = await command(...argv, '--out', out);
    expect([code, errors]).toEqual([
      1,
      `${out} holds "config.json" already; name a folder that is new or empty\n`,
    ]);
    expect(readdirSync(out)).toEqual(['config.json']);
    expect(readFileSync(join(out, 'config.json'), 'utf8')).toBe('{}');
  });
});
