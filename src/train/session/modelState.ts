/** The state of a model as a value: what a run begins with, and what it goes on from. */
import { isSelectionBias } from '../../config/balancing.ts';
import {
  type Counted,
  countHistoryName,
  historyLayers,
  historySteps,
  keptHistories,
} from '../../config/countHistory.ts';
import { experimentAtStep } from '../../config/edit.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import { initialWeight } from '../../config/initialWeights.ts';
import { elementCount, isState, parameterShapes } from '../../config/parameterShapes.ts';
import { settingsOfState } from '../../config/surgeryHistory.ts';
import type { EngineState, TensorMap } from '../engine/engine.ts';
import { switchyardError } from './errors.ts';

/** What the names of a checkpoint's moments begin with. */
export const FIRST = 'moment1.';
export const SECOND = 'moment2.';

/** State of a model before its first step (docs/model.md, "Initial weights"). */
export function initialState(config: EngineConfig, initStd: number, seedInit: number): EngineState {
  const entries = parameterShapes(config);
  const zeros = (): TensorMap =>
    new Map(
      entries
        .filter((entry) => !isState(entry))
        .map(({ name, shape }) => [name, { shape, data: new Float32Array(elementCount(shape)) }]),
    );
  const parameters: TensorMap = new Map(
    entries.map((entry) => [
      entry.name,
      { shape: entry.shape, data: initialWeight(entry, initStd, seedInit) },
    ]),
  );
  return { step: 0, parameters, firstMoments: zeros(), secondMoments: zeros() };
}

/** Bytes that a state takes in memory. */
export function stateBytes({ parameters }: EngineState): number {
  let elements = 0;
  for (const { data } of parameters.values()) elements += data.length;
  return 3 * 4 * elements;
}

/** The error for a state that no run can go on from. */
export function refuse(message: string, cause?: unknown): Error {
  return switchyardError('ConfigInvalid', `This checkpoint cannot be used: ${message}.`, cause);
}

/** A state with what of its histories of counts holds on under other settings: the newest, of the same slots. */
export function withCounts(state: EngineState, before: Counted, after: Counted): EngineState {
  const { countHistories } = state;
  if (countHistories === undefined) return state;
  const kept = keptHistories(before, after);
  const ended = historyLayers(before).flatMap(({ layer }) =>
    kept.includes(layer) ? [] : [countHistoryName(layer)],
  );
  const [had, most] = [historySteps(before.losses), historySteps(after.losses)];
  const held = new Map([...countHistories].filter(([name]) => !ended.includes(name)));
  for (const [name, { shape, data }] of held) {
    const [n = 0, R = 0] = shape;
    if (n <= had && n > most)
      held.set(name, { shape: [most, R], data: data.slice((n - most) * R) });
  }
  return { ...state, countHistories: held };
}

/** A state as it stands under the settings of the step to come, whose events may be younger than it. */
export function standing(experiment: Experiment, state: EngineState): EngineState {
  const { step, surgeries = [] } = state;
  const after = settingsOfState(experiment, step, surgeries.length);
  return withCounts(state, experimentAtStep(experiment, step), after);
}

/**
 * Compares a state's tensors with the parameter table of a model. A selection bias may be missing, or left
 * over, where the next step's settings begin or end it.
 * @throws ConfigInvalid naming the first tensor that is missing, left over or of another shape
 */
export function checkState(state: EngineState, config: EngineConfig): void {
  const table = parameterShapes(config);
  const names = new Set(table.map(({ name }) => name));
  for (const [group, tensors] of [
    ['', state.parameters],
    [FIRST, state.firstMoments],
    [SECOND, state.secondMoments],
  ] as const) {
    for (const entry of table) {
      const { name, shape } = entry;
      const found = tensors.get(name);
      if (found === undefined && isState(entry)) continue;
      if (found === undefined) throw refuse(`"${group}${name}" is missing`);
      if (found.shape.join() !== shape.join())
        throw refuse(`"${group}${name}" has shape [${found.shape}], the model needs [${shape}]`);
    }
    const isExtra = (name: string) => !names.has(name) && !isSelectionBias(name);
    const extra = [...tensors.keys()].find(isExtra);
    if (extra !== undefined) throw refuse(`the model has no parameter "${group}${extra}"`);
  }
  checkHistories(state, config);
}

/** @throws ConfigInvalid naming the first history of counts that the model has no use for */
function checkHistories({ countHistories = new Map() }: EngineState, config: EngineConfig): void {
  const most = historySteps(config.losses);
  const widths = new Map(historyLayers(config).map(({ layer, R }) => [countHistoryName(layer), R]));
  for (const [name, { shape, data }] of countHistories) {
    const R = widths.get(name);
    if (R === undefined) throw refuse(`the model has no history "${name}"`);
    const [n = 0, width] = shape;
    if (shape.length !== 2 || width !== R || n > most)
      throw refuse(`"${name}" has shape [${shape}], the model needs [0 … ${most}, ${R}]`);
    const at = data.findIndex((count) => !(Number.isInteger(count) && count >= 0));
    if (at >= 0)
      throw refuse(`"${name}" is ${data[at]} at element ${at}; it must be a whole number from 0`);
  }
}
