import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { goldenCommand } from '../../src/cli/goldenCases.ts';
import { referenceSubject } from '../../src/golden/referenceSubject.ts';

const goldens = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function command(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const io = {
    stdout: (text: string) => {
      written.stdout += text;
    },
    stderr: (text: string) => {
      written.stderr += text;
    },
    readFile: async () => '',
  };
  return { code: await goldenCommand(argv, io, async () => referenceSubject()), ...written };
}

it('says a line per case, of single folders, folders of folders and generated ones', async () => {
  cpSync(join(goldens, 'dense'), join(folder, 'few/dense'), { recursive: true });
  cpSync(join(goldens, 'moe-top1'), join(folder, 'few/moe-top1'), { recursive: true });
  const { code, stdout } = await command(
    ...[join(folder, 'few'), join(goldens, 'tied-head'), '--generate', '2', '--seed', '7'],
  );
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'dense pass',
    'moe-top1 pass',
    'tied-head pass',
    'generated-all-7 pass',
    'generated-all-8 pass',
  ]);
  for (const line of lines) expect(line).toMatch(/^\S+ pass \S+ [\d.e+-]+\/[\d.e+-]+$/);
});

it('fails with the worst tensor of a case, and of one that cannot be read', async () => {
  const wrong = join(folder, 'wrong/layer-list');
  cpSync(join(goldens, 'layer-list'), wrong, { recursive: true });
  const json = JSON.parse(readFileSync(join(wrong, 'case.json'), 'utf8'));
  json.expected.steps[1].gradNorm *= 2;
  writeFileSync(join(wrong, 'case.json'), JSON.stringify(json));
  cpSync(join(goldens, 'dense'), join(folder, 'wrong/torn'), { recursive: true });
  writeFileSync(join(folder, 'wrong/torn/tensors.safetensors'), 'x');
  const { code, stdout, stderr } = await command(join(folder, 'wrong'), '--verbose');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^layer-list fail steps\.1\.gradNorm /m);
  expect(stdout).toMatch(/^torn fail error .*1 byte /m);
  expect(stderr).toMatch(/layer-list steps\.1\.gradNorm: got/);
  expect(stderr).toMatch(/0 of 2 cases pass/);
});

it.each([
  [[], /no case to run/],
  [['/nowhere'], /\/nowhere holds no golden case/],
  [['--generate', '-1'], /generate/],
  [['--generate', '1', '--features', 'some'], /--features some/],
  [['--generate', '1e10'], /--generate 1e10 is more than 100,000/],
])('says what is wrong with the arguments %j', async (argv, message) => {
  const { code, stderr } = await command(...argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
