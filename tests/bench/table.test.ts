import { expect, test } from 'vitest';
import type { BenchReport, TrainFigures } from '../../bench/report.ts';
import { markdownOf } from '../../bench/table.ts';

const figures: TrainFigures = {
  msPerStep: 145.432,
  spread: 0.1,
  moeOverDense: 1.2491,
  firstStepMs: 2486.7,
  losses: [4.18],
  loss: 4.18,
  dispatches: 86,
  submits: 1,
  objectsCreated: 0,
  buffersCreated: 0,
};

const report: BenchReport = {
  version: '0.1.0',
  date: '2026-01-31',
  machine: 'two cores',
  adapter: 'SwiftShader',
  runner: 'chromium',
  rounds: 3,
  fmaGflops: 47.04,
  copyGBs: 1.2,
  train: { S: { ours: figures, 'jax-js': { ...figures, msPerStep: 1013 } } },
  moeForward: { ours: { ms: 307.2 } },
  matmul: [
    { subject: 'ours', m: 512, n: 256, k: 64, grouped: false, gflops: 6.081 },
    { subject: 'ours', m: 512, n: 256, k: 64, grouped: true, gflops: 5 },
  ],
};

test('puts the measured subjects side by side', () => {
  const lines = markdownOf(report).split('\n');
  expect(lines[0]).toBe(
    'SwiftShader in chromium, two cores: 47 GFLOP/s of multiply-adds, 1.2 GB/s copied. Medians of 3 rounds.',
  );
  expect(lines).toContain('|  | ours | jax-js |');
  expect(lines).toContain('| S: ms per step | 145 | 1010 |');
  expect(lines).toContain('| MoE layer forward, ms | 307 | – |');
  expect(lines).toContain('| 512 × 256 × 64, GFLOP/s | 6.08 | – |');
});

test('sorts kernels by what they take, and leaves unknown work blank', () => {
  const row = { calls: 1, gflops: null, gbs: null, shareOfFma: null, shareOfCopy: null };
  const known = { calls: 2, gflops: 4.7, gbs: 0.6, shareOfFma: 0.1, shareOfCopy: 0.5 };
  const kernels = {
    S: [
      { name: 'a', ms: 1, ...row },
      { name: 'b', ms: 2.345, ...known },
    ],
  };
  const rows = markdownOf({ ...report, kernels })
    .split('\n')
    .slice(-3);
  expect(rows).toEqual([
    '| b | 2.35 | 2 | 4.7 | 0.6 | 10 % | 50 % |',
    '| a | 1 | 1 | – | – | – | – |',
    '',
  ]);
});
