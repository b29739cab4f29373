import { GpuMemory } from '../../src/gpu/memory.ts';
import { type AdapterClass, PlanBuilder } from '../../src/gpu/plan.ts';
import { linearForward } from '../../src/kernels/bodies.ts';
import { STEP_BYTES } from '../../src/kernels/step.ts';
import { productInputs } from '../inputs.ts';
import type { ProductSize, Work } from '../subject.ts';
import { encodeAll, passWork, writeSlice } from './dispatches.ts';

/** The engine's linear map: y_TN = x_TK · w_NKᵀ. */
export async function productWork(
  device: GPUDevice,
  size: ProductSize,
  adapterClass: AdapterClass,
): Promise<Work> {
  const { m, n, k } = size;
  const memory = new GpuMemory(device);
  const inputs = productInputs(size);
  const io = {
    x_TK: memory.storage('bench:x', m * k * 4, 'bench'),
    w_NK: memory.storage('bench:w', n * k * 4, 'bench'),
    y_TN: memory.storage('bench:y', m * n * 4, 'bench'),
  };
  writeSlice(device, io.x_TK, Float32Array.from(inputs.x));
  writeSlice(device, io.w_NK, Float32Array.from(inputs.w));
  const builder = new PlanBuilder(
    memory,
    memory.uniform('step', STEP_BYTES, 'bench'),
    adapterClass,
  );
  linearForward(builder, io, { T: m, N: n, K: k });
  const { dispatches } = await builder.build();
  return passWork(device, encodeAll(dispatches), io.y_TN, () => memory.destroy());
}
