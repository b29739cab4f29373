/** Slots by any groups of tokens, and means by position. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domains, informationBound } from '../../../src/analysis/figures/domains.ts';
import {
  evenPart,
  kindsPerToken,
  liftOf,
  meanOverLayers,
  specialisationOf,
} from '../../../src/analysis/figures/groups.ts';
import { positions } from '../../../src/analysis/figures/positions.ts';
import { inspectionOf, inspections } from './support.ts';

describe('groups of tokens', () => {
  const counts = { shape: [3, 2], data: Int32Array.of(3, 1, 0, 4, 0, 0) };
  const tokens = [2, 4, 0];

  it('have specialisation and lift as domains have, undefined without tokens', () => {
    expect([...specialisationOf(counts, tokens).data]).toEqual([1.5, 0.5, 0, 1, NaN, NaN]);
    expect(evenPart(counts, tokens)).toBeCloseTo(8 / 12, 15);
    expect([...liftOf(counts, tokens).data]).toEqual(
      [1.5, 0.5, 0, 1, NaN, NaN].map((x) => x / (8 / 12)),
    );
  });

  it('count slots of a kind per token', () => {
    const kinds = kindsPerToken(counts, tokens, ['ffn', 'zero']);
    expect(kinds.shape).toEqual([3, 5]);
    expect([...kinds.data.subarray(0, 5)]).toEqual([1.5, 0, 0.5, 0, 0]);
    expect([...kinds.data.subarray(10)]).toEqual(Array(5).fill(NaN));
  });

  it('have means over layers, of what is defined', () => {
    const layer = (...data: number[]) => ({ shape: [2], data: Float64Array.from(data) });
    expect([...meanOverLayers([layer(1, NaN), layer(3, 4)]).data]).toEqual([2, 4]);
  });

  it('are domains where they are domains', () => {
    fc.assert(
      fc.property(inspections, (inspection) => {
        const { values, layers } = domains.compute({ inspection }, {});
        for (const [place, { values: of }] of layers.entries()) {
          const kinds = inspection.layers[place]!.kinds;
          expect(liftOf(of.counts, values.tokens.data).data).toEqual(of.lift.data);
          expect(kindsPerToken(of.counts, values.tokens.data, kinds).data).toEqual(
            of.kindPerToken.data,
          );
          const bound = informationBound(of.counts);
          expect(of.mutualInformation).toBeLessThanOrEqual(bound + 1e-12);
        }
      }),
    );
  });
});

describe('positions', () => {
  it('are means over sequences', () => {
    const slots = [[0], [0, 1], [1], [0]];
    const kinds = ['ffn', 'zero'] as const;
    const given = { B: 2, S: 2, ce: [1, 2, 3, 6] };
    const inspection = inspectionOf({ ...given, layers: [{ kinds, slots }] });
    const { values, layers } = positions.compute({ inspection }, {});
    expect([...values.ce.data]).toEqual([2, 4]);
    expect([...values.computing.data]).toEqual([0.5, 1]);
    expect([...layers[0]!.values.computing.data]).toEqual([0.5, 1]);
  });

  it('have a loss without MoE layers, and no computing experts', () => {
    const { values, layers } = positions.compute({ inspection: inspectionOf({ ce: [1, 2] }) }, {});
    expect([...values.ce.data]).toEqual([1, 2]);
    expect([...values.computing.data]).toEqual([NaN, NaN]);
    expect(layers).toEqual([]);
  });
});
