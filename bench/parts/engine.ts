/** What only our engine is asked: kernels, scaling with experts, τ, memory, and growth. */
import { estimateMemory } from '../../src/accounting/memory.ts';
import type { Slot } from '../../src/config/experiment.ts';
import type { ProfileRow } from '../../src/train/profile/profileReport.ts';
import type {
  BenchReport,
  ExpertForwardRow,
  GrowthReport,
  KernelRow,
  MemoryReport,
  ScalingRow,
} from '../report.ts';
import type { OpenSession } from '../runner.ts';
import {
  DOMAINS,
  layerConfig,
  type ShapeName,
  scalingConfig,
  shapeConfig,
  tinyConfig,
} from '../shapes.ts';
import type { WorkSpec } from '../subject.ts';
import type { Suite } from '../suite.ts';
import type { Limits } from './limits.ts';
import { type Contender, measureInTurn, withOurs } from './rounds.ts';

const PROFILED_STEPS = 3;
const EXPERT_COUNTS = [8, 16, 32, 64];
const TAUS = [0.1, 0.25, 0.5, 0.75, 1];
/** MoE++'s slots without an FFN, behind 8 with one. */
const ZERO_COMPUTATION: readonly Slot[] = [
  { kind: 'constant' },
  { kind: 'constant' },
  { kind: 'copy' },
  { kind: 'zero' },
];
const FFN_SLOTS = 8;
const GROWTH_STEPS = 5000;

async function enter(session: OpenSession, spec: WorkSpec): Promise<Contender> {
  return { session, id: (await session.prepare(spec, 1)).id };
}

/** Sums over layers and phases; null work stays unknown. */
function kernelRows(rows: readonly ProfileRow[], limits: Limits): KernelRow[] {
  const names = [...new Set(rows.map(({ kernel }) => kernel))];
  return names.map((name) => {
    const own = rows.filter(({ kernel }) => kernel === name);
    const sum = (amount: (row: ProfileRow) => number | null) =>
      own.reduce<number | null>((total, row) => {
        const part = amount(row);
        return total === null || part === null ? null : total + part;
      }, 0);
    const ms = own.reduce((total, row) => total + row.ms, 0);
    const rate = (amount: number | null) =>
      amount === null || ms === 0 ? null : amount / ms / 1e6;
    const gflops = rate(sum(({ flops }) => flops));
    const gbs = rate(sum(({ bytes }) => bytes));
    return {
      name,
      ms,
      calls: own.reduce((total, row) => total + row.calls, 0),
      gflops,
      gbs,
      shareOfFma: gflops === null ? null : gflops / limits.fmaGflops,
      shareOfCopy: gbs === null ? null : gbs / limits.copyGBs,
    };
  });
}

/** Every kernel of a step by timestamps, and the sum of their times over the wall time. */
export function measureKernels(
  suite: Suite,
  shape: ShapeName,
  limits: Limits,
): Promise<{ rows: KernelRow[]; gpuBusy: number }> {
  return withOurs(suite, async (session) => {
    const { id } = await session.prepare({ kind: 'train', config: shapeConfig(shape) }, 2);
    const profile = await session.profile(id, PROFILED_STEPS);
    suite.log(`${shape}: kernels take ${(100 * profile.gpuBusy).toFixed(1)} % of a step's time`);
    return { rows: kernelRows(profile.rows, limits), gpuBusy: profile.gpuBusy };
  });
}

/** Steps without clipping and AdamW at M's widths, T 4096, the same width of every expert. */
export function measureScaling(suite: Suite): Promise<ScalingRow[]> {
  return withOurs(suite, async (session) => {
    const contenders: (Contender & { experts: number })[] = [];
    for (const experts of EXPERT_COUNTS) {
      const spec: WorkSpec = { kind: 'gradients', config: scalingConfig(experts) };
      contenders.push({ experts, ...(await enter(session, spec)) });
    }
    const times = await measureInTurn(contenders, { rounds: suite.rounds, mostRuns: 1 });
    return [...times].map(([{ experts }, { ms }]) => {
      suite.log(`${experts} experts: ${ms.toFixed(0)} ms per step without the optimiser`);
      return { experts, msWithoutOptimizer: ms };
    });
  });
}

/** FFN slots' share of the assignments (MoE++ 8: places in proportion to τ). */
function ffnShare(tau: number): number {
  return (tau * FFN_SLOTS) / (tau * FFN_SLOTS + ZERO_COMPUTATION.length);
}

/** Experts' forward time over τ beside fixed + (plain − fixed)·share. */
export function measureExpertForward(
  suite: Suite,
): Promise<Required<Pick<BenchReport, 'expertForward' | 'fixedMs' | 'plainMs'>>> {
  return withOurs(suite, async (session) => {
    const config = layerConfig(ZERO_COMPUTATION);
    const enterShare = (share: number) => enter(session, { kind: 'expertForward', config, share });
    const plain = await enter(session, { kind: 'expertForward', config: layerConfig(), share: 1 });
    const fixed = await enterShare(0);
    const rows: (Contender & { tau: number })[] = [];
    for (const tau of TAUS) rows.push({ tau, ...(await enterShare(ffnShare(tau))) });
    const { rounds } = suite;
    const times = await measureInTurn([plain, fixed, ...rows], { rounds, mostRuns: 8 });
    const msOf = (one: Contender) => times.get(one)?.ms ?? Number.NaN;
    const [plainMs, fixedMs] = [msOf(plain), msOf(fixed)];
    const expertForward = rows.map((row): ExpertForwardRow => {
      const formula = fixedMs + (plainMs - fixedMs) * ffnShare(row.tau);
      const ms = msOf(row);
      suite.log(`τ ${row.tau}: experts ${ms.toFixed(0)} ms, by the formula ${formula.toFixed(0)}`);
      return { tau: row.tau, ms, formula };
    });
    suite.log(`experts: ${plainMs.toFixed(0)} ms plain, ${fixedMs.toFixed(0)} ms fixed`);
    return { expertForward, fixedMs, plainMs };
  });
}

/** Buffers created and not destroyed while a model trains, beside the estimate of the page. */
export function measureMemory(suite: Suite, shape: ShapeName): Promise<MemoryReport> {
  return withOurs(suite, async (session) => {
    const config = shapeConfig(shape);
    const { id } = await session.prepare({ kind: 'train', config }, 1);
    const { counts } = await session.measure(id, 1);
    const estimatedBytes = estimateMemory(config, null, DOMAINS).total;
    suite.log(`${shape}: ${counts.bytes} bytes of GPU memory, estimated ${estimatedBytes}`);
    return { measuredBytes: counts.bytes, estimatedBytes };
  });
}

/** Memory before and after thousands of steps of the tiny model. */
export function measureGrowth(suite: Suite, steps = GROWTH_STEPS): Promise<GrowthReport> {
  return withOurs(suite, async (session) => {
    const { id } = await session.prepare({ kind: 'train', config: tinyConfig() }, 1);
    const look = async () => {
      const { counts } = await session.measure(id, 100);
      return { gpuBytes: counts.bytes, jsHeap: await session.heapBytes() };
    };
    const before = await look();
    const { ms, counts } = await session.measure(id, steps);
    const after = await look();
    suite.log(`${steps} steps of ${ms.toFixed(1)} ms: ${JSON.stringify({ before, after })}`);
    return {
      steps,
      gpuBytesBefore: before.gpuBytes,
      gpuBytesAfter: after.gpuBytes,
      jsHeapBefore: before.jsHeap,
      jsHeapAfter: after.jsHeap,
      objectsCreated: counts.objects * steps,
    };
  });
}
