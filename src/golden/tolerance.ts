import { compareTensors, type Tolerance } from './compare.ts';
import type { TrainExpected, TrainTolerance } from './format.ts';
import type { StepOutput, TrainCaseOutput } from './subject.ts';

/** No tolerance is below these (the goldens' README); `after` is wider where eps is 1e-8. */
const FLOORS: Readonly<Required<TrainTolerance>> = {
  out: { abs: 1e-6, rel: 2e-5 },
  loss: { abs: 1e-6, rel: 1e-5 },
  grad: { abs: 1e-7, rel: 5e-5 },
  after: { abs: 1e-6, rel: 2e-5 },
  bias: { abs: 1e-6, rel: 2e-5 },
};
const AFTER_FLOOR_SMALL_EPS = 1e-4;

/** Above these a case says too little, so another one is drawn. */
const CEILINGS = { out: 2e-4, loss: 1e-4, grad: 5e-4, after: 5e-4, bias: 5e-4 } as const;

type Group = keyof TrainTolerance;

/** Two significant digits, rounded up. */
function roundUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(2));
}

/** The group of a tensor: the first word of its name. */
export function groupOf(name: string): Group {
  const group = name.split('.')[0];
  if (group === 'out' || group === 'grad' || group === 'after' || group === 'bias') return group;
  throw new Error(`golden tolerance: tensor "${name}" is of no known group`);
}

function largest(values: ArrayLike<number>): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) max = Math.max(max, Math.abs(values[i]!));
  return max;
}

/**
 * Tolerances of a case: ten times the change that float32 arithmetic makes in a reference run, and
 * never below the floors. Null when one is above its ceiling or a selection differs.
 */
export function toleranceOf(
  expected: TrainExpected,
  float32: TrainCaseOutput,
  eps: number,
): TrainTolerance | null {
  const after = { ...FLOORS.after, rel: eps < 1e-7 ? AFTER_FLOOR_SMALL_EPS : FLOORS.after.rel };
  const tolerance: Required<TrainTolerance> = { ...FLOORS, after };
  const widen = (group: Group, error: number, size: number) => {
    const { abs, rel }: Tolerance = tolerance[group];
    const needed = Math.max(0, 10 * error - abs) / size;
    if (needed > rel) tolerance[group] = { abs, rel: roundUp(needed) };
  };
  for (const [name, want] of expected.tensors) {
    const { error } = compareTensors(name, float32.tensors.get(name), want, { abs: 0, rel: 0 });
    if (!Number.isFinite(error) || (want.dtype === 'I32' && error > 0)) return null;
    if (want.dtype === 'F32' && error > 0) widen(groupOf(name), error, largest(want.data));
  }
  expected.steps.forEach((want, i) => {
    for (const [got, value] of scalarPairs(float32.steps[i]!, want)) {
      widen('loss', Math.abs(got - value), Math.abs(value));
    }
  });
  const groups: Group[] = ['out', 'loss', 'grad', 'after', 'bias'];
  if (!groups.every((group) => tolerance[group].rel <= CEILINGS[group])) return null;
  const { bias, ...others } = tolerance;
  const hasBias = [...expected.tensors.keys()].some((name) => groupOf(name) === 'bias');
  return hasBias ? tolerance : others;
}

/** Every loss and the gradient norm of a step, as [got, want]. */
export function scalarPairs(got: StepOutput, want: StepOutput): [number, number][] {
  const terms = Object.entries(want.loss).map(([term, value]): [number, number] => [
    got.loss[term] ?? Number.NaN,
    value,
  ]);
  return [...terms, [got.gradNorm, want.gradNorm]];
}
