/** Tokens per second of students with 0, 1, … converted layers, measured in turn on one device. */
import { stepCosts } from '../../accounting/costs.ts';
import { paperCounts } from '../../accounting/parameters.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import { hashChain } from '../../config/hash.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { Batch } from '../../data/types.ts';
import type { TrainingDevice } from '../device/trainingDevice.ts';
import { type Engine, type EngineState, MOST_TEXTS } from '../engine/engine.ts';
import type { Speed, Throughput, ThroughputRow } from './conversion.ts';

/** Most GPU memory that all students together may take. */
const MOST_BYTES = 2 ** 31;
/** Tokens that every text is gone on with in a round. */
const DECODED = 8;
/** Most rounds. */
export const MOST_ROUNDS = 50;

/** One whose FFNs have at least 70 % of the dense model's forward FLOPs (docs/model.md, "Accounting"). */
export const DEMANDING = {
  model: { V: 256, D: 128, L: 4, H: 4, Hkv: 4, denseHidden: 1024 },
  batch: { B: 8, S: 128 },
} as const;

/** A dense experiment in the demanding shape. */
export function demanding(teacher: Experiment): Experiment {
  const model = { ...teacher.model, ...DEMANDING.model, arrangement: 'dense' as const };
  return { ...teacher, model, batch: DEMANDING.batch };
}

/** Part of a model's forward FLOPs that its dense FFNs have. */
export function denseShare(config: EngineConfig): number {
  const { forward } = stepCosts(config);
  const all = Object.values(forward).reduce((sum, { flops }) => sum + flops, 0);
  return forward.dense.flops / all;
}

export interface Timed {
  config: EngineConfig;
  /** Null: untrained weights. */
  state: EngineState | null;
  initStd: number;
  seedInit: number;
}

export interface Timing {
  /** The dense model first, then with ever more converted layers. */
  models: readonly Timed[];
  shape: Throughput['shape'];
  rounds: number;
  /** Of text; null: any tokens. */
  batch: Batch | null;
  domains: number;
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

function anyBatch({ model: { V }, batch: { B, S } }: EngineConfig): Batch {
  const token = (t: number) => hashChain(7, t) % V;
  const T = B * S;
  return {
    tokens: Uint32Array.from({ length: T }, (_, t) => token(t)),
    targets: Uint32Array.from({ length: T }, (_, t) => token(t + 1)),
    domains: new Uint8Array(T),
  };
}

/** Value at a share of sorted numbers, linear between two. */
function at(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

export function speedOf(rounds: readonly number[]): Speed {
  const sorted = [...rounds].sort((a, b) => a - b);
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75), rounds };
}

/** Tokens per second of a piece of work. */
async function timed(tokens: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (1000 * tokens) / Math.max(performance.now() - begun, 1e-3);
}

/** One round of a model: whole windows, and then texts that are gone on with. */
async function round(engine: Engine, batch: Batch): Promise<{ prefill: number; decode: number }> {
  const { B, S } = engine.config.batch;
  const options = { capacity: false, routing: false };
  const prefill = await timed(B * S, () => engine.evaluate(batch, { capacity: false }));
  const steps = Math.max(1, Math.min(DECODED, Math.floor(S / 2) - 1));
  const rows = Array.from({ length: Math.min(B, MOST_TEXTS) }, (_, b) => b * S);
  const textsOf = (length: number) => rows.map((row) => batch.tokens.subarray(row, row + length));
  const start = Math.floor(S / 2);
  await engine.next(textsOf(start), options);
  const decode = await timed(rows.length * steps, async () => {
    for (let i = 1; i <= steps; i++) await engine.next(textsOf(start + i), options);
  });
  return { prefill, decode };
}

const percent = (factor: number) => `${Math.abs((factor - 1) * 100).toFixed(0)} %`;

/** What happened to a speed between the dense model and the one with most converted layers. */
function changeOf(what: string, dense: Speed, converted: Speed): string {
  const factor = converted.median / dense.median;
  if (converted.low > dense.high) return `${what} is ${percent(factor)} faster`;
  if (converted.high < dense.low) return `${what} is ${percent(factor)} slower`;
  return `${what} is not told apart from the dense model’s (medians differ by ${percent(factor)}, within the spread)`;
}

/** Which way it went on this adapter, in two sentences. */
export function verdictOf(adapter: string, rows: readonly ThroughputRow[]): string {
  const [dense, last] = [rows[0], rows.at(-1)];
  if (dense === undefined || last === undefined || rows.length < 2)
    return `On ${adapter} nothing was compared: no layer is converted.`;
  const active = ((100 * last.active) / dense.active).toFixed(0);
  return (
    `On ${adapter}, with ${last.layers.length} of the layers converted, a token uses ${active} % of the dense model’s active parameters. ` +
    `${changeOf('Prefill', dense.prefill, last.prefill)}, and ${changeOf('decoding', dense.decode, last.decode)}.`
  );
}

async function openAll(
  device: TrainingDevice,
  { models, domains }: Timing,
  engines: Engine[],
): Promise<void> {
  for (const { config, state, initStd, seedInit } of models) {
    const engine = await device.createEngine(config, { domains, initStd, seedInit });
    engines.push(engine);
    if (state !== null) engine.loadState(state);
    const needed = engine.gpuBytes * models.length;
    if (needed > MOST_BYTES)
      throw new RangeError(
        `ladimo: ${models.length} students need about ${needed} bytes of GPU memory together; at most ${MOST_BYTES} are taken`,
      );
  }
}

/**
 * Measures all models in turn, round by round, in one process on one device, on which nothing else may
 * run meanwhile. A first round, in which kernels are compiled, is left out.
 * @throws the signal's reason; RangeError for more memory than is taken
 */
export async function measureThroughput(
  device: TrainingDevice,
  timing: Timing,
): Promise<Throughput> {
  const { models, rounds, shape, signal, onProgress } = timing;
  const engines: Engine[] = [];
  try {
    await openAll(device, timing, engines);
    const dense = models[0]!.config;
    const batch = timing.batch ?? anyBatch(dense);
    const times = engines.map(() => ({ prefill: [] as number[], decode: [] as number[] }));
    for (let r = 0; r <= rounds; r++)
      for (const [i, engine] of engines.entries()) {
        signal.throwIfAborted();
        const { prefill, decode } = await round(engine, batch);
        onProgress(r * engines.length + i + 1, (rounds + 1) * engines.length);
        if (r === 0) continue;
        times[i]!.prefill.push(prefill);
        times[i]!.decode.push(decode);
      }
    const rows = models.map(({ config }, i) => ({
      layers: layerSpaces(config).map(({ layer }) => layer),
      active: paperCounts(config).Na,
      prefill: speedOf(times[i]!.prefill),
      decode: speedOf(times[i]!.decode),
    }));
    const { D, L, denseHidden } = dense.model;
    const adapter = device.adapter.description;
    const ffnShare = denseShare(dense);
    const verdict = verdictOf(adapter, rows);
    return { adapter, shape, D, L, denseHidden, ...dense.batch, ffnShare, rows, verdict };
  } finally {
    for (const engine of engines) engine.destroy();
  }
}
