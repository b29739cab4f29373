/** A surgery on the GPU: parameters and both moments move from one set of buffers to another. */
import { GpuMemory } from '../gpu/memory.ts';
import { PlanBuilder } from '../gpu/plan.ts';
import { readFloats } from '../gpu/readback.ts';
import type { Slice } from '../gpu/slice.ts';
import { moveMatrix, remap, unitImportance } from '../kernels/surgery.ts';
import { constantBuffer } from './experts.ts';
import type { ParameterBuffers } from './parameterBuffers.ts';
import { freshElements, freshMap, type Moves } from './surgeryMoves.ts';
import type { Narrowing, Origins } from './surgeryOrigins.ts';

/** What training knows of every parameter. */
export const TENSOR_SETS = ['values', 'firstMoments', 'secondMoments'] as const;
export type TensorSet = (typeof TENSOR_SETS)[number];
/** Dense arrays of the elements of `Moves.fresh` in their order, per set. */
export type Elements = Record<TensorSet, Float32Array>;

/**
 * Runs dispatches over buffers that live as long as `task`.
 * @throws ModelTooLarge where the GPU has no memory left for them
 */
async function withPlan<T>(
  device: GPUDevice,
  task: (memory: GpuMemory, run: (add: (plan: PlanBuilder) => void) => Promise<void>) => Promise<T>,
): Promise<T> {
  const memory = new GpuMemory(device);
  const noStep = memory.uniform('surgery:step', 16, 'other');
  const run = async (add: (plan: PlanBuilder) => void) => {
    const builder = new PlanBuilder(memory, noStep);
    await memory.allocating(() => add(builder));
    const plan = await builder.build();
    const encoder = device.createCommandEncoder({ label: 'surgery' });
    const pass = encoder.beginComputePass({ label: 'surgery' });
    plan.encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  try {
    return await task(memory, run);
  } finally {
    memory.destroy();
  }
}

/** Importance of the units of every expert that narrows, one array each. */
export function readImportances(
  device: GPUDevice,
  { layout, values: p_N }: ParameterBuffers,
  narrowings: readonly Narrowing[],
  D: number,
): Promise<Float32Array[]> {
  if (narrowings.length === 0) return Promise.resolve([]);
  const offsets = new Map(layout.parameters.map(({ entry, offset }) => [entry.name, offset]));
  const start = (name: string) => {
    const offset = offsets.get(name);
    if (offset === undefined) throw new Error(`surgery: no parameter ${name}`);
    return offset;
  };
  return withPlan(device, async (memory, run) => {
    const U = narrowings.reduce((sum, { hidden }) => sum + hidden, 0);
    const importance_U = await memory.allocating(() =>
      memory.storage('surgery:importance_U', U * 4, 'other'),
    );
    const ranges: [number, number][] = [];
    await run((plan) => {
      let first = 0;
      for (const { layer, expert, hidden: F } of narrowings) {
        const prefix = `layers.${layer}.moe.experts.${expert}`;
        const gate = start(`${prefix}.gate.weight`);
        const up = start(`${prefix}.up.weight`);
        const down = start(`${prefix}.down.weight`);
        unitImportance(plan, { p_N, importance_U }, { D, F, gate, up, down, first });
        ranges.push([first, first + F]);
        first += F;
      }
    });
    const all = await readFloats(device, importance_U);
    return ranges.map(([from, to]) => all.slice(from, to));
  });
}

/** The elements that nothing comes from, in the order in which undoing the surgery wants them. */
export function readRemoved(
  device: GPUDevice,
  buffers: ParameterBuffers,
  inverse: Origins,
): Promise<Elements> {
  const map = freshMap(freshElements(buffers.layout, inverse), 'dense');
  const J = map.length / 2;
  const none = { values: new Float32Array() };
  if (J === 0)
    return Promise.resolve({ ...none, firstMoments: none.values, secondMoments: none.values });
  return withPlan(device, async (memory, run) => {
    const { map_J2, targets } = await memory.allocating(() => ({
      map_J2: constantBuffer(memory, 'surgery:map_J2', map),
      targets: TENSOR_SETS.map((set) => memory.storage(`surgery:${set}`, J * 4, 'other')),
    }));
    await run((plan) => {
      TENSOR_SETS.forEach((set, i) => {
        const target_N = targets[i] as Slice;
        remap(plan, { source_M: buffers[set], map_J2, target_N }, { J });
      });
    });
    const [values, firstMoments, secondMoments] = await Promise.all(
      targets.map(async (slice) => (await readFloats(device, slice)).slice(0, J)),
    );
    return { values, firstMoments, secondMoments } as Elements;
  });
}

/**
 * Fills the new parameters and moments. `to` is all 0 before, its padding stays so.
 * @param fresh values of the elements that come from nowhere
 */
export function moveParameters(
  device: GPUDevice,
  from: ParameterBuffers,
  to: ParameterBuffers,
  moves: Moves,
  fresh: Elements,
): Promise<void> {
  const encoder = device.createCommandEncoder({ label: 'surgery:copies' });
  for (const set of TENSOR_SETS) {
    for (const { from: start, to: end, floats } of moves.copies) {
      const [source, target] = [from[set], to[set]];
      encoder.copyBufferToBuffer(
        source.buffer,
        source.offset + start * 4,
        target.buffer,
        target.offset + end * 4,
        floats * 4,
      );
    }
  }
  device.queue.submit([encoder.finish()]);
  const map = freshMap(moves.fresh, 'buffer');
  const J = map.length / 2;
  if (fresh.values.length !== J)
    throw new RangeError(`surgery: ${fresh.values.length} values for ${J} fresh elements`);
  if (J === 0 && moves.matrices.length === 0) return Promise.resolve();
  return withPlan(device, async (memory, run) => {
    await run((plan) => {
      const places_P = constantBuffer(memory, 'surgery:places_P', moves.places_P);
      const map_J2 = constantBuffer(memory, 'surgery:map_J2', map);
      for (const set of TENSOR_SETS) {
        const target_N = to[set];
        for (const dims of moves.matrices) {
          moveMatrix(plan, { source_M: from[set], places_P, target_N }, dims);
        }
        // Zeros are there already: moments of fresh elements, down columns of new units.
        if (fresh[set].every((x) => x === 0)) continue;
        const words = new Uint32Array(fresh[set].buffer, fresh[set].byteOffset, J);
        const source_M = constantBuffer(memory, `surgery:fresh:${set}`, words);
        remap(plan, { source_M, map_J2, target_N }, { J });
      }
    });
  });
}
