/** What the scalars of a step say: numbers that broke, auxiliary losses out of their range. */
import { AUX_TERMS, type AuxTerm } from '../../config/auxTerms.ts';
import { layerSelection } from '../../config/balancing.ts';
import type { Experiment } from '../../config/experiment.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import { type LayerSpace, SCALARS, type ScalarName } from '../../config/telemetry.ts';
import type { RunSource } from '../source.ts';
import { OFF_STEPS } from './loads.ts';
import type { Segment } from './segments.ts';
import type { Seen } from './stretches.ts';

/** Relative room for rounding, and for a batch whose counts are no part of a whole. */
const ROOM = 0.01;

/**
 * Most that the routing weights of a token's null slots sum to in a layer. Weights that are shares sum to
 * 1 at most; raw scores by sigmoid are each below 1, those by softplus have no bound.
 */
function mostNullWeight({ router }: Experiment, { kinds, ranks }: LayerSpace): number {
  const { gate, score, routeScale } = router;
  if (gate !== 'softmax' || score === 'softmax') return routeScale;
  if (score === 'sqrtSoftplus') return Number.POSITIVE_INFINITY;
  return routeScale * Math.min(ranks, kinds.filter((kind) => kind === 'zero').length);
}

/**
 * Least and most that an auxiliary loss of all layers should be; null where it is off, or has no such
 * range. The balance loss of Switch can fall below a balanced router's α per layer, but only where the
 * slots that most tokens choose have less than their part of the mean scores: it no longer balances.
 * Hash layers, whose loads come from the text, have no loss with such a range.
 */
export function auxAllowed(term: AuxTerm, experiment: Experiment): [number, number] | null {
  const { losses } = experiment;
  const spaces = layerSpaces(experiment).filter(
    ({ layer }) => layerSelection(experiment, layer) !== 'hash',
  );
  const over = (of: (R: number) => number) =>
    spaces.reduce((total, { slots }) => total + of(slots), 0);
  switch (term) {
    case 'switch':
      return losses.switch === undefined
        ? null
        : [over(() => losses.switch!.alpha), over((R) => losses.switch!.alpha * R)];
    case 'heterogeneous':
      return losses.heterogeneous === undefined ? null : [0, Number.POSITIVE_INFINITY];
    case 'reward': {
      if (losses.reward === undefined) return null;
      const { alpha2 } = losses.reward;
      const most = spaces.reduce((sum, space) => sum + mostNullWeight(experiment, space), 0);
      return [alpha2 === 0 ? 0 : 0 - alpha2 * most, 0];
    }
    case 'dynamic':
      return losses.dynamic === undefined
        ? null
        : [0, over((R) => losses.dynamic!.w * Math.log(R))];
    case 'zloss':
      return losses.zloss === undefined ? null : [0, Number.POSITIVE_INFINITY];
    case 'balance':
      return losses.balance === undefined
        ? null
        : [0, over((R) => losses.balance!.coefficient * R)];
    case 'ternary':
      return null;
  }
}

function isOutside(value: number, [least, most]: readonly [number, number]): boolean {
  return value < least - ROOM * Math.abs(least) || value > most + ROOM * Math.abs(most);
}

const isTerm = (name: ScalarName): name is AuxTerm =>
  (AUX_TERMS as readonly string[]).includes(name);

/** What must be finite. A term that is off is no part of the total, and older records have none of it. */
const finiteNames = ({ losses }: Experiment): readonly ScalarName[] =>
  SCALARS.filter((name) => name !== 'lr' && (!isTerm(name) || losses[name] !== undefined));

/** Looks at single steps of a run; steps whose records were lost say nothing. */
export function stepChecks(source: RunSource, segments: readonly Segment[]) {
  const lines = new Map(SCALARS.map((name) => [name, source.line(name)]));
  const rules = segments.map(({ experiment }) => ({
    finite: finiteNames(experiment),
    ranges: AUX_TERMS.map((term) => [term, auxAllowed(term, experiment)] as const),
  }));
  const at = (name: ScalarName, step: number) => {
    const { values, firstStep } = lines.get(name)!;
    return values[step - firstStep] ?? Number.NaN;
  };
  const has = (name: ScalarName) => lines.get(name)!.values.length > 0;
  return (step: number, see: (seen: Seen) => void) => {
    if (!Number.isFinite(at('lr', step))) return;
    const here = { layer: null, slot: null, first: step, last: step, weight: 1 };
    const segment = segments.findLastIndex(({ firstStep }) => firstStep <= step);
    const { finite = [], ranges = [] } = rules[Math.max(0, segment)] ?? {};
    for (const name of finite) {
      if (!has(name)) continue;
      const value = at(name, step);
      const allowed = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
      const isOff = !Number.isFinite(value);
      see({ ...here, check: 'nonFinite', of: name, value, allowed, isOff, needed: 1 });
    }
    for (const [term, allowed] of ranges) {
      if (allowed === null || !has(term)) continue;
      const value = at(term, step);
      const isOff = Number.isFinite(value) && isOutside(value, allowed);
      see({ ...here, check: 'aux', of: term, value, allowed, isOff, needed: OFF_STEPS });
    }
  };
}
