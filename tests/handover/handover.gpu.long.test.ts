import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main as train } from '../../src/cli/experiment.ts';
import { main as handover } from '../../src/cli/handover.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { presetById } from '../../src/config/presets.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { casesOf } from '../support/long.ts';
import { PYTHON, type Ran, runGroup, runPython } from './torch.ts';

/** A run goes on in PyTorch with the losses that it would have had here. */

const folder = mkdtempSync(join(tmpdir(), 'handover-'));
afterAll(() => rmSync(folder, { recursive: true }));
const io = {
  stdout: () => {},
  stderr: () => {},
  readFile: (file: string) => readFile(file, 'utf8'),
};

const [BEFORE, AFTER] = [5, 10];
/** A model per paper, and three of the balancing lab. */
const ALL = [
  'modse-pairs',
  'moepp-8+4',
  'tcmoe',
  'equalres-1dense-shared',
  'ladimo-student',
  'bal-deepseek-v3',
  'bal-olmoe',
  'bal-longcat-flash',
];
const PRESETS = casesOf(ALL, ['moepp-8+4']);

function small(preset: string): Experiment {
  const found = presetById(preset);
  if (found === undefined) throw new Error(`no preset is called "${preset}"`);
  return applyChange(found.experiment, {
    'model.D': 32,
    'model.denseHidden': 32,
    'batch.B': 4,
    'batch.S': 24,
    'tokenizer.kind': 'bytes',
    'optimizer.warmup': 5,
    'optimizer.totalSteps': 50,
    'evaluation.every': 0,
    'evaluation.sampleEvery': 0,
    'data.mix': { prose: 1, code: 1 },
  });
}

interface Scalars {
  ce: number[];
  total: number[];
  gradNorm: number[];
}

/** Trains to the hand-over, writes its folder, and tells what the run's next losses are here. */
async function handedOver(preset: string): Promise<{ cwd: string; scalars: Scalars }> {
  const cwd = join(folder, preset);
  mkdirSync(cwd);
  const path = (name: string) => join(cwd, name);
  writeFileSync(path('run.json'), JSON.stringify(small(preset)));
  const steps = (n: number) => [path('run.json'), '--steps', `${n}`, '--out', path(`${n}.json`)];
  const checkpoint = path('at.safetensors');
  expect(await train([...steps(BEFORE), '--checkpoint', checkpoint], io)).toBe(0);
  expect(await train(steps(BEFORE + AFTER), io)).toBe(0);
  expect(await handover([checkpoint, '--out', cwd, '--batches', `${AFTER}`], io)).toBe(0);
  const { scalars } = JSON.parse(readFileSync(path(`${BEFORE + AFTER}.json`), 'utf8'));
  const after = (name: keyof Scalars): number[] => scalars[name].slice(BEFORE);
  return { cwd, scalars: { ce: after('ce'), total: after('total'), gradNorm: after('gradNorm') } };
}

const ARGUMENTS = ['train.py', '--steps', `${AFTER}`, '--batches', 'batches.safetensors'];

/** What `train.py` recorded; the file is moved away, so that the next call begins anew. */
function trained(cwd: string, ran: readonly Ran[]): Record<keyof Scalars, number>[] {
  expect(ran.map(({ code, out }) => (code === 0 ? 0 : out))).toEqual(ran.map(() => 0));
  const file = join(cwd, 'continued.safetensors');
  const { metadata } = readSafetensors(readFileSync(file));
  copyFileSync(file, join(cwd, 'last.safetensors'));
  rmSync(file);
  return JSON.parse(metadata.history ?? '[]');
}

const worst = (got: readonly number[], want: readonly number[]) =>
  Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / Math.abs(value)));

it.skipIf(PYTHON === null).each(PRESETS)(
  '%s has the same losses in PyTorch, by one process and by several',
  async (preset) => {
    const { cwd, scalars } = await handedOver(preset);
    const rows = trained(cwd, [await runPython(ARGUMENTS, { cwd })]);
    expect(rows).toHaveLength(AFTER);
    for (const name of ['ce', 'total', 'gradNorm'] as const)
      expect(
        worst(
          rows.map((row) => row[name]),
          scalars[name],
        ),
        name,
      ).toBeLessThan(1e-4);
    // What it saved is a checkpoint that opens here.
    const { state } = decodeCheckpoint(readFileSync(join(cwd, 'last.safetensors')));
    expect(state.step).toBe(BEFORE + AFTER);
    const groups = [
      [2, []],
      [4, ['--shard']],
    ] as const;
    for (const [n, more] of groups) {
      const same = trained(cwd, await runGroup(n, [...ARGUMENTS, ...more], cwd));
      expect(
        worst(
          same.map(({ total }) => total),
          rows.map(({ total }) => total),
        ),
        `${n}`,
      ).toBeLessThan(1e-5);
    }
  },
);
