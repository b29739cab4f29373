import { describe, expect, it } from 'vitest';
import type { LossesConfig } from '../../src/config/auxTerms.ts';
import { routerGradients } from '../../src/config/checks/routerGradient.ts';
import type { EngineConfig, RouterConfig, Slot } from '../../src/config/experiment.ts';
import { hashChain, normalDraws } from '../../src/config/hash.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import type { RealTensors } from '../../src/reference/arrays.ts';
import { backward, forward } from '../../src/reference/model.ts';
import { trainingMode } from '../../src/reference/moeLayer.ts';
import { trainingConfig } from './config.ts';

const ffn: Slot = { kind: 'ffn', hidden: 3 };
const zero: Slot = { kind: 'zero' };
const copy: Slot = { kind: 'copy' };
const constant: Slot = { kind: 'constant' };
const negated: Slot = { kind: 'negated', of: 0 };

const GATES = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
] as const;

const top = (k: 1 | 2 | 3) => ({ kind: `top-${k}` as const });
const SELECTIONS: Record<string, Partial<RouterConfig>> = {
  'K = 1': { K: 1 },
  'K = 2': { K: 2 },
  'K = 9': { K: 9 },
  'P = 0': { selection: 'topp', P: 0 },
  'P = 0.16': { selection: 'topp', P: 0.16 },
  'P = 0.9': { selection: 'topp', P: 0.9 },
  'q = 0': { selection: 'randomDrop', q: 0 },
  'q = 1': { selection: 'randomDrop', q: 1 },
  'top-1': { selection: 'adaptive', policy: [top(1), top(1), top(1)] },
  'top-1, top-2, top-1': { selection: 'adaptive', policy: [top(1), top(2), top(1)] },
  'α = 0': {
    selection: 'adaptive',
    policy: [
      { kind: 'dynamic', alpha: 0, beta: 0 },
      top(3),
      { kind: 'dynamic', alpha: 0.99, beta: 0.9 },
    ],
  },
};

const SPACES: Record<string, EngineConfig['experts']> = {};
for (const [name, slots] of Object.entries({
  f: [ffn],
  ff: [ffn, ffn],
  fffff: [ffn, ffn, ffn, ffn, ffn],
  fz: [ffn, zero],
  fzz: [ffn, zero, zero],
  zz: [zero, zero],
  z: [zero],
  cz: [copy, zero],
  fnz: [ffn, negated, zero],
  fnkcz: [ffn, negated, constant, copy, zero],
})) {
  SPACES[name] = { slots, sharedHidden: 0 };
}
SPACES['ff, f, fz'] = {
  slots: [ffn, ffn],
  perLayer: { 1: [ffn], 2: [ffn, zero] },
  sharedHidden: 2,
};
SPACES['ff, zz, f'] = {
  slots: [ffn, ffn],
  perLayer: { 1: [zero, zero], 2: [ffn] },
  sharedHidden: 0,
};

const LOSSES: Record<string, LossesConfig> = {
  none: {},
  switch: { switch: { alpha: 0.1 } },
  heterogeneous: { heterogeneous: { beta: 0.2 } },
  ternary: { ternary: { alpha1: 0.3 } },
  reward: { reward: { alpha2: 0.2 } },
  dynamic: { dynamic: { w: 0.1 } },
};

function configOf(
  router: Partial<RouterConfig>,
  experts: EngineConfig['experts'],
  losses: LossesConfig,
): EngineConfig {
  const base = trainingConfig([]);
  return {
    ...base,
    model: { ...base.model, V: 24, D: 8, H: 1, denseHidden: 3, keyNorm: false },
    router: { ...base.router, noise: false, gatingResidual: false, capacity: null, ...router },
    experts,
    losses,
    batch: { B: 5, S: 5 },
  };
}

/** Large weights, so that no gradient is small by chance. */
function draw(config: EngineConfig, seed: number): RealTensors {
  return new Map(
    parameterShapes(config).map(({ name, shape }) => {
      const data = Float64Array.from(normalDraws(seed, name, elementCount(shape), 0.5));
      return [name, { shape, data: shape.length === 1 ? data.map((x) => 1 + x) : data }];
    }),
  );
}

/** Largest element of the router's gradients in every MoE layer. */
function largestGradients(config: EngineConfig, seed: number): number[] {
  const params = draw(config, seed);
  const T = config.batch.B * config.batch.S;
  const tokens = Array.from({ length: T }, (_, t) => hashChain(seed, t) % config.model.V);
  const batch = { tokens, targets: tokens.map((token) => (token * 3 + 1) % config.model.V) };
  const grads = backward(forward({ params, batch }, config, trainingMode(1)).trace, params, config);
  return Array.from({ length: config.model.L }, (_, l) => {
    const own = [...grads].filter(([name]) => name.startsWith(`layers.${l}.moe.router.`));
    return Math.max(...own.flatMap(([, { data }]) => [...data].map(Math.abs)));
  });
}

/** Draws: in one of them, some token has the choice that gives every other router a gradient. */
const SEEDS = [5, 6, 7, 8];

/** What the remark says of every layer, beside what the reference computes. */
function compare(config: EngineConfig, where: string): void {
  const told = routerGradients(config);
  const largest = new Array<number>(config.model.L).fill(0);
  const isSeen = () =>
    told.every(({ layer, task, auxiliary }) => largest[layer]! > 1e-9 || !(task || auxiliary));
  for (const seed of SEEDS) {
    largestGradients(config, seed).forEach((value, l) => {
      largest[l] = Math.max(largest[l]!, value);
    });
    if (isSeen()) break;
  }
  // Terms whose weights are all alike cancel to rounding, not to 0.
  const rounding = Object.keys(config.losses).length === 0 ? 0 : 1e-15;
  for (const { layer, task, auxiliary } of told) {
    const name = `${where}, layer ${layer}`;
    if (task || auxiliary) expect(largest[layer], name).toBeGreaterThan(1e-9);
    else expect(largest[layer], name).toBeLessThanOrEqual(rounding);
  }
}

describe.each(GATES)('the router’s gradient with %s weights is where the remark says', (gate) => {
  it.each(Object.keys(SELECTIONS))('%s', (selection) => {
    for (const [space, experts] of Object.entries(SPACES)) {
      const check = (term: string, extras: Partial<RouterConfig> = {}) => {
        const router = { ...SELECTIONS[selection], ...extras, gate };
        const where = `${space}, ${term}, ${JSON.stringify(extras)}`;
        compare(configOf(router, experts, LOSSES[term]!), where);
      };
      for (const term of Object.keys(LOSSES)) check(term);
      check('none', { gatingResidual: true, noise: true });
      check('ternary', { gatingResidual: true });
    }
  });
});

it('a term of weight 0 gives none', () => {
  const losses = { switch: { alpha: 0 }, dynamic: { w: 0 } };
  compare(configOf({ K: 1, gate: 'renormalized' }, SPACES.ff!, losses), 'ff');
});
