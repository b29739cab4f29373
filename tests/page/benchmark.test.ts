import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { BenchReport } from '../../bench/report.ts';
import { exportedLosses, goToRoom, takeSteps } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const SMALL = '#v=1&D=32&L=1&x=4x32&B=2&S=32&te=0&wu=5';

test('measures the device in the page, and the open run keeps its place', async () => {
  const page = await site().open(SMALL);
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await takeSteps(page, 2);
  const before = await exportedLosses(page);

  await goToRoom(page, 'Cost');
  const panel = page.getByRole('region', { name: 'Benchmark of this device' });
  await panel.scrollIntoViewIfNeeded();
  expect(loaded.filter((path) => /inPage/.test(path))).toEqual([]);
  await panel.getByLabel('Extent of the benchmark').selectOption('S, 1 round');

  await panel.getByRole('button', { name: 'Benchmark this device' }).click();
  await panel.getByRole('progressbar').waitFor();
  await panel.getByRole('button', { name: 'Cancel the benchmark' }).click();
  await panel.getByRole('button', { name: 'Benchmark this device' }).waitFor();
  expect(await panel.getByRole('alert').count()).toBe(0);

  const download = page.waitForEvent('download', { timeout: 240_000 });
  await panel.getByRole('button', { name: 'Benchmark this device' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^[a-z0-9-]+\.page\.json$/);
  const report: BenchReport = JSON.parse(await readFile(await file.path(), 'utf8'));
  expect(Object.keys(report).sort()).toEqual(
    [
      ...['adapter', 'copyGBs', 'date', 'fmaGflops', 'gpuBusy', 'kernels', 'machine', 'matmul'],
      ...['moeForward', 'rounds', 'runner', 'train', 'version'],
    ].sort(),
  );
  expect(report.runner).toBe('page');
  expect(report.machine).toMatch(/^\d+ logical cores$/);
  const { ours } = report.train?.S ?? {};
  expect(ours?.losses).toHaveLength(3);
  expect(ours?.objectsCreated).toBe(0);
  expect(Math.min(ours?.msPerStep ?? 0, report.copyGBs, report.fmaGflops)).toBeGreaterThan(0);
  expect(report.kernels?.S?.length).toBeGreaterThan(20);
  await panel.getByText(/a step of S takes/).waitFor();

  await goToRoom(page, 'Train');
  expect(await exportedLosses(page)).toEqual(before);
  await takeSteps(page, 1);
  expect(await exportedLosses(page)).toHaveLength(before.length + 1);

  await page.getByRole('button', { name: /^(Start|Resume)$/ }).click();
  await goToRoom(page, 'Cost');
  await panel.getByText('The run trains: pause it first.').waitFor();
  expect(await panel.getByRole('button', { name: 'Benchmark this device' }).isDisabled()).toBe(
    true,
  );
}, 600_000);
