import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DOCTOR_CASES } from '../../src/cli/doctor.ts';
import { main } from '../../src/cli/pack.ts';
import { portableBinding, tooNew } from '../../src/cli/packBinaries.ts';
import { packedFiles } from '../../src/cli/packFiles.ts';
import { tarOf } from '../../src/cli/tar.ts';
import { productFile } from '../../src/data/productFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function pack(...argv: string[]) {
  const said = { out: '', err: '' };
  const io = {
    stdout: (text: string) => {
      said.out += text;
    },
    stderr: (text: string) => {
      said.err += text;
    },
    readFile: () => Promise.reject(new Error('packing reads no file through io')),
  };
  return { code: await main(argv, io), ...said };
}

const canRun = (program: string) => spawnSync(program, ['--version']).status === 0;
const isTarget = process.platform === 'linux' && process.arch === 'x64';

/** Needs xz, and the system that the archive is for: elsewhere it is reported as not run. */
describe.skipIf(!canRun('xz') || !isTarget)('the archive without Node', () => {
  const archive = join(folder, 'runner.tar.xz');
  const top = join(folder, 'unpacked');

  beforeAll(async () => {
    const { code, out } = await pack('--out', archive, '--level', '0');
    expect(code).toBe(0);
    expect(out).toMatch(/runner\.tar\.xz: \d+\.\d MB\n$/);
    mkdirSync(top);
    execFileSync('tar', ['xf', archive, '-C', top]);
  }, 120_000);

  /** With nothing in the environment but a PATH; no folder above holds packages of npm. */
  function run(argv: string[], { env = {}, program = join(top, 'switchyard') } = {}) {
    const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
    const { status, stdout, stderr } = spawnSync(program, argv, {
      cwd: top,
      env: { PATH, ...env },
      encoding: 'utf8',
    });
    return { code: status, out: stdout, err: stderr };
  }

  it('passes its doctor', () => {
    const { code, out } = run(['doctor']);
    expect(out.match(/^\S+ pass /gm)).toEqual(DOCTOR_CASES.map((name) => `${name} pass `));
    expect(code).toBe(0);
  });

  it('has a doctor that names what is missing', () => {
    const driver = join(folder, 'driver.json');
    writeFileSync(driver, JSON.stringify({ ICD: { library_path: 'libvulkan_nowhere.so' } }));
    const { code, out } = run(['doctor'], { env: { VK_ICD_FILENAMES: driver } });
    expect(out).toContain('libvulkan_nowhere.so not found');
    expect(code).toBe(1);
  });

  it('runs golden cases, trains on its corpora and reads links, also through symbolic links', () => {
    const program = join(folder, 'sy');
    symlinkSync('unpacked/switchyard', program);
    expect(run(['golden', 'goldens/moepp', '--generate', '1'], { program })).toMatchObject({
      code: 0,
      err: expect.stringContaining('2 of 2 cases pass'),
    });
    const link = readFileSync(productFile('tests/fixtures/links/tcmoe.txt'), 'utf8').trim();
    const want = JSON.parse(readFileSync(productFile('tests/fixtures/links/tcmoe.json'), 'utf8'));
    expect(JSON.parse(run(['link', 'decode', link], { program }).out)).toMatchObject(want);
    const metrics = join(folder, 'metrics.json');
    expect(run(['experiment', '', '--steps', '2', '--out', metrics])).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(metrics, 'utf8')).scalars.ce).toHaveLength(2);
  });

  it('says what it has not', () => {
    const browser = run(['bench', '--runner', 'chromium']);
    expect(browser).toMatchObject({ code: 2, err: expect.stringContaining('only node') });
    expect(browser.err).toContain('./switchyard bench');
    expect(run(['pack'])).toMatchObject({ code: 2, err: expect.stringContaining("'pack'") });
    expect(run(['doctor'], { env: { PATH: '/nowhere' } })).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no node on the PATH: install Node 20.19'),
    });
  });

  it.each([
    ['echo v20.9.0', 'is v20.9.0: Node 20.19 or newer is needed'],
    [
      'echo libstdc++.so.6 not found; exit 127',
      'does not start: libstdc++.so.6 not found; it needs',
    ],
  ])('says that a node will not do: %s', (script, sentence) => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    writeFileSync(join(bin, 'node'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'node'), 0o755);
    const { code, err } = run(['link'], { env: { PATH: bin } });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(sentence) });
  });

  it('carries licences, and nothing of this machine', async () => {
    for (const name of ['switchyard.txt', 'dawn.md', 'packages.md', 'corpora/lodash-LICENSE'])
      expect(readFileSync(join(top, 'licences', name), 'utf8').length).toBeGreaterThan(300);
    expect(existsSync(join(top, 'node'))).toBe(false);
    const [once, again] = [
      await packedFiles({ withNode: false }),
      await packedFiles({ withNode: false }),
    ];
    expect(tarOf(once).equals(tarOf(again.reverse()))).toBe(true);
    const root = productFile('').pathname;
    for (const { path, content } of once)
      expect('link' in content || !Buffer.from(content).includes(root), path).toBe(true);
  });
});

it("makes Dawn's binding fit for the C++ library of systems with glibc 2.34", () => {
  const bytes = readFileSync(productFile('node_modules/webgpu/dist/linux-x64/dawn.node'));
  expect(tooNew(bytes).map(({ version }) => version)).toEqual(['GLIBCXX_3.4.30']);
  const portable = portableBinding(bytes);
  expect(tooNew(portable)).toEqual([]);
  expect(portable).toHaveLength(bytes.length);
});

it('says that xz is missing, and leaves no half archive', async () => {
  vi.stubEnv('PATH', '/nowhere');
  const out = join(folder, 'none.tar.xz');
  const { code, err } = await pack('--out', out, '--level', '0');
  vi.unstubAllEnvs();
  expect(code).toBe(1);
  expect(err).toContain('error: xz is missing: install xz-utils');
  expect([out, `${out}.part`].filter(existsSync)).toEqual([]);
});

it.each([
  [[], '--out FILE.tar.xz is needed'],
  [['--out', 'x.zip'], '--out x.zip does not end in .tar.xz'],
  [['--out', 'x.tar.xz', '--level', '10'], '--level 10 is not a number from 0 to 9'],
  [['--fast'], 'fast'],
])('refuses %j', async (argv, message) => {
  const { code, out, err } = await pack(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});
