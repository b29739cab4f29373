/** All that training needs to go on, as it lies in the engine's buffers. */
import { isSelectionBias } from '../../config/balancing.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { initialWeight } from '../../config/initialWeights.ts';
import { parameterShapes } from '../../config/parameterShapes.ts';
import type { Slice } from '../../gpu/slice.ts';
import type { EngineOptions } from '../device/trainingDevice.ts';
import type { EngineState, TensorMap } from './engine.ts';
import type { Shared } from './gpuPasses.ts';

/** Draws the model's start; moments are 0. */
export function writeInitialWeights(
  { parameters }: Shared,
  config: EngineConfig,
  { initStd, seedInit }: Pick<EngineOptions, 'initStd' | 'seedInit'>,
): void {
  const tensors = new Map(
    parameterShapes(config).map((entry) => [
      entry.name,
      { data: initialWeight(entry, initStd, seedInit) },
    ]),
  );
  parameters.write(parameters.values, tensors);
}

export async function readBuffers({
  parameters,
}: Shared): Promise<Pick<EngineState, 'parameters' | 'firstMoments' | 'secondMoments'>> {
  const moments = async (from: Slice): Promise<TensorMap> =>
    new Map([...(await parameters.read(from))].filter(([name]) => !isSelectionBias(name)));
  return {
    parameters: await parameters.read(parameters.values),
    firstMoments: await moments(parameters.firstMoments),
    secondMoments: await moments(parameters.secondMoments),
  };
}

/** Overwrites parameters and moments; a step that was refused is forgotten. */
export function writeBuffers({ memory, parameters, state }: Shared, values: EngineState): void {
  parameters.write(parameters.values, values.parameters);
  parameters.write(parameters.firstMoments, values.firstMoments);
  parameters.write(parameters.secondMoments, values.secondMoments);
  memory.device.queue.writeBuffer(state.buffer, 0, new Uint32Array(4));
}
