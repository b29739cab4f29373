/** From a surgery to the parameters of the model after it. */
import { keptHistories } from '../../config/countHistory.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { initialElement } from '../../config/initialWeights.ts';
import { isState, parameterShapes } from '../../config/parameterShapes.ts';
import { MAX_UNDO } from '../../config/surgery.ts';
import type { ParameterBuffers } from '../../model/parameterBuffers.ts';
import {
  type Elements,
  moveParameters,
  readImportances,
  readRemoved,
} from '../../model/surgery.ts';
import { countFresh, type Moves, planMoves } from '../../model/surgeryMoves.ts';
import {
  invertOrigins,
  keptUnits,
  narrowings,
  type Origin,
  type Origins,
  surgeryOrigins,
} from '../../model/surgeryOrigins.ts';
import type { EngineOptions } from '../device/trainingDevice.ts';
import { broughtBack } from './broughtBack.ts';
import type { SurgeryOrder, SurgeryRecord } from './engine.ts';
import { moveHistories } from './engineState.ts';
import {
  type Built,
  buildPasses,
  destroyShared,
  type GpuEngineOptions,
  makeShared,
  type Shared,
} from './gpuPasses.ts';

/** A model in its buffers. */
interface BufferedModel {
  config: EngineConfig;
  parameters: ParameterBuffers;
}

type Start = Pick<EngineOptions, 'initStd' | 'seedInit'>;

/** Record of the surgery that an undo takes back. */
function undoneRecord(records: readonly (SurgeryRecord | null)[], undo: number): SurgeryRecord {
  const record = records.at(-undo) ?? null;
  if (record === null || undo > records.length)
    throw new RangeError(
      `surgery: undo goes back ${undo} surgeries; ${records.length} were done, and what was removed is kept for the last ones only`,
    );
  return record;
}

/** The origins of a surgery with those that states would have had, which began since: their slots'. */
function withBegun(origins: ReadonlyMap<string, Origin>, now: EngineConfig): Origins {
  const all = new Map(origins);
  for (const { name } of parameterShapes(now).filter(isState)) {
    const { rows } = all.get(name.replace(/selection_bias$/, 'weight')) ?? {};
    if (rows && !all.has(name)) all.set(name, { source: name, cols: rows });
  }
  return all;
}

async function originsOf(
  device: GPUDevice,
  before: BufferedModel,
  after: EngineConfig,
  { surgery }: SurgeryOrder,
  records: readonly (SurgeryRecord | null)[],
): Promise<Origins> {
  if ('undo' in surgery) {
    const { origins } = undoneRecord(records, surgery.undo);
    const forward = withBegun(new Map(origins), before.config);
    return invertOrigins(forward, parameterShapes(after), parameterShapes(before.config));
  }
  const narrow = narrowings(before.config, after, surgery.from);
  const D = after.model.D;
  const importances = await readImportances(device, before.parameters, narrow, D);
  const kept = narrow.map(({ width }, i) => keptUnits(importances[i] ?? [], width));
  return surgeryOrigins(before.config, after, surgery.from, kept);
}

/**
 * Values of the elements that come from nowhere: the start of a parameter named
 * `surgery.{number}.{name}`, but 0 in the down columns of a widened expert; moments are 0.
 */
function drawFresh({ fresh }: Moves, number: number, { initStd, seedInit }: Start): Elements {
  const count = countFresh(fresh);
  const values = new Float32Array(count);
  let next = 0;
  for (const { entry, origin, stretches } of fresh) {
    const isWidened = origin.source !== null && entry.name.endsWith('.down.weight');
    const name = `surgery.${number}.${entry.name}`;
    const start = isWidened ? () => 0 : initialElement({ ...entry, name }, initStd, seedInit);
    for (const { element, count: length } of stretches) {
      for (let i = 0; i < length; i++) values[next++] = start(element + i);
    }
  }
  return { values, firstMoments: new Float32Array(count), secondMoments: new Float32Array(count) };
}

/**
 * Moves parameters and moments into the buffers of the model after a surgery (docs/model.md,
 * "Surgery"), and returns what undoing it takes.
 * @param records of the surgeries done so far
 * @throws RangeError where the provenance does not fit, or an undo goes back too far
 */
async function moveInto(
  device: GPUDevice,
  before: BufferedModel,
  after: BufferedModel,
  order: SurgeryOrder,
  records: readonly (SurgeryRecord | null)[],
  start: Start,
): Promise<SurgeryRecord> {
  const origins = await originsOf(device, before, after.config, order, records);
  const inverse = invertOrigins(
    origins,
    parameterShapes(before.config),
    parameterShapes(after.config),
  );
  const removed = await readRemoved(device, before.parameters, inverse);
  const moves = planMoves(before.parameters.layout, after.parameters.layout, origins);
  const { surgery, number } = order;
  const fresh =
    'undo' in surgery
      ? broughtBack(undoneRecord(records, surgery.undo), moves.fresh, after.config)
      : drawFresh(moves, number, start);
  await moveParameters(device, before.parameters, after.parameters, moves, fresh);
  return { origins: [...origins], removed };
}

/** Records of surgeries as far as undo reaches back; null for those before. */
function remembered(records: readonly (SurgeryRecord | null)[]): readonly (SurgeryRecord | null)[] {
  return records.map((record, i) => (records.length - i > MAX_UNDO ? null : record));
}

/**
 * The parameters and moments with the states of another configuration: those that are kept, 0 for those
 * that begin. What was given stays as it is.
 */
export async function restated(before: Shared, config: EngineConfig): Promise<Shared> {
  const { device } = before.memory;
  const shared = await makeShared(device, config);
  try {
    const [from, to] = [before.parameters, shared.parameters];
    const known = new Set(from.layout.parameters.map(({ entry }) => entry.name));
    const begun = to.layout.parameters.filter(({ entry }) => !known.has(entry.name));
    const origins: Origins = new Map(begun.map(({ entry }) => [entry.name, { source: null }]));
    const moves = planMoves(from.layout, to.layout, origins);
    const zeros = () => new Float32Array(countFresh(moves.fresh));
    const fresh = { values: zeros(), firstMoments: zeros(), secondMoments: zeros() };
    await moveParameters(device, from, to, moves, fresh);
    return shared;
  } catch (error) {
    destroyShared(shared);
    throw error;
  }
}

/** A model, and what undoing its surgeries takes. */
export interface OperatedModel {
  config: EngineConfig;
  shared: Shared;
  records: readonly (SurgeryRecord | null)[];
}

/**
 * The model after a surgery beside the one before, which stays as it is.
 * @throws RangeError as `moveInto`; ModelTooLarge where both find no memory
 */
export async function operate(
  before: OperatedModel,
  config: EngineConfig,
  order: SurgeryOrder,
  options: GpuEngineOptions,
): Promise<{ after: OperatedModel; built: Built }> {
  const { device } = before.shared.memory;
  const { records } = before;
  const shared = await makeShared(device, config);
  try {
    const from = { config: before.config, parameters: before.shared.parameters };
    const to = { config, parameters: shared.parameters };
    const record = await moveInto(device, from, to, order, records, options);
    // Slots that look alike may stand for others: then the rows of their router moved.
    const moved = new Map(record.origins);
    const kept = keptHistories(before.config, config).filter(
      (l) => !moved.has(`layers.${l}.moe.router.weight`),
    );
    await moveHistories(before.shared.histories, shared.histories, kept);
    const built = await buildPasses(shared, config, options, true);
    return { after: { config, shared, records: remembered([...records, record]) }, built };
  } catch (error) {
    destroyShared(shared);
    throw error;
  }
}
