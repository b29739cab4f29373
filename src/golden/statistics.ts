import {
  type EffectTest,
  findable,
  pairedValues,
  testSummary,
  testValues,
} from '../recipes/statistics/effect.ts';
import { allowedOutside, isOutside, predictionInterval } from '../recipes/statistics/secondSet.ts';
import { Refusal } from '../recipes/statistics/seeds.ts';
import {
  holm,
  testOptimum,
  testParts,
  testShare,
  testTrend,
} from '../recipes/statistics/structures.ts';
import { type Comparison, compareTree } from './compare.ts';
import type { Analysis, StatisticsCase } from './statisticsSchema.ts';

type Of<T extends Analysis['type']> = Extract<Analysis, { type: T }>;
type Pair = Pick<Of<'effect'>, 'variant' | 'reference' | 'values' | 'measure'>;

function valuesOf({ variant = [], reference = [], values, measure }: Pair) {
  return values ?? pairedValues(variant, reference, measure);
}

/** The fields of a test that a case expects, without the seeds' own values. */
function effect({ values: _values, ...test }: EffectTest) {
  return test;
}

function parts({ parts: given, all }: Of<'parts'>) {
  const tested = testParts(
    given.map((part) => ({ ...part, test: testValues(valuesOf(part), part) })),
  );
  const listed = tested.parts.map(({ id, seeds, leftOut, d, s, p, adjusted, words }) => {
    return { id, seeds, leftOut, d, s, p, adjusted, words };
  });
  return all ? { ...tested, parts: listed } : { parts: listed };
}

function prediction(given: Of<'prediction'>) {
  const { n, d, s } = testValues(valuesOf(given), { side: '<', margin: null });
  const interval = predictionInterval({ n, d, s }, given.second.n);
  const { mean } = given.second;
  return { n, d, s, interval, ...(mean !== undefined && { outside: isOutside(interval, mean) }) };
}

function optimum({ settings, runs, better }: Of<'optimum'>) {
  const { settings: _settings, ...test } = testOptimum(settings, runs, better);
  return test;
}

function analyse(given: Analysis): object {
  switch (given.type) {
    case 'effect':
      return effect(testValues(valuesOf(given), given));
    case 'summary':
      return testSummary(given, given);
    case 'findable':
      return { difference: given.n.map((n) => findable(given.s, n)) };
    case 'trend': {
      const { values: slopes, ...test } = testTrend(given.settings, given.runs, given);
      return { ...test, slopes };
    }
    case 'optimum':
      return optimum(given);
    case 'holm': {
      const adjusted = holm(given.p);
      return { adjusted, significant: adjusted.map((p) => p < 0.05) };
    }
    case 'parts':
      return parts(given);
    case 'share': {
      const {
        hits: _hits,
        n: _n,
        ...test
      } = testShare(given.hits, given.n, given.chance, given.side);
      return test;
    }
    case 'prediction':
      return prediction(given);
    case 'bound': {
      const allowed = allowedOutside(given.claims);
      return { allowed, within: given.outside <= allowed };
    }
  }
}

function answer(given: Analysis): object {
  try {
    return analyse(given);
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.reason };
    throw error;
  }
}

/** Everything that a case of kind `statistics` expects (the goldens' README, "Statistics"). */
export function compareStatistics({ analyses, tolerance }: StatisticsCase): Comparison[] {
  const allowed = (want: number) => Math.max(tolerance.abs, tolerance.rel * Math.abs(want));
  return analyses.map((given) =>
    compareTree(given.id.replaceAll(' ', '-'), answer(given), given.expected, allowed),
  );
}
