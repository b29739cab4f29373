/** Runs that nobody trained, for filling a library: settings, curves and rows as real ones have them. */

import { DEFAULTS_V1 } from '../src/config/defaults.ts';
import { applyChange } from '../src/config/edit.ts';
import type { Change, Experiment } from '../src/config/experiment.ts';
import { uniform } from '../src/config/hash.ts';
import {
  NO_REPORTS,
  type RunCurves,
  type RunParts,
  type RunRow,
  type Series,
} from '../src/runs/record.ts';
import { summaryOf } from '../src/runs/summary.ts';

/** What the runs of a family have in common; seeds are numbered within it. */
const FAMILIES: readonly (readonly [name: string, change: Change])[] = [
  ['baseline', {}],
  ['top-1', { 'router.K': 1 }],
  ['top-4', { 'router.K': 4 }],
  ['high rate', { 'optimizer.lr': 0.006 }],
  ['low rate', { 'optimizer.lr': 0.001 }],
  ['no balance loss', { 'losses.switch.alpha': null }],
  ['capacity 1.25', { 'router.capacity': 1.25 }],
  ['wide', { 'model.D': 96, 'model.denseHidden': 384 }],
  ['interleaved', { 'model.arrangement': 'interleave' }],
  ['shared expert', { 'experts.sharedHidden': 128 }],
];
const SEEDS = 5;
const DAY_MS = 86_400_000;
/** Steps between two validation losses. */
const EVERY = 50;

function experimentOf(i: number, steps: number): Experiment {
  const [, change] = FAMILIES[Math.floor(i / SEEDS) % FAMILIES.length]!;
  const seed = (i % SEEDS) + 1;
  // Beyond the families' seeds the runs differ in their batches.
  const S = 64 + 16 * Math.floor(i / (SEEDS * FAMILIES.length));
  return applyChange(DEFAULTS_V1, {
    ...change,
    'batch.S': S,
    'seeds.init': seed,
    'seeds.data': seed,
    'optimizer.totalSteps': steps,
  });
}

function lossAt(i: number, step: number): number {
  const floor = 1.6 + 0.05 * (Math.floor(i / SEEDS) % FAMILIES.length);
  const noise = 0.25 * (uniform(i + 1, step) - 0.5);
  return floor + (5.55 - floor) * Math.exp(-step / (180 + 12 * (i % 17))) + noise;
}

function curvesOf(i: number, steps: number): RunCurves {
  const dense = (at: (step: number) => number): Series => ({
    firstStep: 1,
    steps: null,
    values: Float32Array.from({ length: steps }, (_, k) => at(k + 1)),
  });
  const validated = Math.floor(steps / EVERY);
  const ce = dense((step) => lossAt(i, step));
  return {
    ce,
    total: { ...ce, values: ce.values.map((value) => value + 0.01) },
    gradNorm: dense((step) => 0.4 + 3 * Math.exp(-step / 90) + 0.2 * uniform(i + 9, step)),
    lr: dense((step) => 3e-3 * Math.min(1, step / 50)),
    validation: {
      firstStep: EVERY,
      steps: Float64Array.from({ length: validated }, (_, k) => (k + 1) * EVERY),
      values: Float32Array.from({ length: validated }, (_, k) => lossAt(i, (k + 1) * EVERY) + 0.08),
    },
  };
}

/**
 * The i-th run: families of five seeds each, every eleventh run forked from the one before it.
 * @param now milliseconds since 1970 at which the latest was begun
 */
export function syntheticRun(
  i: number,
  steps: number,
  now: number,
): { row: RunRow; parts: RunParts } {
  const experiment = experimentOf(i, steps);
  const { B, S } = experiment.batch;
  const curves = curvesOf(i, steps);
  const [name] = FAMILIES[Math.floor(i / SEEDS) % FAMILIES.length]!;
  const begunAt = now - (i * DAY_MS) / 8;
  const half = Math.round(steps / 2);
  const checkpoint = (step: number, isPinned: boolean) => ({
    step,
    bytes: 2_400_000,
    isPinned,
    at: begunAt + step * 100,
  });
  const row: RunRow = {
    format: 1,
    id: `synthetic-${i}`,
    name: `${name}, seed ${(i % SEEDS) + 1}`,
    note: i % 7 === 0 ? 'Repeat with a longer warm-up.' : '',
    tags: i % 3 === 0 ? ['paper'] : [],
    origin: 'trained',
    status: i % 13 === 5 ? 'failed' : i % 13 === 9 ? 'open' : 'done',
    begunAt,
    changedAt: begunAt + steps * 100,
    exportedAt: i % 4 === 0 ? begunAt + DAY_MS : null,
    version: '0.1.0',
    experiment,
    parent: i % 11 === 10 ? { id: `synthetic-${i - 1}`, step: half } : null,
    text: {
      hash: null,
      isOwn: false,
      vocabulary: 256,
      unigramEntropy: 3.1,
      charactersPerToken: 1,
      domains: ['prose', 'code'],
    },
    adapter: {
      description: 'synthetic',
      isSoftware: true,
      needs: { buffer: 1 << 24, binding: 1 << 24, total: 1 << 26 },
    },
    steps,
    seconds: steps * (0.08 + 0.01 * (i % 5)),
    tokensPerStep: B * S,
    ...summaryOf(curves),
    color: i,
    isVisible: false,
    checkpoints: [checkpoint(half, true), checkpoint(steps, false)],
    bytes: 4 * steps * 4 + 4_800_000,
  };
  return { row, parts: { curves, records: [], ...NO_REPORTS } };
}
