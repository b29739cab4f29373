import { hasSelectionBias, selectionBiasName } from './balancing.ts';
import type { EngineConfig, Slot } from './experiment.ts';
import { isMoeLayer, slotsOfLayer } from './layers.ts';

/** How a parameter starts (docs/model.md, "Initial weights"). */
export type StartRule =
  /** Normal draws of standard deviation `initStd / divisor`. */
  | { kind: 'normal'; divisor: number }
  /** Normal draws of standard deviation 1. */
  | { kind: 'unitNormal' }
  | { kind: 'one' }
  /** One value per router slot [R]. */
  | { kind: 'routerBias'; values: readonly number[] }
  /** 0; no parameter but a state, which a rule moves and nothing else. */
  | { kind: 'state' };

/** One row of the parameter table: a tensor under its checkpoint name, row-major, maps as [out, in]. */
export interface ParameterEntry {
  name: string;
  shape: readonly number[];
  start: StartRule;
  /** Whether weight decay applies: tensors of two or more dimensions. */
  decays: boolean;
}

/** Whether a row is a state: without gradient, moments and decay, and 0 where nobody has it yet. */
export function isState({ start }: Pick<ParameterEntry, 'start'>): boolean {
  return start.kind === 'state';
}

type Shape = readonly number[];

function matrix(name: string, shape: Shape, divisor = 1): ParameterEntry {
  return { name, shape, start: { kind: 'normal', divisor }, decays: true };
}

function ones(name: string, length: number): ParameterEntry {
  return { name, shape: [length], start: { kind: 'one' }, decays: false };
}

/** gate, up [hidden, D] and down [D, hidden] of one SwiGLU. */
function swiglu(prefix: string, hidden: number, model: EngineConfig['model']): ParameterEntry[] {
  return [
    matrix(`${prefix}.gate.weight`, [hidden, model.D]),
    matrix(`${prefix}.up.weight`, [hidden, model.D]),
    matrix(`${prefix}.down.weight`, [model.D, hidden], Math.sqrt(2 * model.L)),
  ];
}

function attention(l: number, model: EngineConfig['model']): ParameterEntry[] {
  const { D, H, Hkv, L, keyNorm } = model;
  const Dh = D / H;
  const prefix = `layers.${l}.attn`;
  const entries = [
    ones(`layers.${l}.attn_norm.weight`, D),
    matrix(`${prefix}.q.weight`, [D, D]),
    matrix(`${prefix}.k.weight`, [Hkv * Dh, D]),
    matrix(`${prefix}.v.weight`, [Hkv * Dh, D]),
    matrix(`${prefix}.o.weight`, [D, D], Math.sqrt(2 * L)),
  ];
  if (keyNorm) entries.push(ones(`${prefix}.k_norm.weight`, Dh));
  return entries;
}

/** Start of the router bias: TC-MoE's 0 / −1 / −10 where the model has negated slots, else 0. */
function routerBiasStart(slots: readonly Slot[], modelHasNegated: boolean): number[] {
  return slots.map((slot) => {
    if (!modelHasNegated) return 0;
    if (slot.kind === 'negated') return -1;
    return slot.kind === 'zero' ? -10 : 0;
  });
}

/** Router of a MoE layer; `previousR` is null for the first MoE layer, which has no residual term. */
function router(
  l: number,
  config: EngineConfig,
  previousR: number | null,
  modelHasNegated: boolean,
): ParameterEntry[] {
  const slots = slotsOfLayer(config.experts, l);
  const R = slots.length;
  const { D } = config.model;
  const prefix = `layers.${l}.moe.router`;
  const entries = [matrix(`${prefix}.weight`, [R, D])];
  if (config.router.bias) {
    const values = routerBiasStart(slots, modelHasNegated);
    const start: StartRule = { kind: 'routerBias', values };
    entries.push({ name: `${prefix}.bias`, shape: [R], start, decays: false });
  }
  if (config.router.noise) {
    entries.push(matrix(`${prefix}.noise.weight`, [R, D]), ones(`${prefix}.noise_norm.weight`, R));
  }
  if (config.router.gatingResidual && previousR !== null) {
    entries.push(matrix(`${prefix}.residual.weight`, [R, previousR]));
  }
  return entries;
}

/** FFN experts, constant slots and the shared expert of a MoE layer. */
function experts(l: number, config: EngineConfig): ParameterEntry[] {
  const { D } = config.model;
  const prefix = `layers.${l}.moe`;
  const slots = slotsOfLayer(config.experts, l);
  const entries = slots
    .filter((slot) => slot.kind === 'ffn')
    .flatMap((slot, i) => swiglu(`${prefix}.experts.${i}`, slot.hidden, config.model));
  slots
    .filter((slot) => slot.kind === 'constant')
    .forEach((_, c) => {
      const name = `${prefix}.constants.${c}`;
      const start: StartRule = { kind: 'unitNormal' };
      entries.push({ name: `${name}.vector`, shape: [D], start, decays: false });
      entries.push(matrix(`${name}.mix.weight`, [2, D]));
    });
  if (config.experts.sharedHidden > 0) {
    entries.push(...swiglu(`${prefix}.shared`, config.experts.sharedHidden, config.model));
  }
  return entries;
}

/** What rules move and no gradient (docs/balancing.md, "Selection bias"). */
function selectionBiases(layers: readonly number[], config: EngineConfig): ParameterEntry[] {
  const biased = layers.filter((l) => hasSelectionBias(config, l));
  return biased.map((l) => {
    const R = slotsOfLayer(config.experts, l).length;
    return { name: selectionBiasName(l), shape: [R], start: { kind: 'state' }, decays: false };
  });
}

/**
 * Every parameter of a model in the order of checkpoints: embedding, layers, final norm, head, and
 * behind them the states (docs/model.md, "Parameter names"). The one source of names, shapes, start
 * values and decay.
 */
export function parameterShapes(config: EngineConfig): ParameterEntry[] {
  const { V, D, L, tied, denseHidden } = config.model;
  const moeLayers = Array.from({ length: L }, (_, l) => l).filter((l) =>
    isMoeLayer(config.model, l),
  );
  const modelHasNegated = moeLayers.some((l) =>
    slotsOfLayer(config.experts, l).some((slot) => slot.kind === 'negated'),
  );
  const entries = [matrix('embed.weight', [V, D])];
  let previousR: number | null = null;
  for (let l = 0; l < L; l++) {
    entries.push(...attention(l, config.model), ones(`layers.${l}.ffn_norm.weight`, D));
    if (isMoeLayer(config.model, l)) {
      entries.push(...router(l, config, previousR, modelHasNegated), ...experts(l, config));
      previousR = slotsOfLayer(config.experts, l).length;
    } else {
      entries.push(...swiglu(`layers.${l}.ffn`, denseHidden, config.model));
    }
  }
  entries.push(ones('final_norm.weight', D));
  if (!tied) entries.push(matrix('head.weight', [V, D]));
  return [...entries, ...selectionBiases(moeLayers, config)];
}

/** Number of elements of a shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}
