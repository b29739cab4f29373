import { COPY_BYTES, FMA_FLOPS, PROBE_SCALE } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { measureInTurn } from './rounds.ts';

/** A probe that takes longer has enough to do. */
const LONG_MS = 5;

/** What the adapter can do at most, by kernels of the benchmark's own; `adapter` names it. */
export interface Limits {
  adapter: string;
  fmaGflops: number;
  copyGBs: number;
}

export async function measureLimits({ runner, rounds, log }: Suite): Promise<Limits> {
  const session = await runner.start('ours');
  const adapter = await session.open();
  const perMs = async (kind: 'fma' | 'copy', amount: number) => {
    let best = 0;
    for (const scale of [1, PROBE_SCALE]) {
      const one = { session, id: (await session.prepare({ kind, scale }, 1)).id };
      const times = await measureInTurn([one], { rounds, mostRuns: 64, budgetMs: 150 });
      const ms = times.get(one)?.ms ?? Number.NaN;
      best = Math.max(best, (amount * scale) / ms / 1e6);
      // A GPU is done before its start and its end are paid for.
      if (ms > LONG_MS) break;
    }
    return best;
  };
  const limits = {
    fmaGflops: await perMs('fma', FMA_FLOPS),
    copyGBs: await perMs('copy', 2 * COPY_BYTES),
  };
  await session.close();
  log(
    `${adapter}, ${runner.name}: ${limits.fmaGflops.toFixed(1)} GFLOP/s of multiply-adds, ${limits.copyGBs.toFixed(1)} GB/s copied`,
  );
  return { adapter, ...limits };
}
