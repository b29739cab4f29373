/**
 * EMO's demonstration (2605.06663) at the size of a browser: the same small model trained with document pools
 * and without, and what each domain loses where only its own experts are left.
 */
import type { pruning } from '../analysis/figures/pruning.ts';
import { DEFAULTS_V1 } from '../config/defaults.ts';
import { applyChange } from '../config/edit.ts';
import type { Experiment, JsonValue, Slot } from '../config/experiment.ts';
import type { Sweep } from './sweep.ts';

export const [POOLS_R, POOLS_K] = [16, 2] as const;

const slots = Array.from({ length: POOLS_R }, (): Slot => ({ kind: 'ffn', hidden: 64 }));

/** As EMO trains: balance over a window of steps, z-loss and a shared expert. */
const base: Experiment = applyChange(DEFAULTS_V1, {
  'experts.slots': slots,
  'experts.sharedHidden': 64,
  'router.K': POOLS_K,
  'router.gate': 'softmax',
  'losses.switch.alpha': null,
  'losses.balance': { coefficient: 0.01, scope: 'global', window: 16 },
  'losses.zloss.coefficient': 0.001,
  'optimizer.totalSteps': 400,
  'evaluation.every': 100,
});

/** Without pools, and with pools of K to R experts; the released model is evaluated without any. */
const POOLS: readonly JsonValue[] = [null, { min: POOLS_K, max: POOLS_R, evaluation: null }];

export const POOLS_NAME = 'Document pools (EMO)';

/** Both runs of a seed. */
export function poolsSweep(seed: number): Sweep {
  return {
    format: 1,
    name: POOLS_NAME,
    base,
    axes: [{ path: 'router.pool', values: POOLS }],
    seeds: [seed],
    budget: { of: 'steps', amount: base.optimizer.totalSteps },
  };
}

export type Pruned = ReturnType<typeof pruning.compute>;

/** What a model loses on a domain, in nats: with the experts of that domain alone, and of the others. */
export interface DomainLoss {
  /** Loss with all experts. */
  ce: number;
  own: number;
  /** Mean over the other domains whose experts were kept. */
  others: number;
}

export const SIDES = ['without', 'with'] as const;
export type PoolsSide = (typeof SIDES)[number];

/** Both models of a seed. */
export interface PoolsSeed {
  seed: number;
  /** By domain. */
  losses: Readonly<Record<PoolsSide, readonly DomainLoss[]>>;
}

/** Means of the numbers that are there. */
function mean(values: readonly number[]): number {
  const known = values.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

export function domainLosses({ values: { change, ce } }: Pruned): DomainLoss[] {
  const M = ce.data.length;
  return Array.from(ce.data, (loss, d) => ({
    ce: loss,
    own: change.data[d * M + d] ?? Number.NaN,
    others: mean(
      Array.from({ length: M }, (_, kept) =>
        kept === d ? Number.NaN : (change.data[kept * M + d] ?? Number.NaN),
      ),
    ),
  }));
}

/** Means over the domains that are defined in both models, and in how many pools lose less. */
export interface PoolsMeans {
  mean: Readonly<Record<PoolsSide, DomainLoss>>;
  /** Own loss with pools less that without: below 0 where pools keep more. */
  difference: number;
  better: number;
  domains: number;
}

export function meansOf({ losses }: PoolsSeed): PoolsMeans {
  const known = losses.with.flatMap((one, d) => {
    const other = losses.without[d];
    return other === undefined || !Number.isFinite(one.own - other.own) ? [] : [{ one, other }];
  });
  const over = (of: readonly DomainLoss[]): DomainLoss => ({
    ce: mean(of.map(({ ce }) => ce)),
    own: mean(of.map(({ own }) => own)),
    others: mean(of.map(({ others }) => others)),
  });
  const [withPools, without] = [
    over(known.map(({ one }) => one)),
    over(known.map(({ other }) => other)),
  ];
  return {
    mean: { with: withPools, without },
    difference: withPools.own - without.own,
    better: known.filter(({ one, other }) => one.own < other.own).length,
    domains: known.length,
  };
}

const nats = (value: number) => value.toFixed(3).replace('-', '−');
const signed = (value: number) => (value > 0 ? `+${nats(value)}` : nats(value));

/** Differences below it, a hundredth of a usual loss, are called none. */
const TELLING = 0.02;
const isSmall = (difference: number) => Math.abs(difference) < TELLING;

/** What came out, in a few sentences, whichever way it went. @param kept experts that are left in each layer */
export function poolsSentence(seeds: readonly PoolsSeed[], kept: number): string {
  const all = seeds.map(meansOf);
  const [own, ce] = (['own', 'ce'] as const).map((name) => ({
    without: mean(all.map((one) => one.mean.without[name])),
    with: mean(all.map((one) => one.mean.with[name])),
  })) as [Record<PoolsSide, number>, Record<PoolsSide, number>];
  const difference = own.with - own.without;
  const helped = all.filter((one) => one.difference < 0).length;
  const what = `With the ${kept} of ${POOLS_R} experts per layer that a domain uses most, and no others, the loss of its text changes by ${signed(own.without)} nats on average after training without pools, and by ${signed(own.with)} after training with pools`;
  const amount = `${nats(Math.abs(difference))} ${difference < 0 ? 'less' : 'more'} with pools`;
  const way = isSmall(difference)
    ? `${amount}, below the ${TELLING} nats that would tell something`
    : difference < 0
      ? `${amount}, as EMO says: a domain’s experts do more of its work`
      : `${amount}: at this size and length EMO’s effect does not show`;
  const [only] = all;
  const domains =
    all.length === 1 && only !== undefined
      ? ` (less in ${only.better} of ${only.domains} domains)`
      : '';
  const price = `With all experts the losses are ${nats(ce.without)} and ${nats(ce.with)}.`;
  const trust =
    all.length === 1
      ? 'One seed: another one tells how much of it is chance.'
      : `Less is lost with pools in ${helped} of ${all.length} seeds.`;
  return `${what}: ${way}${domains}. ${price} ${trust}`;
}
