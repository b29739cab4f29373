import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceFileName } from '../../bench/deviceFile.ts';
import { currentDevicesPage, deviceReports } from '../../bench/deviceFiles.ts';
import { devicesPage } from '../../bench/devices.ts';
import type { BenchReport } from '../../bench/report.ts';
import { textOf } from '../support/sourceTree.ts';

const KINDS = ['gpu', 'software'] as const;
const FILES = KINDS.flatMap((kind) => [...deviceReports(kind)]);

const report: BenchReport = {
  version: '0.1.0',
  date: '2026-01-31',
  machine: '8 logical cores',
  adapter: 'Some GPU',
  runner: 'page',
  rounds: 3,
  fmaGflops: 12_345,
  copyGBs: 321,
  moeForward: { ours: { ms: 1.234 } },
  matmul: [
    { subject: 'ours', m: 8, n: 8, k: 8, grouped: false, gflops: 500 },
    { subject: 'naive', m: 8, n: 8, k: 8, grouped: false, gflops: 900 },
  ],
};

it('the table of devices is what its files say', () => {
  expect(textOf('docs/devices.md')).toBe(currentDevicesPage());
});

describe('a file of bench/devices', () => {
  it('lies in one of the two folders', () => {
    const names = readdirSync(new URL('../../bench/devices', import.meta.url)).sort();
    expect(names.filter((name) => !['README.md', ...KINDS].includes(name))).toEqual([]);
    expect(FILES.length).toBeGreaterThanOrEqual(2);
  });

  it.each(FILES)('%s has the figures of the table, and tells nothing else', (path, found) => {
    expect(path.split('/')[1]).toBe(deviceFileName(found));
    const { version, date, machine, adapter, runner, rounds, ...figures } = found;
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect([typeof machine, typeof adapter]).toEqual(['string', 'string']);
    expect(['chromium', 'node', 'page']).toContain(runner);
    expect(rounds).toBeGreaterThan(0);
    expect(Object.keys(figures).sort()).toEqual(
      ['copyGBs', 'fmaGflops', 'gpuBusy', 'kernels', 'matmul', 'moeForward', 'train'].sort(),
    );
    for (const shape of ['S', 'M'] as const) {
      expect(found.train?.[shape]?.ours?.msPerStep).toBeGreaterThan(0);
      expect(found.kernels?.[shape]?.length).toBeGreaterThan(20);
    }
  });
});

it('GPUs stand apart from software adapters, and a figure that is missing is a dash', () => {
  const page = devicesPage({ gpu: [report], software: [] });
  const [gpus, software] = page.split('## ').slice(1);
  expect(gpus).toContain('| Some GPU | page | – | – | – | 1.23 | 500 | 12300 | 321 | 8 logical');
  expect(software).toContain('None has been recorded yet.');
  expect(devicesPage({ gpu: [], software: [] }).match(/None has been/g)).toHaveLength(2);
});

it.each([
  ['NVIDIA GeForce RTX 4070 (0x2786)', 'nvidia-geforce-rtx-4070-0x2786.page.json'],
  ['…', 'unnamed-adapter.page.json'],
  ['../../x', 'x.page.json'],
])('names the file of %s %s', (adapter, name) => {
  expect(deviceFileName({ adapter, runner: 'page' })).toBe(name);
});
