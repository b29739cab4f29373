import { normalDraws } from './hash.ts';
import { elementCount, type ParameterEntry } from './parameterShapes.ts';

/**
 * Start values of one parameter (docs/model.md, "Initial weights"), row-major in `entry.shape`:
 * a pure function of (row of the table, initStd, seeds.init), the same on every machine.
 */
export function initialWeight(
  entry: ParameterEntry,
  initStd: number,
  seedInit: number,
): Float32Array {
  const count = elementCount(entry.shape);
  switch (entry.start.kind) {
    case 'normal':
      return normalDraws(seedInit, entry.name, count, initStd / entry.start.divisor);
    case 'unitNormal':
      return normalDraws(seedInit, entry.name, count, 1);
    case 'one':
      return new Float32Array(count).fill(1);
    case 'routerBias':
      return Float32Array.from(entry.start.values);
  }
}
