/** The recorded training of `TRAINED`: its metrics as `npm run experiment -- --out` wrote them. */
import { readFileSync } from 'node:fs';
import type { ProbeResults } from '../../src/analysis/probes/score.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import { layerLoads, SCALARS, type StepRecords } from '../../src/config/telemetry.ts';
import { TRAINED_FILES } from './rawRuns.ts';

export type TrainedMetrics = Pick<
  Metrics,
  'firstStep' | 'domains' | 'layers' | 'scalars' | 'loads' | 'validation'
>;

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8'));

export const trainedMetrics = (): TrainedMetrics => readJson(TRAINED_FILES.metrics);
export const trainedProbes = (): ProbeResults => readJson(TRAINED_FILES.probes);

/** Steps of the metrics from the first to the last given, as the trainer tells them. */
export function trainedSteps(
  { domains, layers, scalars, loads }: TrainedMetrics,
  first: number,
  last: number,
): StepRecords {
  const n = last - first + 1;
  const width = SCALARS.length;
  return {
    firstStep: first,
    n,
    scalars: Float32Array.from({ length: n * width }, (_, i) => {
      const name = SCALARS[i % width]!;
      return scalars[name][first - 1 + Math.floor(i / width)]!;
    }),
    layers: loads.map((of, place) => {
      const { layer, slots: R, ranks: W } = layers[place]!;
      return layerLoads({ layer, R, W }, n, domains.length, (name, into) => {
        const steps = of[name].slice(first - 1, last) as number[][];
        into.set(steps.flat(2));
      });
    }),
  };
}
