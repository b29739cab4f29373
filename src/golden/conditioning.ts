import { isSelectionBias } from '../config/balancing.ts';
import { hashChain } from '../config/hash.ts';
import type { RealTensors } from '../reference/arrays.ts';
import { backward, forward } from '../reference/model.ts';
import { trainingMode } from '../reference/moeLayer.ts';
import { copyTensors } from '../reference/tensors.ts';
import { applyStep, startState } from '../reference/train.ts';
import { BiasRows } from './biasRows.ts';
import { compareScalar, compareTensors, worstFirst } from './compare.ts';
import type { TrainExpected, TrainTolerance } from './format.ts';
import { outTensors } from './referenceSubject.ts';
import type { GoldenTensors, StepOutput, TrainCaseInput } from './subject.ts';
import { groupOf, scalarPairs } from './tolerance.ts';

/**
 * Whether a case measures an engine or only its luck in rounding: the float64 reference runs again
 * with changes as small as the rounding errors of float32, and no figure may move by much.
 */

/** Share of its tolerance by which a figure may move. */
const LARGEST_MOVE = 0.2;
/** Sign patterns that are tried. */
const PATTERNS = 2;
/** Change of every parameter: its last bit in float32. */
const PARAMETER_NOISE = 2 ** -23;
/**
 * Change of every gradient, as a share of the step's largest: what rounding leaves where terms
 * cancel. AdamW makes a whole step of a gradient that is nothing else.
 */
const GRADIENT_NOISE = 2 ** -27;

/** Below this cross-entropy float32 loses the digits of 1 − p, of which all gradients are made. */
const SMALLEST_LOSS = 0.02;

/** A stream of signs, one per call. */
function signs(pattern: number): () => 1 | -1 {
  let count = 0;
  return () => (hashChain(pattern, count++) & 1 ? 1 : -1);
}

function largest(tensors: RealTensors): number {
  let max = 0;
  for (const { data } of tensors.values()) for (const x of data) max = Math.max(max, Math.abs(x));
  return max;
}

function nudge(tensors: RealTensors, change: (value: number) => number): void {
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++) data[i]! += change(data[i]!);
  }
}

/** The case in float64 with parameters and gradients off by rounding errors. */
function nudgedRun(
  { config, parameters, batches }: TrainCaseInput,
  pattern: number,
): { tensors: GoldenTensors; steps: StepOutput[] } {
  const sign = signs(pattern);
  const state = startState(parameters, 'float64');
  nudge(state.params, (value) => sign() * PARAMETER_NOISE * value);
  const tensors: GoldenTensors = new Map();
  const biases = new BiasRows();
  biases.add(state.params);
  const steps = batches.map((batch, i): StepOutput => {
    const mode = trainingMode(state.step + 1);
    const { params, histories } = state;
    const { losses, trace } = forward({ params, batch, histories }, config, mode);
    const grads = backward(trace, params, config);
    if (i === 0) {
      for (const [name, tensor] of outTensors(trace, config)) tensors.set(name, tensor);
      for (const [name, tensor] of copyTensors(grads, 'float64'))
        if (!isSelectionBias(name)) tensors.set(`grad.${name}`, tensor);
    }
    const noise = GRADIENT_NOISE * largest(grads);
    nudge(grads, () => sign() * noise);
    const { lr, gradNorm } = applyStep(state, { grads, trace, loss: losses.total! }, config);
    biases.add(state.params);
    return { lr, gradNorm, loss: losses };
  });
  for (const [name, tensor] of state.params)
    if (!isSelectionBias(name)) tensors.set(`after.${name}`, tensor);
  for (const [name, tensor] of biases.tensors) tensors.set(name, tensor);
  return { tensors, steps };
}

/** Whether no figure of the case moves by more than a fifth of its tolerance, and no loss vanishes. */
export function isWellConditioned(
  input: TrainCaseInput,
  expected: TrainExpected,
  tolerance: TrainTolerance,
): boolean {
  if (expected.steps.some(({ loss }) => loss.ce! < SMALLEST_LOSS)) return false;
  for (let pattern = 0; pattern < PATTERNS; pattern++) {
    const { tensors, steps } = nudgedRun(input, pattern);
    const moves = [...tensors].map(([name, got]) =>
      compareTensors(name, got, expected.tensors.get(name)!, tolerance[groupOf(name)]!),
    );
    steps.forEach((got, i) => {
      for (const [value, want] of scalarPairs(got, expected.steps[i]!)) {
        moves.push(compareScalar(`steps.${i}`, value, want, tolerance.loss));
      }
    });
    if (worstFirst(moves)[0]!.ratio > LARGEST_MOVE) return false;
  }
  return true;
}
