/** All that training needs to go on, as it lies in the engine's buffers. */
import { isSelectionBias } from '../../config/balancing.ts';
import {
  countHistoryName,
  historyLayers,
  historySteps,
  keptHistories,
} from '../../config/countHistory.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { initialWeight } from '../../config/initialWeights.ts';
import { parameterShapes } from '../../config/parameterShapes.ts';
import type { Slice } from '../../gpu/slice.ts';
import { CountHistories } from '../../model/countHistories.ts';
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
  histories,
}: Shared): Promise<Omit<EngineState, 'step' | 'surgeries'>> {
  const counts = await histories.read();
  const moments = async (from: Slice): Promise<TensorMap> =>
    new Map([...(await parameters.read(from))].filter(([name]) => !isSelectionBias(name)));
  return {
    ...(counts.size > 0 && { countHistories: counts }),
    parameters: await parameters.read(parameters.values),
    firstMoments: await moments(parameters.firstMoments),
    secondMoments: await moments(parameters.secondMoments),
  };
}

/** Overwrites parameters and moments; a step that was refused is forgotten. */
export function writeBuffers(shared: Shared, values: EngineState): void {
  const { memory, parameters, state, histories } = shared;
  parameters.write(parameters.values, values.parameters);
  parameters.write(parameters.firstMoments, values.firstMoments);
  parameters.write(parameters.secondMoments, values.secondMoments);
  histories.write(values.countHistories ?? new Map());
  memory.device.queue.writeBuffer(state.buffer, 0, new Uint32Array(4));
}

/** The shared buffers with the histories of another configuration: what of them holds on, or the same ones. */
export async function withHistories(
  shared: Shared,
  before: EngineConfig,
  after: EngineConfig,
): Promise<Shared> {
  const signature = (config: EngineConfig) =>
    JSON.stringify([historyLayers(config), historySteps(config.losses)]);
  const kept = keptHistories(before, after);
  const isSame = signature(before) === signature(after);
  if (isSame && kept.length === historyLayers(after).length) return shared;
  const histories = new CountHistories(shared.memory.device, after);
  await moveHistories(shared.histories, histories, kept);
  return { ...shared, histories };
}

/** Copies the histories of these layers; the others begin anew. */
export async function moveHistories(
  from: CountHistories,
  to: CountHistories,
  layers: readonly number[],
): Promise<void> {
  const names = layers.map(countHistoryName);
  to.write(new Map([...(await from.read())].filter(([name]) => names.includes(name))));
}
