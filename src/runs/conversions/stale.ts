/** What of a conversion's state holds no longer once something of it is made anew. */
import type { ConversionState } from '../../train/ladimo/conversion.ts';
import { domainPart, layerPart } from './record.ts';
import type { Parts } from './store.ts';

type Measured = Pick<ConversionState, 'students' | 'domains'>;

/** Without the routing weights of the student of all converted layers, and what followed from them. */
export function withoutPolicies({ students }: Pick<Measured, 'students'>) {
  const isStatic = ({ choice }: Measured['students'][number]) => (choice.policy ?? null) === null;
  return { weights: null, policies: [], students: students.filter(isStatic) };
}

/** Without what was measured of layers that were trained on a domain. */
export function withoutDomain({ students, domains }: Measured, domain: string): Measured {
  return {
    domains: domains.filter((one) => one.domain !== domain),
    students: students.filter(({ choice }) => choice.domain !== domain),
  };
}

/**
 * A layer as it was before its training, without anything that was measured with it; `gone`: the parts that go.
 * @throws RangeError for a layer that is not to be converted
 */
export function withoutLayer(
  state: ConversionState,
  layer: number,
): { part: Partial<ConversionState>; gone: Parts } {
  const found = state.layers.find((one) => one.layer === layer);
  if (found?.isChosen !== true)
    throw new RangeError(`Layer ${layer} is not among the layers that are converted.`);
  const has = ({ layers }: { layers: readonly number[] }) => layers.includes(layer);
  const lost = state.domains.filter(has);
  const kept = lost.reduce<Measured>((now, { domain }) => withoutDomain(now, domain), state);
  const seeds = found.seeds.map(({ seed }) => ({ seed, step: 0, mse: null }));
  const { students, ...noPolicies } = withoutPolicies(kept);
  return {
    part: {
      ...noPolicies,
      layers: state.layers.map((one) =>
        one.layer === layer ? { ...one, status: 'dense', seeds } : one,
      ),
      students: students.filter((one) => !has(one)),
      domains: kept.domains,
      digest: null,
    },
    gone: [
      ...seeds.map(({ seed }) => [layerPart(layer, seed), null] as const),
      ...lost.flatMap(({ domain, layers }) =>
        layers.map((l) => [domainPart(domain, l), null] as const),
      ),
    ],
  };
}
