import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countHistoryName, historyLayers } from '../../src/config/countHistory.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import { handoverFiles } from '../../src/handover/ask.ts';
import type { HandoverAsk } from '../../src/handover/options.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { small, stateAt, writeFolder } from './folder.ts';
import { PYTHON, runPython } from './torch.ts';

/** What routers keep beside their weights, handed over where the next step has other settings, or on another device. */

const folder = mkdtempSync(join(tmpdir(), 'standing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STEP = 100;
const PLAIN = small('bal-qwen3');
const BIASED = small('bal-qwen3', {
  'router.biasRule': { kind: 'sign', rate: 0.001, centre: true },
});
const OFF: Change = { 'router.biasRule': null };
const ON: Change = { 'router.biasRule': BIASED.router.biasRule };
const BATCH: Change = { 'losses.balance': { coefficient: 0.01, scope: 'batch' } };

/** A state after STEP steps of an experiment, with counts of its last two. */
function counted(experiment: Experiment): EngineState {
  const countHistories = new Map(
    historyLayers(experiment).map(({ layer, R }) => [
      countHistoryName(layer),
      { shape: [2, R], data: new Float32Array(2 * R).fill(12) },
    ]),
  );
  return { ...stateAt(experiment, STEP), countHistories };
}

const changedNext = (experiment: Experiment, change: Change): Experiment => ({
  ...experiment,
  events: [[STEP + 1, change]],
});

const handed = (experiment: Experiment, change: Change, as: HandoverAsk['as']) => {
  const text = {
    tokenizer: bytesTokenizer,
    trainingBatch: () => {
      throw new Error('no batch is written');
    },
  };
  const checkpoint = { experiment: changedNext(experiment, change), state: counted(experiment) };
  const files = handoverFiles(checkpoint, text, { as, batches: 0 });
  return readSafetensors(files.get('model.safetensors')!).tensors;
};

describe('a change before the next step', () => {
  it('begins a selection bias at 0', () => {
    const tensors = handed(PLAIN, ON, null);
    const biases = [...tensors].filter(([name]) => name.endsWith('selection_bias'));
    expect(biases).toHaveLength(PLAIN.model.L);
    for (const [, { data }] of biases) expect([...data].every((x) => x === 0)).toBe(true);
    expect(tensors.has(countHistoryName(0))).toBe(true);
  });

  it.each([null, 'mixtral'] as const)('ends a selection bias, as %s', (as) => {
    const names = [...handed(BIASED, OFF, as).keys()];
    expect(names.filter((name) => /bias/.test(name))).toEqual([]);
  });

  it('ends a window of counts', () => {
    expect(handed(PLAIN, {}, null).has(countHistoryName(0))).toBe(true);
    expect(handed(PLAIN, BATCH, null).has(countHistoryName(0))).toBe(false);
  });

  it.skipIf(PYTHON === null).each([
    ['a bias', PLAIN, ON],
    ['no window', PLAIN, BATCH],
  ])(
    'trains on in PyTorch with %s, and comes back',
    async (what, experiment, change) => {
      const cwd = join(folder, what);
      writeFolder(cwd, changedNext(experiment, change), { state: counted(experiment) });
      const args = ['train.py', '--steps', '1', '--text', 'book.txt'];
      const { code, out } = await runPython(args, { cwd });
      expect(code, out).toBe(0);
      const { state } = decodeCheckpoint(readFileSync(join(cwd, 'continued.safetensors')));
      expect(state.step).toBe(STEP + 1);
    },
    60_000,
  );
});

it.skipIf(PYTHON === null)(
  'PyTorch keeps the counts of steps before it on the device of those that it takes',
  async () => {
    const cwd = join(folder, 'device');
    writeFolder(cwd, PLAIN, { state: counted(PLAIN) });
    const { code, out } = await runPython([resolve('tests/handover/devices.py')], { cwd });
    expect(code, out).toBe(0);
    const R = PLAIN.experts.slots.length;
    expect(JSON.parse(out)).toEqual(Array.from({ length: PLAIN.model.L }, () => [3, R]));
  },
  60_000,
);
