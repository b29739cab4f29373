import { normalElement } from './hash.ts';
import { elementCount, type ParameterEntry } from './parameterShapes.ts';

/** Start value of element j of a parameter, before it is rounded to float32. */
export function initialElement(
  { name, start }: ParameterEntry,
  initStd: number,
  seedInit: number,
): (j: number) => number {
  switch (start.kind) {
    case 'normal':
      return normalElement(seedInit, name, initStd / start.divisor);
    case 'unitNormal':
      return normalElement(seedInit, name, 1);
    case 'one':
      return () => 1;
    case 'state':
      return () => 0;
    case 'routerBias':
      return (j) => start.values[j] ?? 0;
  }
}

/**
 * Start values of one parameter (docs/model.md, "Initial weights"), row-major in `entry.shape`:
 * a pure function of (row of the table, initStd, seeds.init), the same on every machine.
 */
export function initialWeight(
  entry: ParameterEntry,
  initStd: number,
  seedInit: number,
): Float32Array {
  const element = initialElement(entry, initStd, seedInit);
  const values = new Float32Array(elementCount(entry.shape));
  for (let j = 0; j < values.length; j++) values[j] = element(j);
  return values;
}
