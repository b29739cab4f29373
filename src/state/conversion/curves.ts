/** Losses of layers in training, as they come: they grow in place. */
import type { ConversionEvent, LayerCurves, LayerState } from '../../worker/api.ts';

/** One training of a layer: a loss for each step that was taken. */
export interface GrowingCurves {
  layer: number;
  seed: number;
  mse: number[];
  balance: number[];
}

export type CurvesByLayer = ReadonlyMap<string, GrowingCurves>;

export const curvesKey = (layer: number, seed: number): string => `${layer}:${seed}`;

/** Steps that a layer was trained, over all of its seeds: stored, or told of since. */
export function takenSteps(
  curves: CurvesByLayer,
  { layer, seeds }: Pick<LayerState, 'layer' | 'seeds'>,
): number {
  const of = (seed: number) => curves.get(curvesKey(layer, seed))?.mse.length ?? 0;
  return seeds.reduce((sum, { seed, step }) => sum + Math.max(step, of(seed)), 0);
}

export function curvesOf(all: readonly LayerCurves[]): Map<string, GrowingCurves> {
  return new Map(
    all.map(({ layer, seed, mse, balance }) => [
      curvesKey(layer, seed),
      { layer, seed, mse: [...mse], balance: [...balance] },
    ]),
  );
}

type Steps = Extract<ConversionEvent, { type: 'steps' }>;

function replaceFrom(values: number[], from: number, next: ArrayLike<number>): void {
  values.length = Math.min(values.length, from);
  for (let i = 0; i < next.length; i++) values.push(next[i]!);
}

/** Takes in steps that were taken; what was known from the first of them on is replaced. */
export function takeSteps(curves: Map<string, GrowingCurves>, steps: Steps): void {
  const { layer, seed, firstStep, mse, balance } = steps;
  const key = curvesKey(layer, seed);
  const one = curves.get(key) ?? { layer, seed, mse: [], balance: [] };
  replaceFrom(one.mse, firstStep - 1, mse);
  replaceFrom(one.balance, firstStep - 1, balance);
  curves.set(key, one);
}
