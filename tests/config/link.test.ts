import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/link.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { decodeShare } from '../../src/links/share.ts';

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
  const { code, out, err } = await run(['encode', 'run.json'], files);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^c=[A-Za-z]{8}&v=1&B=4\n$/);
});

test('decode refuses a link that was cut or changed, and prints nothing of it', async () => {
  const { out: link } = await run(['encode', 'x.json'], { 'x.json': '{"batch":{"B":4,"S":96}}' });
  expect((await run(['decode', link])).code).toBe(0);
  for (const other of [link.trim().slice(0, -1), link.replace('B=4', 'B=8')]) {
    const { code, out, err } = await run(['decode', other]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: the link was cut or changed/);
  }
});

test.each(['one-run', 'three-runs', 'no-results'])(
  'decode and encode hand on a link of runs: %s',
  async (name) => {
    const link = readFileSync(new URL(`../fixtures/shares/${name}.txt`, import.meta.url), 'utf8');
    const { code, out, err } = await run(['decode', link]);
    const { experiments, results } = decodeShare(link);
    const json = JSON.parse(out);
    expect(json.experiments ?? [json.experiment]).toEqual(experiments);
    expect(json.results ?? [json.result]).toEqual(results);
    expect({ code, err }).toMatchObject(name === 'one-run' ? { code: 0, err: '' } : {});
    expect((await run(['encode', 'a.json'], { 'a.json': out })).out).toBe(link);
  },
);

test('encode refuses results that no link told of', async () => {
  const link = readFileSync(new URL('../fixtures/shares/one-run.txt', import.meta.url), 'utf8');
  const { out } = await run(['decode', link]);
  const json = JSON.parse(out);
  for (const result of [{ ...json.result, name: 5 }, { ...json.result, extra: 1 }, 7, []]) {
    const changed = JSON.stringify({ ...json, result });
    const { code, err } = await run(['encode', 'a.json'], { 'a.json': changed });
    expect(code).toBe(1);
    expect(err).toMatch(/a\.json: its results are not as "decode" writes them/);
  }
  const nine = JSON.stringify({ experiments: Array.from({ length: 9 }, () => json.experiment) });
  expect((await run(['encode', 'a.json'], { 'a.json': nine })).err).toMatch(
    /9 experiments; 1 to 8/,
  );
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
