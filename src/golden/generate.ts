import type { EngineConfig } from '../config/experiment.ts';
import { normalDraws } from '../config/hash.ts';
import { isMoeLayer, slotsOfLayer } from '../config/layers.ts';
import { elementCount, type ParameterEntry, parameterShapes } from '../config/parameterShapes.ts';
import type { SafeTensor } from '../data/safetensors.ts';
import type { Trace } from '../reference/model.ts';
import { isWellConditioned } from './conditioning.ts';
import { drawConfig, type Features } from './drawConfig.ts';
import { Draws } from './draws.ts';
import type { TrainCase, TrainExpected } from './format.ts';
import { selectionMargin } from './margin.ts';
import { trainReference } from './referenceSubject.ts';
import type { GoldenTensor, TrainCaseInput, TrainCaseOutput } from './subject.ts';
import { toleranceOf } from './tolerance.ts';

export interface GenerateOptions {
  features: Features;
}

/** Smallest distance to another selection that a case may have. */
const MIN_MARGIN = 1e-4;
/** Starts that are tried with one configuration, and configurations that are tried with one seed. */
const STARTS = 12;
const CONFIGURATIONS = 40;

/** How unevenly the router chooses. */
interface RoutingStyle {
  /** Factor on the router's weights. */
  sharpness: number;
  /** Standard deviation of the router's bias. */
  biasStd: number;
}

const STYLES: readonly RoutingStyle[] = [
  { sharpness: 1.5, biasStd: 0.5 },
  { sharpness: 1.5, biasStd: 0.5 },
  { sharpness: 4, biasStd: 0.5 },
  { sharpness: 1, biasStd: 6 },
];

/** Start values at which every part of the network matters; norms and biases are random too. */
function drawParameter(
  { name, shape, start }: ParameterEntry,
  seed: number,
  style: RoutingStyle,
): Float32Array {
  const count = elementCount(shape);
  const draws = (std: number) => normalDraws(seed, name, count, std);
  const inputs = shape.at(-1)!;
  if (start.kind === 'state') return draws(0.1);
  if (start.kind === 'one') return draws(0.2).map((x) => 1 + x);
  if (start.kind === 'routerBias') return draws(style.biasStd);
  if (start.kind === 'unitNormal' || name === 'embed.weight') return draws(1);
  if (name.endsWith('.router.weight')) return draws(style.sharpness / Math.sqrt(inputs));
  return draws(1 / Math.sqrt(inputs));
}

function drawInput(
  config: EngineConfig,
  steps: number,
  { seed, style }: { seed: number; style: RoutingStyle },
): TrainCaseInput {
  const parameters = new Map(
    parameterShapes(config).map((entry) => [
      entry.name,
      { shape: entry.shape, data: drawParameter(entry, seed, style) },
    ]),
  );
  const draws = new Draws(seed, 'batches');
  const T = config.batch.B * config.batch.S;
  const tokens = () => Uint32Array.from({ length: T }, () => draws.int(0, config.model.V - 1));
  const batches = Array.from({ length: steps }, () => ({ tokens: tokens(), targets: tokens() }));
  return { config, parameters, batches };
}

/** What batch 0 exercises per MoE layer. */
function factsOf(trace: Trace): TrainCase['facts'] {
  const facts: TrainCase['facts'] = {};
  trace.layers.forEach(({ ffn }, l) => {
    if (ffn.kind !== 'moe') return;
    const { routing, dispatch, slots } = ffn.saved;
    const selections = new Array<number>(slots.length).fill(0);
    for (const slot of routing.selected_TW) if (slot >= 0) selections[slot]!++;
    facts[String(l)] = { selections, dropped: dispatch.dropped_TW.reduce((a, b) => a + b, 0) };
  });
  return facts;
}

function toSafeTensor({ shape, data }: GoldenTensor): SafeTensor {
  return data instanceof Int32Array
    ? { dtype: 'I32', shape, data }
    : { dtype: 'F32', shape, data: Float32Array.from(data) };
}

function expectedOf({ tensors, steps, capacity }: TrainCaseOutput): TrainExpected {
  const first = steps[0]!;
  return {
    tensors: new Map([...tensors].map(([name, tensor]) => [name, toSafeTensor(tensor)])),
    losses: first.loss,
    gradNorm: first.gradNorm,
    steps,
    capacity,
  };
}

/**
 * A start of the configuration as a case, or null when it is too close to another selection or so
 * ill-conditioned that rounding decides its figures.
 */
function tryStart(input: TrainCaseInput): Omit<TrainCase, 'name' | 'covers' | 'initSeed'> | null {
  const { config } = input;
  let margin = Number.POSITIVE_INFINITY;
  let facts: TrainCase['facts'] | null = null;
  const output = trainReference(input, 'float64', ({ trace }) => {
    margin = Math.min(margin, selectionMargin(trace, config));
    facts ??= factsOf(trace);
  });
  if (margin < MIN_MARGIN) return null;
  const expected = expectedOf(output);
  const tolerance = toleranceOf(expected, trainReference(input, 'float32'), config.optimizer.eps);
  if (tolerance === null || !isWellConditioned(input, expected, tolerance)) return null;
  return {
    ...input,
    kind: 'train',
    note: '',
    margin: Number.isFinite(margin) ? margin : null,
    tolerance,
    expected,
    facts: facts ?? {},
  };
}

function moeLayers(model: EngineConfig['model']): number[] {
  return Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
}

/** For people: what the case is about, in a line. */
function describe({ model, router, experts, batch }: EngineConfig): string {
  const spaces = moeLayers(model).map((l) => slotsOfLayer(experts, l).length);
  const parts = [
    `B=${batch.B} S=${batch.S} D=${model.D} L=${model.L} V=${model.V}`,
    typeof model.arrangement === 'string' ? model.arrangement : `layers ${model.arrangement}`,
    model.positions,
    `${model.H}/${model.Hkv} heads`,
    `R=${spaces.join('/') || 0} K=${router.K} ${router.selection} ${router.gate}`,
  ];
  if (model.tied) parts.push('tied');
  if (model.keyNorm) parts.push('key norm');
  if (router.bias) parts.push('bias');
  if (router.noise) parts.push('noise');
  if (router.gatingResidual) parts.push('residual');
  if (router.capacity !== null) parts.push(`capacity ${router.capacity}`);
  if (router.score !== 'softmax') parts.push(router.score);
  if (router.biasRule !== null) parts.push(`${router.biasRule.kind} rule`);
  if (router.pool !== null) parts.push('pool');
  if (router.frozen) parts.push('frozen');
  return parts.join(', ');
}

/**
 * The random case of a seed in the golden format, its expected numbers from the float64 reference
 * and its tolerances from a float32 run. Starts that lie within 1e-4 of another selection and
 * ill-conditioned ones (conditioning.ts) are passed over. Throws when none is found.
 */
export function generateCase(seed: number, { features }: GenerateOptions): TrainCase {
  const name = `generated-${features}-${seed}`;
  for (let c = 0; c < CONFIGURATIONS; c++) {
    const draws = new Draws(seed, `${name}/${c}`);
    const { config, steps } = drawConfig(draws, features);
    const style = draws.pick(STYLES);
    for (let i = 0; i < STARTS; i++) {
      const initSeed = draws.int(0, 2 ** 31);
      const found = tryStart(drawInput(config, steps, { seed: initSeed, style }));
      if (found !== null) return { ...found, name, covers: describe(config), initSeed };
    }
  }
  throw new Error(`generateCase: no case for seed ${seed} in ${CONFIGURATIONS * STARTS} tries`);
}
