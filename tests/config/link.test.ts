import { expect, test } from 'vitest';
import { main } from '../../src/cli/link.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';

async function run(argv: string[], files: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const code = await main(argv, {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
  });
  return { code, out, err };
}

test('decode prints the experiment of a fragment or a URL', async () => {
  const { code, out, err } = await run(['decode', 'https://example.org/#v=1&D=64']);
  expect(code).toBe(0);
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({ ...DEFAULTS_V1, model: { ...DEFAULTS_V1.model, D: 64 } });
});

test('decode names problems on standard error and still prints', async () => {
  const { code, out, err } = await run(['decode', 'v=1&D=-5&K=1']);
  expect(code).toBe(1);
  expect(err).toContain('error model.D');
  expect(err).toContain('warning router.gate');
  expect(JSON.parse(out).model.D).toBe(64);
});

test.each([
  ['e=9:K=1;4:K=2', 'event 2 at step 4 stands after one at step 9'],
  ['H=3', 'not a multiple of H = 3'],
  ['n=20&wu=30', 'warm-up W = 30 is longer'],
  ['n=200&', 'cut short'],
])('decode of v=1&%s exits with 1 and says why', async (text, says) => {
  const { code, err } = await run(['decode', `v=1&${text}`]);
  expect(code).toBe(1);
  expect(err).toContain(says);
});

test('encode prints the fragment of a file', async () => {
  const files = { 'run.json': JSON.stringify({ ...DEFAULTS_V1, batch: { B: 4, S: 64 } }) };
  expect(await run(['encode', 'run.json'], files)).toEqual({ code: 0, out: 'v=1&B=4\n', err: '' });
});

test('bad files and wrong usage are told', async () => {
  expect(await run(['encode', 'gone.json'])).toMatchObject({ code: 1, out: '' });
  const broken = await run(['encode', 'x.json'], { 'x.json': '{' });
  expect(broken.code).toBe(1);
  expect(broken.err).toContain('x.json is not JSON');
  const other = await run(['encode', 'package.json'], { 'package.json': '{"name":"x"}' });
  expect(other).toMatchObject({ code: 1, out: '' });
  expect(other.err).toMatch(/package\.json is no experiment: it has none of .*; it has name/);
  for (const argv of [[], ['decode'], ['explain', 'v=1'], ['decode', 'v=1', 'more']])
    expect((await run(argv)).code).toBe(2);
});
