import { experimentAtStep } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import {
  type LayerLoads,
  type LayerSpace,
  layerLoads,
  SCALAR_COUNT,
  type StepRecords,
  scalarColumn,
} from '../../src/config/telemetry.ts';
import { learningRate, trainCe } from './fakeCurves.ts';

export const DOMAINS = ['prose', 'speeches', 'code', 'arithmetic', 'languages'];

/** Uniform in [0, 1), by counter. */
function random(...parts: number[]): number {
  return hashChain(7, ...parts) / 2 ** 32;
}

export function normal(...parts: number[]): number {
  let sum = 0;
  for (let i = 0; i < 6; i++) sum += random(...parts, i);
  return (sum - 3) * Math.SQRT2;
}

/** Counts [R] that sum to `total`, drawn to each slot's affinity. */
function counts(total: number, affinity: readonly number[]): number[] {
  const sum = affinity.reduce((a, b) => a + b);
  const floors = affinity.map((a) => Math.floor((total * a) / sum));
  let rest = total - floors.reduce((a, b) => a + b);
  for (let i = 0; rest > 0; i = (i + 1) % floors.length, rest--) floors[i]!++;
  return floors;
}

function fillLoads(loads: LayerLoads, i: number, step: number, T: number, K: number): void {
  const { R, W, layer } = loads;
  const evenness = 1 - Math.exp(-step / 260);
  const n = loads.domains.length / loads.drops.length;
  for (let w = 0; w < Math.min(W, K); w++) {
    const affinity = Array.from({ length: R }, (_, r) => {
      const taste = Math.exp(1.5 * (1 - evenness) * normal(layer, r, 1));
      return Math.max(0.004, taste * (1 + 0.12 * normal(layer, r, step, w) * (1 - 0.5 * evenness)));
    });
    if (layer === 2 && step < 240) affinity[R - 2] = 0;
    for (const [r, count] of counts(T, affinity).entries()) {
      loads.assignments[(i * W + w) * R + r] = count;
      const shares = DOMAINS.map((_, d) => Math.exp(1.3 * evenness * normal(layer, r, d + 50)));
      for (const [d, part] of counts(count, shares).entries()) {
        loads.domains[(i * R + r) * n + d]! += part;
      }
    }
  }
  for (let r = 0; r < R; r++) {
    loads.meanProb[i * R + r] = loads.assignments[i * W * R + r]! / T;
    loads.meanGate[i * R + r] = 0.5 + 0.08 * normal(layer, r, step, 9);
  }
}

/** Telemetry of n steps: each layer's loads sum to K·T. */
export function records(
  experiment: Experiment,
  spaces: readonly LayerSpace[],
  firstStep: number,
  n: number,
): StepRecords {
  const T = experiment.batch.B * experiment.batch.S;
  const scalars = new Float32Array(n * SCALAR_COUNT);
  const layers = spaces.map(({ layer, slots: R, ranks: W }) =>
    layerLoads({ layer, R, W }, n, DOMAINS.length),
  );
  for (let i = 0; i < n; i++) {
    const step = firstStep + i;
    const now = experimentAtStep(experiment, step);
    const ce = trainCe(step) + 0.05 * normal(step, 3);
    const balance =
      spaces.length * (now.losses.switch?.alpha ?? 0) * (1 + 0.7 * Math.exp(-step / 200));
    const row = i * SCALAR_COUNT;
    scalars[row + scalarColumn('ce')] = ce;
    scalars[row + scalarColumn('switch')] = balance * (1 + 0.03 * normal(step, 5));
    scalars[row + scalarColumn('total')] = ce + balance;
    scalars[row + scalarColumn('gradNorm')] =
      0.4 + 2.4 * Math.exp(-step / 60) + 0.08 * Math.abs(normal(step, 4));
    scalars[row + scalarColumn('lr')] = learningRate(now, step);
    for (const loads of layers) fillLoads(loads, i, step, T, now.router.K);
  }
  return { firstStep, n, scalars, layers };
}
