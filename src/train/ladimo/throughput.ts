/** Tokens per second of students with 0, 1, … converted layers, measured in turn on one device. */
import { stepCosts } from '../../accounting/costs.ts';
import { paperCounts } from '../../accounting/parameters.ts';
import { LEAST_ROUNDS, ratioOf, toldApart } from '../../analysis/papers/speeds.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import { hashChain } from '../../config/hash.ts';
import { quantile } from '../../config/ladimo.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import { counted } from '../../config/plural.ts';
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
/** Rounds in front that are left out: one compiles kernels, one says how long a value takes. */
const WARM_UPS = 2;
/** Time that a value should take, and how often the work is repeated for it at most. */
const LEAST_MS = 40;
const MOST_REPEATS = 32;
/** Time after which no further round begins. */
const MOST_MS = 120_000;

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

export function speedOf(rounds: readonly number[]): Speed {
  const sorted = [...rounds].sort((a, b) => a - b);
  const at = (share: number) => quantile(sorted, share);
  return { median: at(0.5), low: at(0.25), high: at(0.75), rounds };
}

interface Speeds {
  prefill: number;
  decode: number;
}

/** How often each piece of work is done for one value, so that it takes long enough to be timed. */
type Repeats = Speeds;
const ONCE: Repeats = { prefill: 1, decode: 1 };

/** Milliseconds that something takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return Math.max(performance.now() - begun, 1e-3);
}

/** One round of a model: whole windows, and then texts that are gone on with; tokens per second. */
async function round(engine: Engine, batch: Batch, repeats: Repeats): Promise<Speeds> {
  const { B, S } = engine.config.batch;
  const options = { capacity: false, routing: false };
  const windows = await timed(async () => {
    for (let n = 0; n < repeats.prefill; n++) await engine.evaluate(batch, { capacity: false });
  });
  const steps = Math.max(1, Math.min(DECODED, Math.floor(S / 2) - 1));
  const rows = Array.from({ length: Math.min(B, MOST_TEXTS) }, (_, b) => b * S);
  const textsOf = (length: number) => rows.map((row) => batch.tokens.subarray(row, row + length));
  const start = Math.floor(S / 2);
  let texts = 0;
  for (let n = 0; n < repeats.decode; n++) {
    await engine.next(textsOf(start), options);
    texts += await timed(async () => {
      for (let i = 1; i <= steps; i++) await engine.next(textsOf(start + i), options);
    });
  }
  return {
    prefill: (1000 * B * S * repeats.prefill) / windows,
    decode: (1000 * rows.length * steps * repeats.decode) / texts,
  };
}

/** From a round that was done once. */
function repeatsFor(engine: Engine, once: Speeds): Repeats {
  const { B, S } = engine.config.batch;
  const often = (tokens: number, speed: number) =>
    Math.min(MOST_REPEATS, Math.max(1, Math.ceil((LEAST_MS * speed) / (1000 * tokens))));
  return {
    prefill: often(B * S, once.prefill),
    decode: often(Math.min(B, MOST_TEXTS) * DECODED, once.decode),
  };
}

const percent = (ratio: number) => `${Math.abs((ratio - 1) * 100).toFixed(0)} %`;

/** What happened to a speed between the dense model and the one with most converted layers. */
function changeOf(what: string, dense: Speed, converted: Speed): string {
  const ratio = ratioOf(converted, dense);
  const n = converted.rounds.length;
  const apart = toldApart(ratio, n);
  const spread = `median of the ratios ${ratio.median.toFixed(2)}, eight of ten of ${counted(n, 'round')} from ${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`;
  if (apart !== 0)
    return `${what} is ${percent(ratio.median)} ${apart > 0 ? 'faster' : 'slower'} (${spread})`;
  const why =
    n < LEAST_ROUNDS ? `fewer than ${LEAST_ROUNDS} rounds tell nothing; ${spread}` : spread;
  return `${what} cannot be told apart from the dense model’s here (${why})`;
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

/** All in turn, there in one round and back in the next: whatever drifts meanwhile leans to neither side. */
function order(models: number, round: number): number[] {
  const forward = Array.from({ length: models }, (_, i) => i);
  return round % 2 === 0 ? forward : forward.reverse();
}

/** Values of all rounds, by model. */
async function measureRounds(
  engines: readonly Engine[],
  batch: Batch,
  { rounds, signal, onProgress }: Timing,
): Promise<Record<keyof Speeds, number[]>[]> {
  const speeds = engines.map(() => ({ prefill: [] as number[], decode: [] as number[] }));
  const repeats = engines.map(() => ONCE);
  let begun = 0;
  for (let r = -WARM_UPS; r < rounds; r++) {
    if (r === 0) begun = performance.now();
    if (r >= LEAST_ROUNDS && performance.now() - begun > MOST_MS) break;
    for (const [done, i] of order(engines.length, r + WARM_UPS).entries()) {
      signal.throwIfAborted();
      const engine = engines[i]!;
      const values = await round(engine, batch, repeats[i]!);
      const all = (rounds + WARM_UPS) * engines.length;
      onProgress((r + WARM_UPS) * engines.length + done + 1, all);
      if (r < 0) repeats[i] = repeatsFor(engine, values);
      else for (const name of ['prefill', 'decode'] as const) speeds[i]![name].push(values[name]);
    }
  }
  return speeds;
}

/**
 * Measures all models in turn, round by round, in one process on one device, on which nothing else may
 * run meanwhile. Rounds in which kernels are compiled and caches filled are left out; after
 * `LEAST_ROUNDS` there are no more of them than time allows.
 * @throws the signal's reason; RangeError for more memory than is taken
 */
export async function measureThroughput(
  device: TrainingDevice,
  timing: Timing,
): Promise<Throughput> {
  const { models, shape } = timing;
  const engines: Engine[] = [];
  try {
    await openAll(device, timing, engines);
    const dense = models[0]!.config;
    const speeds = await measureRounds(engines, timing.batch ?? anyBatch(dense), timing);
    const rows = models.map(({ config }, i) => ({
      layers: layerSpaces(config).map(({ layer }) => layer),
      active: paperCounts(config).Na,
      prefill: speedOf(speeds[i]!.prefill),
      decode: speedOf(speeds[i]!.decode),
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
