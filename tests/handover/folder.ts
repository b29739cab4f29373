/** A model before its first step, handed over without a device. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { presetById } from '../../src/config/presets.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import type { Tokenizer } from '../../src/data/types.ts';
import { handover } from '../../src/handover/handover.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import type { Parent } from '../../src/train/session/recording.ts';

/** A preset that trains in milliseconds. */
export function small(preset: string, change: Change = {}): Experiment {
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
    ...change,
  });
}

const BYTES = { kind: 'bytes', size: 256 } as Tokenizer;

/** An experiment's first model, as if it had taken so many steps; its moments are all of one value. */
export function stateAt(experiment: Experiment, step: number, moment = 0): EngineState {
  const config = engineConfig(experiment, BYTES.size);
  const state = initialState(config, experiment.initStd, experiment.seeds.init);
  for (const moments of [state.firstMoments, state.secondMoments])
    for (const { data } of moments.values()) data.fill(moment);
  return { ...state, step };
}

interface FolderOptions {
  parent?: Parent | null;
  state?: EngineState;
  /** How many batches go along. */
  batches?: number;
}

/** Writes the folder of a model, an experiment's first where none is given, with a text to go on with. */
export function writeFolder(
  cwd: string,
  experiment: Experiment,
  { parent = null, state = stateAt(experiment, 0), batches = 0 }: FolderOptions = {},
) {
  const { B, S } = experiment.batch;
  const ids = (first: number) => Uint32Array.from({ length: B * S }, (_, i) => (first + i) % 256);
  const text = {
    tokenizer: BYTES,
    trainingBatch: (step: number) => ({
      tokens: ids(step),
      targets: ids(step + 1),
      domains: new Uint8Array(B * S),
    }),
  };
  mkdirSync(cwd, { recursive: true });
  for (const [name, bytes] of handover({ experiment, state, parent }, { text, batches }))
    writeFileSync(join(cwd, name), bytes);
  writeFileSync(join(cwd, 'book.txt'), readFileSync('docs/model.md'));
}

/** A row of what `train.py` recorded. */
export interface Row {
  step: number;
  ce: number;
  total: number;
  gradNorm: number;
  lr: number;
}

/** What `train.py` saved in a folder. */
export function saved(cwd: string) {
  const { tensors, metadata } = readSafetensors(readFileSync(join(cwd, 'continued.safetensors')));
  const history: Row[] = JSON.parse(metadata.history ?? '[]');
  return { tensors, metadata, history, step: Number(metadata.step) };
}

/** The largest relative difference. */
export const worst = (got: readonly number[], want: readonly number[]) =>
  Math.max(...want.map((value, i) => Math.abs(got[i]! - value) / Math.abs(value)));
