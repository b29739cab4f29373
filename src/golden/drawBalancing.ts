import type { BalanceConfig, LossesConfig } from '../config/auxTerms.ts';
import { hasSelectionBias } from '../config/balancing.ts';
import type { BiasRule, EngineConfig, GateMode, RouterConfig } from '../config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../config/layers.ts';
import { isComputing } from '../config/slots.ts';
import type { Draws } from './draws.ts';

/** Legal combinations of the balancing lab's settings over a configuration (docs/balancing.md). */

type Mechanism = 'none' | 'bias' | 'pool' | 'hash' | 'hashSome' | 'expertChoice';

const MECHANISMS: readonly Mechanism[] = [
  ...(['none', 'bias', 'bias', 'bias', 'pool', 'pool', 'hash'] as const),
  ...(['hashSome', 'hashSome', 'expertChoice', 'expertChoice'] as const),
];
const GATES: readonly GateMode[] = ['softmax', 'renormalized', 'renormalizedWithoutZero'];

function moeLayers({ model }: EngineConfig): number[] {
  return Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
}

/** Whether the budget rule has slots of both kinds in every layer with a bias. */
function canBudget(config: EngineConfig): boolean {
  const biasRule = { kind: 'none' } as const;
  const settings = { ...config, router: { ...config.router, biasRule } };
  return moeLayers(config)
    .filter((l) => hasSelectionBias(settings, l))
    .every((l) => {
      const slots = slotsOfLayer(config.experts, l);
      const N = slots.filter(({ kind }) => isComputing(kind)).length;
      return N > 0 && N < slots.length;
    });
}

function drawRule(draws: Draws, config: EngineConfig, ranksByK: boolean): BiasRule {
  const kinds = ranksByK
    ? (['none', 'sign', 'quantile', 'quantile', 'budget', 'budget'] as const)
    : (['none', 'sign', 'sign', 'sign'] as const);
  const kind = draws.pick(kinds);
  const rate = draws.pick([0.01, 0.05]);
  if (kind === 'none') return { kind };
  if (kind === 'quantile') return { kind, smoothing: draws.pick([0, 0, 0.5, 0.9]) };
  if (kind === 'budget' && canBudget(config))
    return { kind, rate, computing: 0.2 + 0.8 * draws.uniform() };
  return { kind: 'sign', rate, centre: draws.chance(0.5) };
}

function drawBalance(draws: Draws, canUnbias: boolean): BalanceConfig {
  const coefficient = draws.pick([0.01, 0.1, 0.5]);
  const scope = draws.pick(['sequence', 'batch', 'global'] as const);
  const counts = canUnbias && draws.chance(0.4) ? { counts: 'unbiased' as const } : {};
  return scope === 'global'
    ? { coefficient, scope, window: draws.int(1, 3), ...counts }
    : { coefficient, scope, ...counts };
}

/** Router settings that a mechanism turns on; what else has to give way does. */
function drawMechanism(draws: Draws, mechanism: Mechanism, config: EngineConfig): RouterConfig {
  const { router } = config;
  const byK = { ...router, selection: 'topk' as const, P: null, q: null, policy: null };
  const R = Math.min(...moeLayers(config).map((l) => slotsOfLayer(config.experts, l).length));
  const withRule = (settings: RouterConfig) => {
    const ranksByK = settings.selection === 'topk' || settings.selection === 'hash';
    const canQuantile = ranksByK && settings.pool === null;
    const biasRule = drawRule(draws, { ...config, router: settings }, canQuantile);
    return { ...settings, biasRule };
  };
  switch (mechanism) {
    case 'none':
      return router;
    case 'bias':
      return withRule(router.selection === 'adaptive' || draws.chance(0.4) ? byK : router);
    case 'pool': {
      const K = Math.min(router.K, R);
      const min = draws.int(K, R);
      const evaluation = draws.chance(0.5) ? null : draws.int(K, R);
      const pool = draws.chance(0.5)
        ? { size: min, evaluation }
        : { min, max: draws.int(min, R), evaluation };
      const pooled = { ...byK, K, pool, gate: draws.pick(GATES) };
      return draws.chance(0.4) ? withRule(pooled) : pooled;
    }
    case 'hash':
    case 'hashSome': {
      const all = mechanism === 'hash';
      const hashLayers = all ? null : draws.int(1, moeLayers(config).length - 1);
      const gate = draws.pick(all ? [...GATES, 'uniform' as const] : GATES);
      const hashed = { ...byK, selection: 'hash' as const, hashLayers, gate };
      const seeded = { ...hashed, hashSeed: draws.int(0, 2 ** 31) };
      return !all && draws.chance(0.6) ? withRule(seeded) : seeded;
    }
    case 'expertChoice': {
      const gate = draws.pick(['softmax', 'renormalized'] as const);
      return { ...byK, selection: 'expertChoice', gate };
    }
  }
}

/** The losses that the mechanism goes with, and new ones. */
function drawLosses(draws: Draws, mechanism: Mechanism, config: EngineConfig): LossesConfig {
  const { losses, router } = config;
  const zloss = draws.chance(0.4) ? { zloss: { coefficient: draws.pick([0.001, 0.01]) } } : {};
  if (mechanism === 'hash' || mechanism === 'expertChoice') return zloss;
  const { ternary, reward, dynamic, ...plain } = losses;
  const kept = mechanism === 'pool' ? plain : losses;
  const canUnbias = router.selection === 'topk' || router.selection === 'hash';
  const balance = draws.chance(0.6) ? { balance: drawBalance(draws, canUnbias) } : {};
  return { ...kept, ...zloss, ...balance };
}

/** A configuration of all features with the balancing lab's settings. */
export function drawBalancing(draws: Draws, config: EngineConfig): EngineConfig {
  const moe = moeLayers(config).length;
  if (moe === 0) return config;
  const drawn = draws.pick(MECHANISMS);
  const mechanism = drawn === 'hashSome' && moe < 2 ? 'hash' : drawn;
  const router = {
    ...drawMechanism(draws, mechanism, config),
    score: draws.pick(['softmax', 'sigmoid', 'sqrtSoftplus'] as const),
    routeScale: draws.pick([1, 1, 0.5, 2.5]),
    frozen: draws.chance(0.15),
  };
  const next = { ...config, router };
  return { ...next, losses: drawLosses(draws, mechanism, next) };
}
