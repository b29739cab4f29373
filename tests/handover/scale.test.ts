import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FULL_SIZE_MODELS } from '../../src/accounting/fullSize.ts';
import { main } from '../../src/cli/handover.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { parameterShapes } from '../../src/config/parameterShapes.ts';
import { presetById } from '../../src/config/presets.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { fullSizeExperiment } from '../../src/handover/scale/fullSize.ts';
import { widened } from '../../src/handover/scale/widened.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { PYTHON, runPython } from './torch.ts';

const folder = mkdtempSync(join(tmpdir(), 'scaled-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The command's exit code and what it wrote. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await main(argv, {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      err += text;
    },
    readFile: (file) => readFile(file, 'utf8'),
  });
  return { code, out, err };
}

/** All that initial weights tell apart: negated and null slots, constants, biases, a noise branch, a dense layer, key norms. */
const SMALL: Experiment = applyChange(DEFAULTS_V1, {
  'model.D': 16,
  'model.L': 2,
  'model.H': 2,
  'model.Hkv': 1,
  'model.denseHidden': 24,
  'model.keyNorm': true,
  'model.arrangement': '1dense',
  'experts.slots': [
    { kind: 'ffn', hidden: 12 },
    { kind: 'ffn', hidden: 20 },
    { kind: 'negated', of: 0 },
    { kind: 'constant' },
    { kind: 'zero' },
  ],
  'experts.sharedHidden': 8,
  'router.bias': true,
  'router.noise': true,
  'batch.B': 2,
  'batch.S': 16,
  'tokenizer.kind': 'bytes',
  initStd: 0.1,
  'optimizer.totalSteps': 60,
});

describe('a larger model of the same mechanism', () => {
  it('has its widths and heads times the factor, and the width of its heads', () => {
    const wide = widened(SMALL, { factor: 2, layers: 5 });
    expect(wide.model).toMatchObject({ D: 32, H: 4, Hkv: 2, denseHidden: 48, L: 5 });
    expect(wide.experts.slots[1]).toEqual({ kind: 'ffn', hidden: 40 });
    expect(wide.experts.sharedHidden).toBe(16);
    expect(wide.router).toEqual(SMALL.router);
    expect(widened(SMALL, { factor: 1, layers: null })).toEqual(SMALL);
  });

  it('names the width that would not be whole, and layers that have no rule', () => {
    const by =
      (factor: number, layers: number | null, experiment = SMALL) =>
      () =>
        widened(experiment, { factor, layers });
    expect(by(1.5, null)).toThrow('model.Hkv is 1 and would be 1.5');
    const list = applyChange(SMALL, { 'model.arrangement': [1] });
    expect(by(2, 4, list)).toThrow('--layers 4: model.arrangement names layers one by one, of 2');
    expect(by(2, 2, list)).not.toThrow();
  });
});

it.each(FULL_SIZE_MODELS)('$id is an experiment of the size that its paper prints', (model) => {
  const { experiment, remark } = fullSizeExperiment(model.id);
  expect(experiment.model).toEqual(model.config.model);
  expect(experiment.experts).toEqual(model.config.experts);
  expect(experiment.batch.S).toBe(2048);
  expect(experiment.optimizer.warmup).toBeLessThan(experiment.optimizer.totalSteps + 1);
  expect(remark).toContain(model.source);
});

it('has the losses of the paper’s small preset', () => {
  expect(fullSizeExperiment('tcmoe-tiny').experiment.losses).toEqual(
    presetById('tcmoe')?.experiment.losses,
  );
  expect(() => fullSizeExperiment('moepp-9B')).toThrow('--preset moepp-9B is none of modse-300M');
});

it('says which options do not go together', async () => {
  const wrong = async (...argv: string[]) =>
    (await run('--out', folder, ...argv)).err.split('\n')[0];
  expect(await wrong()).toBe('one checkpoint is named, or --preset NAME');
  expect(await wrong('a.zip', '--scale', '0')).toBe('--scale 0: numbers above 0 up to 1000');
  expect(await wrong('a.zip', '--scale', '2', '--as', 'mixtral')).toMatch(/^--as and --batches/);
  expect(await wrong('a.zip', '--as', 'olmoe')).toMatch(/^--as olmoe is none of llama, mixtral/);
  expect(await wrong('--preset', 'tcmoe-tiny', '--scale', '2')).toMatch(/a size of its own/);
});

it('prints the accounting’s figures of a paper’s model', async () => {
  const cwd = join(folder, 'paper');
  const { code, out } = await run('--preset', 'equalres-2B-84x352-top6', '--out', cwd);
  expect(code).toBe(0);
  expect(out).toContain('N: 2.1');
  expect(out).toMatch(/weights, gradients and moments: \d+\.\d\d GiB/);
  const { config, tokenizer } = JSON.parse(readFileSync(join(cwd, 'config.json'), 'utf8'));
  expect([config.model.D, config.model.L, tokenizer]).toEqual([1408, 16, null]);
});

it.skipIf(PYTHON === null)(
  'PyTorch draws the weights that a model has here, and trains on from them',
  async () => {
    const [source, cwd] = [join(folder, 'small.json'), join(folder, 'drawn')];
    writeFileSync(source, JSON.stringify(SMALL));
    expect((await run(source, '--scale', '2', '--layers', '3', '--out', cwd)).code).toBe(0);
    writeFileSync(join(cwd, 'text.txt'), 'to be, or not to be, that is the question. '.repeat(20));
    const both = [
      'import runpy, sys',
      "runpy.run_path('init.py', run_name='__main__')",
      "sys.argv = ['train.py', '--steps', '2', '--text', 'text.txt']",
      "runpy.run_path('train.py', run_name='__main__')",
    ];
    const { code, out } = await runPython(['-c', both.join('\n')], { cwd });
    expect(code, out).toBe(0);
    const wide = widened(SMALL, { factor: 2, layers: 3 });
    const config = engineConfig(wide, 256);
    const drawn = readSafetensors(readFileSync(join(cwd, 'model.safetensors'))).tensors;
    const { parameters } = initialState(config, wide.initStd, wide.seeds.init);
    expect([...drawn.keys()].sort()).toEqual(
      parameterShapes(config)
        .map(({ name }) => name)
        .sort(),
    );
    for (const [name, { shape, data }] of parameters) {
      const found = drawn.get(name);
      expect(found?.shape, name).toEqual(shape);
      const far = data.findIndex(
        (x, i) => Math.abs((found?.data[i] ?? Number.NaN) - x) > 1e-6 * Math.abs(x),
      );
      expect(far, name).toBe(-1);
    }
    const { state } = decodeCheckpoint(readFileSync(join(cwd, 'continued.safetensors')));
    expect(state.step).toBe(2);
  },
  60_000,
);
