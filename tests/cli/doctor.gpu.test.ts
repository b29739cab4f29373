import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DOCTOR_CASES, type DoctorDeps, doctorCommand, main } from '../../src/cli/doctor.ts';
import { driverFiles } from '../../src/cli/doctorDrivers.ts';
import { explainOpenError, isOlder, openError, type System } from '../../src/cli/doctorSystem.ts';
import { GOLDEN_NAMES } from '../golden/goldens.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

function streams() {
  const said = { out: '', err: '' };
  const io = {
    stdout: (text: string) => {
      said.out += text;
    },
    stderr: (text: string) => {
      said.err += text;
    },
    readFile: () => Promise.reject(new Error('the doctor reads no file through io')),
  };
  return { said, io };
}

const HEALTHY: System = { node: '20.19.0', glibc: '2.34', openError: () => null };

/** A machine that gives no adapter. */
async function sick(system: Partial<System>, deps: Partial<DoctorDeps> = {}) {
  const { said, io } = streams();
  const code = await doctorCommand([], io, {
    system: { ...HEALTHY, ...system },
    requestDevice: () => Promise.reject(new Error('No WebGPU adapter')),
    driverFiles: () => [],
    ...deps,
  });
  return { code, missing: said.out.match(/(?<=^missing +)\S.*$/gm) ?? [] };
}

const withoutLibrary = (name: string) => ({
  openError: (file: string) =>
    file === name ? openError('libnowhere.so.1')!.replace('libnowhere.so.1', name) : null,
});

describe('what is missing', () => {
  it('is named, with what to install', async () => {
    expect(await sick(withoutLibrary('libvulkan.so.1'))).toEqual({
      code: 1,
      missing: [
        'libvulkan.so.1 not found: install libvulkan1 (Debian, Ubuntu) or vulkan-loader (Fedora, RHEL)',
        'No WebGPU adapter',
      ],
    });
  });

  it.each([
    [{ node: '20.9.0' }, 'Node 20.9.0 is too old: 20.19 or newer is needed'],
    [{ glibc: '2.31' }, 'glibc 2.31 is too old: 2.34 or newer is needed'],
    [{ glibc: null }, 'no glibc: 2.34 or newer is needed, other C libraries will not do'],
  ])('may be a version: %j', async (system, sentence) => {
    expect(await sick(system)).toEqual({ code: 1, missing: [sentence, 'No WebGPU adapter'] });
  });

  it('may be in what loading the binding says', async () => {
    const message = 'libfoo.so.2: cannot open shared object file: No such file or directory';
    const { missing } = await sick({}, { requestDevice: () => Promise.reject(new Error(message)) });
    expect(missing[0]).toBe('libfoo.so.2 not found: install the package that holds it');
    const old = "/lib64/libstdc++.so.6: version `GLIBCXX_3.4.30' not found (required by dawn.node)";
    expect(explainOpenError(old)).toBe('/lib64/libstdc++.so.6 is too old: it lacks GLIBCXX_3.4.30');
  });

  it('may be the driver, or a library of its own', async () => {
    expect((await sick({})).missing[1]).toMatch(/^no Vulkan driver: .*mesa-vulkan-drivers 25/);
    const write = (name: string, json: unknown) => {
      writeFileSync(join(folder, name), JSON.stringify(json));
      return join(folder, name);
    };
    const files = [
      write('broken.json', { ICD: { library_path: 'libvulkan_nowhere.so' } }),
      write('relative.json', { ICD: { library_path: './libhere.so' } }),
      write('empty.json', {}),
      write('good.json', { ICD: { library_path: 'libgcc_s.so.1' } }),
    ];
    const { missing } = await sick({ openError }, { driverFiles: () => files });
    expect(missing.slice(1)).toEqual([
      `${files[0]}: libvulkan_nowhere.so not found: install the package that holds it`,
      `${files[1]}: ${folder}/libhere.so not found: install the package that holds it`,
      `${files[2]}: it names no library_path`,
      `${files[3]}: gives no adapter`,
    ]);
  });
});

it('finds driver files where the Vulkan loader does', () => {
  const place = join(folder, 'share/vulkan/icd.d');
  mkdirSync(place, { recursive: true });
  for (const name of ['b.json', 'a.json', 'a.txt']) writeFileSync(join(place, name), '{}');
  const env = {
    HOME: '/nowhere',
    XDG_CONFIG_DIRS: '/nowhere',
    XDG_DATA_DIRS: join(folder, 'share'),
  };
  expect(driverFiles(env)).toEqual(
    expect.arrayContaining([join(place, 'a.json'), join(place, 'b.json')]),
  );
  expect(driverFiles(env)).not.toContain(join(place, 'a.txt'));
  expect(driverFiles({ ...env, VK_ICD_FILENAMES: '/x.json:/y.json' })).toEqual([
    '/x.json',
    '/y.json',
  ]);
});

it.each([
  ['2.9', '2.34', true],
  ['2.34', '2.34', false],
  ['2.40', '2.34', false],
  ['20.19.0', '20.19', false],
  ['3', '2.34', false],
])('compares %s with %s', (a, b, older) => expect(isOlder(a, b)).toBe(older));

it('knows its cases, one line each, and passes here', async () => {
  expect(GOLDEN_NAMES).toEqual(expect.arrayContaining([...DOCTOR_CASES]));
  const { said, io } = streams();
  expect(await main([], io)).toBe(0);
  expect(said.out.match(/^\S+ pass /gm)).toEqual(DOCTOR_CASES.map((name) => `${name} pass `));
  for (const name of ['adapter', 'driver', 'features', 'limit'])
    expect(said.out).toMatch(new RegExp(`^${name} +\\S`, 'm'));
  expect(said.out).toMatch(/maxStorageBufferBindingSize \d+/);
});

it('takes no arguments', async () => {
  const { said, io } = streams();
  expect(await main(['--fast'], io)).toBe(2);
  expect(said).toMatchObject({ out: '', err: expect.stringContaining('Usage') });
});
