/** Random requests for the solver, and the answer by trying everything. */
import type { CostConfig } from '../../src/accounting/layerGroups.ts';
import { estimateMemory } from '../../src/accounting/memory.ts';
import { paperCounts } from '../../src/accounting/parameters.ts';
import {
  RESOURCES,
  type Resource,
  type SolveRequest,
  type SolveTarget,
} from '../../src/accounting/solver.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { smallConfig } from './support.ts';

/** Small enough to try every space. */
const BOUNDS = { maxExperts: 6, maxWidth: 80, widthStep: 1 };

/** Seeded choices for one random request. */
function chooser(seed: number) {
  let draws = 0;
  const integer = (from: number, to: number) => from + (hashChain(seed, draws++) % (to - from + 1));
  const pick = <T>(options: readonly T[]): T => options[integer(0, options.length - 1)]!;
  const chance = (percent: number) => integer(0, 99) < percent;
  return { integer, pick, chance };
}

export function randomRequest(seed: number): SolveRequest {
  const { integer, pick, chance } = chooser(seed);
  const D = pick([16, 32]);
  const model = {
    D,
    L: integer(1, 3),
    H: 4,
    Hkv: pick([1, 2, 4]),
    denseHidden: pick([60, 96]),
    arrangement: pick(['full', 'full', '1dense', 'interleave'] as const),
  };
  const batch = { B: pick([1, 4]), S: 16 };
  const template = smallConfig({ model, batch, router: { K: integer(1, 3) } });
  const isDense = chance(30);
  const slots = Array.from(
    { length: integer(2, 6) },
    (): Slot => ({
      kind: 'ffn',
      hidden: integer(4, 70),
    }),
  );
  const reference = smallConfig({
    model: {
      ...model,
      arrangement: isDense ? 'dense' : model.arrangement,
      denseHidden: integer(60, 200),
    },
    batch,
    router: { K: integer(1, 2) },
    experts: { slots, sharedHidden: pick([0, 0, 24]) },
  });
  const target: SolveTarget = { shared: pick(['none', 'matched', 8] as const) };
  if (chance(60)) target.ra = integer(20, 90) / 100;
  if (chance(50)) target.experts = integer(1, 6);
  if (chance(50)) target.K = integer(1, 3);
  if (chance(25)) target.granularity = pick([1.5, 2, 3, 4]);
  else if (chance(15)) target.widths = Array.from({ length: integer(2, 5) }, () => integer(4, 70));
  else if (chance(20))
    target.ratios = pick([
      [3, 1],
      [2, 1, 1],
      [4.5, 0.5, 4, 1],
    ]);
  if (chance(20)) target.negated = true;
  if (chance(20)) target.extra = [{ kind: 'zero' }, { kind: 'copy' }];
  const chosen = RESOURCES.filter(() => chance(30));
  const hold: Resource[] = chosen.length > 0 ? chosen : ['totalParameters'];
  const tokens = integer(2000, 200000);
  if (chance(50))
    return { template, reference: { config: reference, tokens }, hold, target, bounds: BOUNDS };
  return plantedRequest(template, hold, tokens, integer(2, 6), integer(8, 70));
}

/** A request that the given uniform expert space answers. */
function plantedRequest(
  template: CostConfig,
  hold: readonly Resource[],
  tokens: number,
  experts: number,
  width: number,
): SolveRequest {
  const target: SolveTarget = {
    shared: 'matched',
    experts,
    K: Math.min(experts, template.router.K),
  };
  const request = { template, hold, target, bounds: BOUNDS };
  const space = { widths: new Array<number>(experts).fill(width), K: target.K! };
  const config = configOf({ ...request, reference: { config: template, tokens } }, space);
  target.ra = paperCounts(config).ra;
  if (width % 2 === 0) delete target.K;
  return { ...request, reference: { config, tokens } };
}

interface Space {
  widths: number[];
  K: number;
}

/** Every expert space that a request leaves open, without any cleverness. */
export function allSpaces({ template, target }: SolveRequest): Space[] {
  const listed = target.widths ?? target.ratios;
  const given = target.experts ?? listed?.length;
  const isOpen = target.ra !== undefined || target.granularity !== undefined;
  const kept = template.experts.slots.length;
  const mayVaryK =
    target.K === undefined &&
    target.ra !== undefined &&
    (given !== undefined || target.granularity !== undefined);
  const spaces: Space[] = [];
  for (let experts = 1; experts <= BOUNDS.maxExperts; experts++) {
    if (experts !== (given ?? (isOpen ? experts : kept))) continue;
    const R = experts * (target.negated ? 2 : 1) + (target.extra?.length ?? 0);
    for (let K = 1; K <= R; K++) {
      if (!mayVaryK && K !== (target.K ?? template.router.K)) continue;
      for (let width = 1; width <= BOUNDS.maxWidth; width++) {
        const isGiven =
          target.granularity === undefined ||
          width === Math.round(template.model.denseHidden / target.granularity);
        if (isGiven) spaces.push({ widths: widthsOf(target, experts, width), K });
        if (target.widths) break;
      }
    }
  }
  return spaces;
}

function widthsOf({ widths, ratios }: SolveTarget, experts: number, width: number): number[] {
  if (widths) return [...widths];
  const all = ratios ?? new Array<number>(experts).fill(1);
  const total = all.reduce((a, b) => a + b, 0);
  return all.map((ratio) => Math.max(1, Math.round((width * experts * ratio) / total)));
}

export function configOf({ template, target }: SolveRequest, { widths, K }: Space): CostConfig {
  const total = widths.reduce((a, b) => a + b, 0);
  const shared = { none: 0, matched: Math.round((K * total) / widths.length) };
  const slots: Slot[] = [
    ...widths.map((hidden): Slot => ({ kind: 'ffn', hidden })),
    ...(target.negated ? widths.map((_, of): Slot => ({ kind: 'negated', of })) : []),
    ...(target.extra ?? []),
  ];
  return {
    ...template,
    router: { ...template.router, K },
    experts: {
      slots,
      sharedHidden: typeof target.shared === 'number' ? target.shared : shared[target.shared],
    },
  };
}

/** Largest difference of a configuration and a token budget in what is held and targeted. */
export function worstOf(request: SolveRequest, config: CostConfig, tokens: number): number {
  const value = (of: CostConfig, count: number): Record<Resource, number> => {
    const { N, Na, M } = paperCounts(of);
    return {
      totalParameters: N,
      activeParameters: Na,
      flopsPerToken: M,
      trainingCompute: 3 * M * count,
      memory: request.hold.includes('memory') ? estimateMemory(of).total : 1,
    };
  };
  const wanted = value(request.reference.config, request.reference.tokens);
  const own = value(config, tokens);
  const { ra } = request.target;
  const { N, Na } = paperCounts(config);
  return Math.max(
    ...request.hold.map((resource) => Math.abs(own[resource] / wanted[resource] - 1)),
    ra === undefined ? 0 : Math.abs(Na / N / ra - 1),
  );
}

/** The whole number of steps that comes closest to the reference's compute. */
export function bestTokens(request: SolveRequest, config: CostConfig): number {
  const { reference, hold } = request;
  const perToken = paperCounts(reference.config).M / paperCounts(config).M;
  const tokens = reference.tokens * (hold.includes('trainingCompute') ? perToken : 1);
  const T = config.batch.B * config.batch.S;
  return Math.max(1, Math.round(tokens / T)) * T;
}
