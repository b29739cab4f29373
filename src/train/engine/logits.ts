import type { Plan } from '../../gpu/plan.ts';
import type { Passes } from './gpuPasses.ts';
import { readRows } from './inspect.ts';

/**
 * Logits [rows, V] of the first tokens of a pass that was run forward. The copies are queued at once, before this
 * returns its promise.
 * @param run queues a plan on the same batch, for logits that come chunk by chunk
 */
export async function readLogits(
  device: GPUDevice,
  { network, logits }: Pick<Passes, 'network' | 'logits'>,
  { rows, V }: { rows: number; V: number },
  run: (plan: Plan) => void,
): Promise<Float32Array> {
  const { chunks, logits_TV } = network.head;
  const all = new Float32Array(rows * V);
  await Promise.all(
    chunks.map(async (chunk, i) => {
      const count = Math.min(chunk.rows, rows - chunk.first);
      if (count <= 0) return;
      const plan = logits[i];
      if (plan !== undefined) run(plan);
      all.set((await readRows(device, logits_TV, count, V)).data, chunk.first * V);
    }),
  );
  return all;
}
