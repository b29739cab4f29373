import { MEMORY_USES, type MemoryEstimate, type MemoryUse } from '../../../accounting/memory.ts';
import type {
  AdapterSpeed,
  ExpertTime,
  ProfileReport,
  ProfileRow,
  SessionProfile,
} from '../../../worker/api.ts';

/** What some dispatches take together, per step. */
export interface Figures {
  calls: number;
  ms: number;
  /** Part of the sum of all kernels. */
  share: number;
  /** Achieved 10⁹ FLOP/s and 10⁹ bytes/s; NaN where the work is not known. */
  gflopsPerSec: number;
  gbytesPerSec: number;
  /** The larger part of a measured limit; null where the work is not known. */
  limit: { part: number; of: 'product' | 'copy' } | null;
}

export interface KernelFigures extends Figures {
  kernel: string;
  /** By layer; a single entry of null outside the layers. */
  layers: readonly (Figures & { layer: number | null })[];
}

export interface PhaseFigures extends Figures {
  phase: ProfileRow['phase'];
  /** Those that take longest first. */
  kernels: readonly KernelFigures[];
}

function sumOf(rows: readonly ProfileRow[], key: 'calls' | 'ms' | 'flops' | 'bytes'): number {
  return rows.reduce((sum, row) => sum + (row[key] ?? Number.NaN), 0);
}

/** Which of the adapter's measured rates holds these rows up more, and by how much they reach it. */
function limitOf(gflops: number, gbytes: number, speed: AdapterSpeed): Figures['limit'] {
  if (Number.isNaN(gflops + gbytes)) return null;
  const product = gflops / speed.gflopsPerSec;
  const copy = gbytes / speed.gbytesPerSec;
  return product > copy ? { part: product, of: 'product' } : { part: copy, of: 'copy' };
}

function figuresOf(rows: readonly ProfileRow[], { kernelMs, speed }: SessionProfile): Figures {
  const ms = sumOf(rows, 'ms');
  const perSec = (amount: number) => (ms > 0 ? amount / ms / 1e6 : Number.NaN);
  const gflopsPerSec = perSec(sumOf(rows, 'flops'));
  const gbytesPerSec = perSec(sumOf(rows, 'bytes'));
  return {
    calls: sumOf(rows, 'calls'),
    ms,
    share: kernelMs > 0 ? ms / kernelMs : 0,
    gflopsPerSec,
    gbytesPerSec,
    limit: limitOf(gflopsPerSec, gbytesPerSec, speed),
  };
}

function grouped<K>(rows: readonly ProfileRow[], key: (row: ProfileRow) => K): [K, ProfileRow[]][] {
  const groups = new Map<K, ProfileRow[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return [...groups];
}

/** The report's rows by phase, kernel and layer. */
export function phasesOf(report: SessionProfile): PhaseFigures[] {
  const figures = (rows: readonly ProfileRow[]) => figuresOf(rows, report);
  return grouped(report.rows, ({ phase }) => phase).map(([phase, ofPhase]) => ({
    phase,
    ...figures(ofPhase),
    kernels: grouped(ofPhase, ({ kernel }) => kernel)
      .map(([kernel, rows]) => ({
        kernel,
        ...figures(rows),
        layers: grouped(rows, ({ layer }) => layer)
          .map(([layer, ofLayer]) => ({ layer, ...figures(ofLayer) }))
          .sort((a, b) => (a.layer ?? -1) - (b.layer ?? -1)),
      }))
      .sort((a, b) => b.ms - a.ms),
  }));
}

/** FLOPs and bytes of one step; NaN where some kernel's are not known. */
export function workOf(report: ProfileReport): { flops: number; bytes: number } {
  return { flops: sumOf(report.rows, 'flops'), bytes: sumOf(report.rows, 'bytes') };
}

/** Layers whose experts were timed, in order. */
export function expertLayers({ experts }: ProfileReport): number[] {
  return [...new Set(experts.map(({ layer }) => layer))].sort((a, b) => a - b);
}

/** Experts of one layer with their part of the layer's expert time. */
export function expertsOf({ experts }: ProfileReport, layer: number) {
  const chosen = experts.filter((expert) => expert.layer === layer);
  const msOf = ({ forwardMs, backwardMs }: ExpertTime) => forwardMs + backwardMs;
  const total = chosen.reduce((sum, expert) => sum + msOf(expert), 0);
  return chosen.map((expert) => {
    const ms = msOf(expert);
    return { ...expert, ms, share: total > 0 ? ms / total : 0, usPerRow: (1e3 * ms) / expert.rows };
  });
}

export interface MemoryFigures {
  use: MemoryUse;
  /** Bytes of the engine's buffers. */
  measured: number;
  estimated: number;
  /** The largest first, those of different layers together. */
  buffers: readonly { label: string; count: number; bytes: number }[];
}

function isUse(name: string): name is MemoryUse {
  return Object.hasOwn(MEMORY_USES, name);
}

/** Every use that holds or should hold something; buffers of uses without a name count as other. */
export function memoryOf({ buffers }: ProfileReport, { items }: MemoryEstimate): MemoryFigures[] {
  const uses = Object.keys(MEMORY_USES).filter(isUse);
  return uses
    .map((use) => {
      const held = buffers.filter((buffer) => (isUse(buffer.use) ? buffer.use : 'other') === use);
      const alike = new Map<string, { label: string; count: number; bytes: number }>();
      for (const { label, bytes } of held) {
        const name = label.replace(/\blayers\.\d+\b/, 'layers.*');
        const group = alike.get(name) ?? { label: name, count: 0, bytes: 0 };
        alike.set(name, { ...group, count: group.count + 1, bytes: group.bytes + bytes });
      }
      return {
        use,
        measured: held.reduce((sum, { bytes }) => sum + bytes, 0),
        estimated: items
          .filter((item) => item.use === use)
          .reduce((sum, { bytes, buffers: count }) => sum + bytes * count, 0),
        buffers: [...alike.values()].sort((a, b) => b.bytes - a.bytes),
      };
    })
    .filter(({ measured, estimated }) => measured + estimated > 0);
}

const COLUMNS = ['phase', 'kernel', 'layer', 'calls', 'ms', 'flops', 'bytes'] as const;

/** One line per kernel, phase and layer; empty cells where there is no value. */
export function profileCsv({ rows }: ProfileReport): string {
  const lines = rows.map((row) => COLUMNS.map((name) => row[name] ?? '').join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}
