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

/** All steps of the metrics, as the trainer tells them. */
export function trainedSteps({
  firstStep,
  domains,
  layers,
  scalars,
  loads,
}: TrainedMetrics): StepRecords {
  const n = scalars.ce.length;
  return {
    firstStep,
    n,
    scalars: Float32Array.from({ length: n * SCALARS.length }, (_, i) => {
      const name = SCALARS[i % SCALARS.length]!;
      return scalars[name][Math.floor(i / SCALARS.length)]!;
    }),
    layers: loads.map((of, place) => {
      const { layer, slots: R, ranks: W } = layers[place]!;
      return layerLoads({ layer, R, W }, n, domains.length, (name, into) =>
        into.set((of[name] as number[][]).flat(2)),
      );
    }),
  };
}
