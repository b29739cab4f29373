import type { EngineConfig } from '../config/experiment.ts';
import { elementCount, parameterShapes } from '../config/parameterShapes.ts';
import type { Real, RealTensor, RealTensors } from './arrays.ts';
import { addInto, zerosLike } from './arrays.ts';

/** Values of a parameter; throws when the model has none of that name. */
export function valuesOf(tensors: RealTensors, name: string): Real {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`reference: no tensor "${name}"`);
  return tensor.data;
}

/** Zeros under the same names, shapes and precision. */
export function zeroTensors(tensors: RealTensors): RealTensors {
  const zero = ({ shape, data }: RealTensor) => ({ shape, data: zerosLike(data) });
  return new Map([...tensors].map(([name, tensor]) => [name, zero(tensor)]));
}

/** Deep copies, in the given precision. */
export function copyTensors(
  tensors: ReadonlyMap<string, RealTensor>,
  precision: 'float32' | 'float64',
): RealTensors {
  const copy = (data: Real) =>
    precision === 'float32' ? Float32Array.from(data) : Float64Array.from(data);
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: copy(data) }]),
  );
}

/** Adds a gradient to the tensor of that name: tied weights and shared groups add up. */
export function addGradient(grads: RealTensors, name: string, gradient: Real): void {
  addInto(valuesOf(grads, name), gradient);
}

/** Throws unless the tensors are exactly the model's parameters, in names and sizes. */
export function checkParameters(config: EngineConfig, tensors: RealTensors): void {
  const entries = parameterShapes(config);
  for (const { name, shape } of entries) {
    const found = valuesOf(tensors, name).length;
    if (found !== elementCount(shape)) {
      throw new Error(
        `reference: ${name} has ${found} elements, [${shape}] needs ${elementCount(shape)}`,
      );
    }
  }
  if (tensors.size !== entries.length) {
    const known = new Set(entries.map(({ name }) => name));
    const extra = [...tensors.keys()].filter((name) => !known.has(name));
    throw new Error(`reference: the model has no parameter ${extra.join(', ')}`);
  }
}
