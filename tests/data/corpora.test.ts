import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CORPORA } from '../../src/config/experiment.ts';
import { SEPARATOR } from '../../src/data/corpora.ts';
import { fetchSource } from '../../src/data/fetchSource.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { experimentOf } from './support.ts';

const SCRIPT = 'scripts/assembleCorpora.mjs';
let scratch: string;
const folder = (name: string) => join(scratch, name);
const assemble = (into: string) =>
  execFileSync('node', [SCRIPT, into], { encoding: 'utf8' }).trim();
const remoteSource = (base = 'https://example.org/') =>
  fetchSource({ base, origin: 'https://example.org' });
const source = () => fileSource(pathToFileURL(`${folder('first')}/`));

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'corpora-'));
  assemble(folder('first'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

describe('assembleCorpora', () => {
  it('gives the same bytes every time, and leaves alone what is up to date', () => {
    expect(assemble(folder('second'))).toBe('Assembled the corpora.');
    const files = readdirSync(folder('first'));
    expect(files).toContain('index.json');
    for (const file of files) {
      const [a, b] = ['first', 'second'].map((name) => readFileSync(join(folder(name), file)));
      expect(a?.equals(b!), file).toBe(true);
    }
    const { mtimeMs } = statSync(folder('first/prose.txt'));
    expect(assemble(folder('first'))).toBe('The corpora are up to date.');
    expect(statSync(folder('first/prose.txt')).mtimeMs).toBe(mtimeMs);
  });

  it('repairs a file that was cut', () => {
    writeFileSync(folder('second/code.txt'), 'half');
    expect(assemble(folder('second'))).toBe('Assembled the corpora.');
    expect(statSync(folder('second/code.txt')).size).toBe(statSync(folder('first/code.txt')).size);
  });

  it('fails with one sentence when a package is missing', () => {
    cpSync('scripts', folder('elsewhere/scripts'), { recursive: true });
    const run = spawnSync('node', [folder('elsewhere/scripts/assembleCorpora.mjs')], {
      encoding: 'utf8',
    });
    expect(run.status).toBe(1);
    expect(run.stderr.trim()).toMatch(
      /^The corpora need the npm package \S+, which is missing: run npm install\.$/,
    );
  });
});

describe('the corpora', () => {
  it('are all there, with the facts of the index', async () => {
    const index = await source().index();
    expect(index.corpora.map(({ name }) => name)).toEqual(CORPORA.filter((name) => name !== 'own'));
    for (const corpus of index.corpora) {
      const text = await source().text(corpus.name);
      expect(Buffer.byteLength(text)).toBe(corpus.bytes);
      expect(corpus.bytes).toBeLessThanOrEqual(index.maxBytes);
      expect(corpus.bytes).toBeGreaterThan(500_000);
      expect([...text].length).toBe(corpus.characters);
      expect(text.split(SEPARATOR).length).toBe(corpus.documents);
      expect(text.split(SEPARATOR).every((document) => document.trim() !== '')).toBe(true);
    }
  });

  it('have answers that are right', async () => {
    const sums = [
      ...(await source().text('arithmetic')).matchAll(/^(\d+) ([-+*]) (\d+) = (-?\d+)$/gm),
    ];
    expect(sums.length).toBeGreaterThan(5000);
    const compute = {
      '+': (a: number, b: number) => a + b,
      '-': (a: number, b: number) => a - b,
      '*': (a: number, b: number) => a * b,
    };
    for (const [sum, a, sign, b, answer] of sums) {
      expect(compute[sign as keyof typeof compute](Number(a), Number(b)), sum).toBe(Number(answer));
    }
  });

  it('have many scripts among the languages', async () => {
    const text = await source().text('languages');
    for (const script of [
      'Latin',
      'Cyrillic',
      'Greek',
      'Arabic',
      'Hebrew',
      'Devanagari',
      'Han',
      'Hangul',
      'Thai',
      'Ethiopic',
    ]) {
      expect(text.match(new RegExp(`\\p{Script=${script}}`, 'gu'))?.length, script).toBeGreaterThan(
        1000,
      );
    }
    expect(text).not.toMatch(/<[a-z]+>|&#/);
  });

  it('make the default experiment', async () => {
    const prepared = await prepareText(experimentOf({}), source(), null);
    expect(prepared.domains).toEqual(CORPORA.filter((name) => name !== 'own'));
    expect(prepared.trainingTokens).toBeGreaterThan(4_000_000);
    const share = prepared.validationTokens / (prepared.trainingTokens + prepared.validationTokens);
    expect(share).toBeCloseTo(0.1, 2);
    expect(prepared.unigramEntropy).toBeGreaterThan(2.5);
    expect(prepared.unigramEntropy).toBeLessThan(Math.log(256));
  });
});

describe('sources', () => {
  it('fetch relative to the page, from any path', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: URL) => {
      asked.push(url.href);
      const file = url.pathname.split('/').pop()!;
      return new Response(readFileSync(folder(`first/${file}`)));
    });
    const remote = remoteSource('https://example.org/talks/2025/lab/index.html#x');
    expect(await remote.index()).toEqual(await source().index());
    expect(await remote.text('code')).toBe(await source().text('code'));
    expect(asked).toEqual([
      'https://example.org/talks/2025/lab/corpora/index.json',
      'https://example.org/talks/2025/lab/corpora/code.txt',
    ]);
  });

  it('fetch nothing from another origin, nor where a host points to one', async () => {
    const fetched = vi.fn(async (_url: URL, _init: RequestInit) => new Response('{}'));
    vi.stubGlobal('fetch', fetched);
    for (const base of ['https://example.org.elsewhere.net/', 'http://example.org/']) {
      await expect(remoteSource(base).text('prose')).rejects.toThrow(base);
    }
    expect(fetched).not.toHaveBeenCalled();
    await remoteSource().text('prose');
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ mode: 'same-origin' });
  });

  it('say what to do when there are no corpora', async () => {
    const remedy = /assemble the corpora with "node scripts\/assembleCorpora\.mjs"/;
    const missing = [fileSource(pathToFileURL(`${folder('none')}/`)), remoteSource()];
    vi.stubGlobal('fetch', async () => new Response('gone', { status: 404 }));
    for (const each of missing) {
      await expect(each.index()).rejects.toMatchObject({
        name: 'DataMissing',
        message: expect.stringMatching(remedy),
      });
      await expect(each.text('prose')).rejects.toMatchObject({ name: 'DataMissing' });
    }
    const page = () => new Response('<!doctype html>');
    vi.stubGlobal('fetch', async () => page());
    await expect(remoteSource().index()).rejects.toMatchObject({
      name: 'DataMissing',
      message: expect.stringMatching(/index\.json is not JSON: /),
    });
    const old = () => new Response('{"version": 0}');
    vi.stubGlobal('fetch', async () => old());
    await expect(remoteSource().index()).rejects.toMatchObject({
      name: 'DataMissing',
      message: expect.stringMatching(/index\.json, version: found 0; /),
    });
  });

  it('name the fact of the index that is not as it must be', async () => {
    const whole = await source().index();
    const [first] = whole.corpora;
    const wrong = [
      [{ ...whole, corpora: {} }, 'corpora: found {}'],
      [{ ...whole, corpora: [first, { ...first, bytes: -1 }] }, 'corpora.1.bytes: found -1'],
      [
        { ...whole, corpora: [{ ...first, source: {} }] },
        'corpora.0.source.package: found nothing',
      ],
      [{ ...whole, corpora: [{ ...first, sha256: 'ab' }] }, 'corpora.0.sha256: found "ab"'],
      [{ ...whole, corpora: [null] }, 'corpora.0.name: found nothing'],
    ] as const;
    for (const [index, message] of wrong) {
      vi.stubGlobal('fetch', async () => new Response(JSON.stringify(index)));
      await expect(remoteSource().index()).rejects.toThrow(`corpora/index.json, ${message}; `);
    }
  });
});
