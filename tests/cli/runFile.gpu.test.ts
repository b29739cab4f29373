/** A run as a file, on a device: its experts are changed on the way, and it goes on bit for bit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { cloneSlot } from '../../src/config/surgeryPlan.ts';
import { readSafetensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { useDevice } from '../support/gpu.ts';
import { heardIo } from '../support/heardIo.ts';
import { TINY } from '../train/support.ts';
import { learnableText, surgery } from '../train/surgeryRun.ts';

const device = useDevice();
const folder = mkdtempSync(join(tmpdir(), 'run-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

async function command(...argv: string[]): Promise<void> {
  const { io, errors } = heardIo();
  const code = await experimentCommand(argv, io, {
    requestDevice: async () => gpuDevice(device(), { description: 'test', isSoftware: true }),
    prepareText: async (experiment) => learnableText(experiment),
  });
  expect(errors()).not.toMatch(/^error/m);
  expect(code).toBe(0);
}

const losses = (name: string) =>
  (JSON.parse(readFileSync(path(name), 'utf8')) as Metrics).scalars.ce;

const EXPERIMENT: Experiment = {
  ...TINY,
  events: [
    [3, { 'optimizer.lr': 0.02 }],
    [5, surgery(TINY, cloneSlot(0))],
    [9, { 'router.K': 1 }],
  ],
};

it('goes on from checkpoints before and after a surgery as an uninterrupted run', async () => {
  writeFileSync(path('e.json'), JSON.stringify(EXPERIMENT));
  await command(path('e.json'), '--steps', '12', '--out', path('whole.json'));
  const whole = losses('whole.json');
  const file = ['--at', '4', '--at', '6', '--run', path('a.zip')];
  await command(path('e.json'), '--steps', '8', '--out', path('a.json'), ...file);
  const { runs, problems } = await readRuns(readFileSync(path('a.zip')));
  expect(problems).toEqual([]);
  const { records } = await runs[0]!.parts();
  expect(records.map(({ firstStep, n, layers }) => [firstStep, n, layers[0]?.R])).toEqual([
    [1, 4, 4],
    [5, 4, 5],
  ]);
  for (const from of [4, 6, 8]) {
    const rest = ['--from', `${from}`, '--steps', '12', '--out', path('rest.json')];
    await command(path('a.zip'), ...rest);
    expect(losses('rest.json')).toEqual(whole.slice(from));
  }
});

it('trains the weights of a checkpoint that names no experiment', async () => {
  const plain = { ...TINY, events: [] };
  writeFileSync(path('plain.json'), JSON.stringify(plain));
  const steps = ['--steps', '5', '--out', path('x.json')];
  await command(path('plain.json'), ...steps, '--checkpoint', path('c.safetensors'));
  const { tensors } = readSafetensors(readFileSync(path('c.safetensors')));
  const bare = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
  writeFileSync(path('bare.safetensors'), writeSafetensors(bare));
  const experiment = ['--experiment', path('plain.json')];
  await command(path('bare.safetensors'), ...experiment, '--steps', '3', '--out', path('y.json'));
  const [first = 0] = losses('y.json');
  // What was learnt in five steps is there: the first loss is not that of a fresh model.
  expect(losses('y.json')).toHaveLength(3);
  expect(first).toBeLessThan(losses('x.json')[0]!);
});
