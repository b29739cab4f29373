import type { EngineConfig } from '../config/experiment.ts';
import { initialWeight } from '../config/initialWeights.ts';
import { parameterShapes } from '../config/parameterShapes.ts';
import type { RealTensors } from './arrays.ts';

/** The specified start of a model (docs/model.md, "Initial weights"), as float32. */
export function initialParameters(
  config: EngineConfig,
  { initStd, seed }: { initStd: number; seed: number },
): RealTensors {
  return new Map(
    parameterShapes(config).map((entry) => [
      entry.name,
      { shape: entry.shape, data: initialWeight(entry, initStd, seed) },
    ]),
  );
}
