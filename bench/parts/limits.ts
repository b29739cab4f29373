import { COPY_BYTES, FMA_FLOPS } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { type Contender, measureInTurn } from './rounds.ts';

/** What the adapter can do at most, by kernels of the benchmark's own; `adapter` names it. */
export interface Limits {
  adapter: string;
  fmaGflops: number;
  copyGBs: number;
}

export async function measureLimits({ runner, rounds, log }: Suite): Promise<Limits> {
  const session = await runner.start('ours');
  const adapter = await session.open();
  const contend = async (kind: 'fma' | 'copy'): Promise<Contender> => ({
    session,
    id: (await session.prepare({ kind }, 1)).id,
  });
  const [fma, copy] = [await contend('fma'), await contend('copy')];
  const times = await measureInTurn([fma, copy], { rounds, mostRuns: 64, budgetMs: 300 });
  await session.close();
  const perMs = (amount: number, one: Contender) =>
    amount / (times.get(one)?.ms ?? Number.NaN) / 1e6;
  const limits = { fmaGflops: perMs(FMA_FLOPS, fma), copyGBs: perMs(2 * COPY_BYTES, copy) };
  log(
    `${adapter}, ${runner.name}: ${limits.fmaGflops.toFixed(1)} GFLOP/s of multiply-adds, ${limits.copyGBs.toFixed(1)} GB/s copied`,
  );
  return { adapter, ...limits };
}
