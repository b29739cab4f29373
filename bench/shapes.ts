/** The models and sizes that are measured, and the inputs that all subjects are given. */
import { DEFAULTS_V1 } from '../src/config/defaults.ts';
import { applyChange, engineConfig } from '../src/config/edit.ts';
import type { Change, EngineConfig, Slot } from '../src/config/experiment.ts';
import { hashChain } from '../src/config/hash.ts';
import { initialWeight } from '../src/config/initialWeights.ts';
import { parameterShapes } from '../src/config/parameterShapes.ts';
import type { Batch } from '../src/data/types.ts';
import type { ProductSize } from './subject.ts';

export const SHAPES = {
  S: { V: 64, D: 64, L: 2, H: 4, S: 64, B: 8, hidden: 128 },
  M: { V: 256, D: 128, L: 4, H: 4, S: 128, B: 8, hidden: 256 },
  L: { V: 1024, D: 512, L: 6, H: 8, S: 256, B: 32, hidden: 512 },
} as const;
export type ShapeName = keyof typeof SHAPES;
/** L fills a large GPU and takes a CPU minutes, so that it is measured only where it is asked for. */
export const USUAL_SHAPES: readonly ShapeName[] = ['S', 'M'];

export const PRODUCTS: readonly ProductSize[] = [
  { m: 512, n: 512, k: 512 },
  { m: 1024, n: 256, k: 64 },
  { m: 1024, n: 64, k: 256 },
  { m: 2048, n: 128, k: 128 },
];

/** Invocations of fma.wgsl at scale 1, each of 8 chains of 32 links in 64 turns, two FLOPs a link. */
export const FMA_INVOCATIONS = 16_384;
export const FMA_FLOPS = FMA_INVOCATIONS * 8 * 32 * 64 * 2;
/** Bytes that one run of copy.wgsl reads, and writes, at scale 1. */
export const COPY_BYTES = 16 * 2 ** 20;
/** How much larger both are on an adapter that is done with them too soon; what every device can bind. */
export const PROBE_SCALE = 8;

const EXPERTS = 8;
const K = 2;
export const SEED = 1;
export const INIT_STD = 0.02;
/** Domains that telemetry counts, as with the default mix of corpora. */
export const DOMAINS = 5;

function ffnSlots(count: number, hidden: number): Slot[] {
  return Array.from({ length: count }, () => ({ kind: 'ffn', hidden }));
}

/** Without clipping, which the peers leave out: our kernels measure the norm all the same. */
function configOf(V: number, change: Change): EngineConfig {
  return engineConfig(applyChange(DEFAULTS_V1, { 'optimizer.clip': null, ...change }), V);
}

/**
 * 8 experts, top-2 (renormalised), Switch loss, AdamW without clipping; or the dense twin of the
 * same active width.
 */
export function shapeConfig(name: ShapeName, isDense = false, change: Change = {}): EngineConfig {
  const { V, D, L, H, S, B, hidden } = SHAPES[name];
  return configOf(V, {
    'model.D': D,
    'model.L': L,
    'model.H': H,
    'model.Hkv': H,
    'model.denseHidden': K * hidden,
    'model.arrangement': isDense ? 'dense' : 'full',
    'experts.slots': ffnSlots(EXPERTS, hidden),
    'batch.B': B,
    'batch.S': S,
    ...change,
  });
}

/** Tokens that are decoded in a row, up to the end of the window. */
export const DECODED_TOKENS = 64;
const DECODE_S = 256;

/** M's widths, or the default model, with a window of 256. */
export function decodeConfig(model: 'M' | 'default'): EngineConfig {
  const window = { 'batch.B': 1, 'batch.S': DECODE_S };
  return model === 'M' ? shapeConfig('M', false, window) : configOf(SHAPES.M.V, window);
}

/** M's widths with T = 4096 and `experts` experts of the same width. */
export function scalingConfig(experts: number): EngineConfig {
  return shapeConfig('M', false, {
    'experts.slots': ffnSlots(experts, SHAPES.M.hidden),
    'batch.B': 32,
  });
}

/** Two layers of 8 experts of 64: small enough for thousands of steps. */
export function tinyConfig(): EngineConfig {
  return configOf(64, {
    'model.D': 32,
    'model.L': 2,
    'experts.slots': ffnSlots(EXPERTS, 64),
    'batch.B': 2,
    'batch.S': 16,
  });
}

/** One layer, T 2048, D 128, 8 experts of 512, top-2; `extra` slots behind them. */
export function layerConfig(extra: readonly Slot[] = []): EngineConfig {
  const slots = [...ffnSlots(EXPERTS, 512), ...extra].map((slot) => ({ ...slot }));
  return configOf(16, {
    'model.D': 128,
    'model.L': 1,
    'experts.slots': slots,
    'batch.B': 16,
    'batch.S': 128,
  });
}

/** One layer whose 8 experts of width k have m/8 rows each, top-1, in a model of width n. */
export function productConfig({ m, n, k }: ProductSize): EngineConfig {
  return configOf(16, {
    'model.D': n,
    'model.L': 1,
    'router.K': 1,
    'experts.slots': ffnSlots(EXPERTS, k),
    'batch.B': m / 64,
    'batch.S': 64,
  });
}

/** Start values under their checkpoint names, row-major, maps as [out, in]. */
export function startWeights(config: EngineConfig): Map<string, Float32Array> {
  return new Map(
    parameterShapes(config).map((entry) => [entry.name, initialWeight(entry, INIT_STD, SEED)]),
  );
}

/** The batch that every step of a measurement trains on. */
export function randomBatch({ model, batch }: EngineConfig): Batch {
  const T = batch.B * batch.S;
  const draw = (stream: number) =>
    Uint32Array.from({ length: T }, (_, t) => hashChain(SEED, stream, t) % model.V);
  return { tokens: draw(0), targets: draw(1), domains: new Uint8Array(T) };
}
