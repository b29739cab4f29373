/** The invariants of docs/analysis.md, over random inspections. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classes } from '../../../src/analysis/figures/classes.ts';
import { coactivation } from '../../../src/analysis/figures/coactivation.ts';
import { deciles } from '../../../src/analysis/figures/deciles.ts';
import { domains } from '../../../src/analysis/figures/domains.ts';
import { flow } from '../../../src/analysis/figures/flow.ts';
import { kinds } from '../../../src/analysis/figures/kinds.ts';
import { load } from '../../../src/analysis/figures/load.ts';
import { entropy, margins, sum } from '../../../src/analysis/figures/numbers.ts';
import { saturation } from '../../../src/analysis/figures/saturation.ts';
import { scores } from '../../../src/analysis/figures/scores.ts';
import { figureValues } from '../../../src/analysis/figures.ts';
import type { InspectedLayer, Inspection } from '../../../src/analysis/inspection.ts';
import { inspections } from './support.ts';

const NEAR = 1e-9;
const texts = ['a', ' b', '7', '.', '\n', ' ', '', 'c', '-', 'é'].map((text) =>
  new TextEncoder().encode(text),
);

const chosen = ({ selected }: InspectedLayer) => selected.filter((slot) => slot >= 0).length;

/** Checks something of every layer of any inspection. */
function holds(check: (inspection: Inspection, layer: InspectedLayer, place: number) => void) {
  fc.assert(
    fc.property(inspections, (inspection) => {
      inspection.layers.forEach((layer, place) => {
        check(inspection, layer, place);
      });
    }),
  );
}

it('Σ c = A = Σ k, at all ranks together', () => {
  holds((inspection, layer, place) => {
    const { values } = load.compute({ inspection }, { weights: 'uniform' }).layers[place]!;
    expect(values.assignments).toBe(chosen(layer));
    expect(sum(values.total.data)).toBe(chosen(layer));
    expect(sum(values.counts.data)).toBe(chosen(layer));
  });
});

it('Σ counts by domain, by class and by decile = A', () => {
  holds((inspection, layer, place) => {
    const inputs = { inspection, texts };
    for (const figure of [domains, classes, deciles]) {
      const { counts } = figure.compute(inputs, {}).layers[place]!.values;
      expect(sum(counts.data)).toBe(chosen(layer));
    }
  });
});

it('Σ flow = U', () => {
  holds((inspection, _, place) => {
    const { layers } = flow.compute({ inspection }, {});
    expect(layers).toHaveLength(inspection.layers.length - 1);
    if (place < layers.length)
      expect(sum(layers[place]!.values.counts.data)).toBe(inspection.tokens.length);
  });
});

it('Σ over slots of a domain’s specialisation = its mean k', () => {
  holds((inspection, layer, place) => {
    const { values } = domains.compute({ inspection }, {}).layers[place]!;
    const R = layer.kinds.length;
    const { byRow } = margins(values.specialisation.data, inspection.domainNames.length, R);
    inspection.domainNames.forEach((_, d) => {
      const of = [...inspection.domains.keys()].filter((u) => inspection.domains[u] === d);
      const k = of.map((u) => layer.selected.subarray(u * layer.W, (u + 1) * layer.W));
      const mean = k.map((slots) => slots.filter((slot) => slot >= 0).length);
      if (of.length === 0) expect(byRow[d]).toBeNaN();
      else expect(byRow[d]).toBeCloseTo(sum(mean) / of.length, 9);
    });
  });
});

it('Σ ratio of the kinds = 1, in a layer and over layers', () => {
  holds((inspection, _, place) => {
    const { values, layers } = kinds.compute({ inspection }, {});
    expect(sum(layers[place]!.values.ratio.data)).toBeCloseTo(1, 9);
    expect(sum(values.ratio.data)).toBeCloseTo(1, 9);
    // Pairs and the kinds without an expert are all there is.
    const { ratio, pairs } = layers[place]!.values;
    const computing = ratio.data[0]! + ratio.data[1]!;
    expect(sum(pairs.data)).toBeCloseTo(computing, 9);
  });
});

it('Σ over j of both = kept assignments of the tokens that keep i', () => {
  holds((inspection, layer, place) => {
    const { both } = coactivation.compute({ inspection }, {}).layers[place]!.values;
    const R = layer.kinds.length;
    const { byRow } = margins(both.data, R, R);
    const kept = Array.from(inspection.tokens, (_, u) =>
      [...layer.selected.keys()]
        .slice(u * layer.W, (u + 1) * layer.W)
        .filter((at) => layer.selected[at]! >= 0 && layer.dropped[at] === 0)
        .map((at) => layer.selected[at]!),
    );
    for (let i = 0; i < R; i++) {
      const mine = kept.filter((slots) => slots.includes(i));
      expect(byRow[i]).toBe(sum(mine.map((slots) => slots.length)));
    }
  });
});

it('effective ≥ 1/R', () => {
  holds((inspection, layer, place) => {
    const { values } = load.compute({ inspection }, { weights: 'uniform' }).layers[place]!;
    expect(values.effective).toBeGreaterThanOrEqual(1 / layer.kinds.length - NEAR);
    expect(values.effective).toBeLessThanOrEqual(1 + NEAR);
  });
});

it('0 ≤ mutual information ≤ its bound', () => {
  holds((inspection, layer, place) => {
    const [M, R] = [inspection.domainNames.length, layer.kinds.length];
    const ofDomain = domains.compute({ inspection }, {}).layers[place]!.values;
    const { byRow, byColumn } = margins(ofDomain.counts.data, M, R);
    const bound = Math.min(entropy(byRow), entropy(byColumn));
    expect(ofDomain.mutualInformation).toBeGreaterThanOrEqual(0);
    expect(ofDomain.mutualInformation).toBeLessThanOrEqual(bound + NEAR);
    if (!Number.isNaN(ofDomain.normalised))
      expect(ofDomain.normalised).toBeLessThanOrEqual(1 + NEAR);
    const ofToken = scores.compute({ inspection }, {}).layers[place]!.values;
    expect(ofToken.mutualInformation).toBeGreaterThanOrEqual(0);
    expect(ofToken.mutualInformation).toBeLessThanOrEqual(Math.log(R) + NEAR);
  });
});

it('saturation of a model with itself = 1', () => {
  holds((inspection, _, place) => {
    const { values, layers } = saturation.compute({ inspection, reference: inspection }, {});
    expect(values).toEqual({ saturation: 1, rank0: 1, churn: 0 });
    expect(layers[place]!.values).toEqual({ saturation: 1, rank0: 1, churn: 0 });
  });
});

it('losses that stay the same are no change', () => {
  fc.assert(
    fc.property(inspections, (inspection) => {
      const inputs = { inspection, losses: [inspection.ce] };
      const request = { figure: 'interventions', items: [], of: 0 } as const;
      const { values } = figureValues(request, inputs);
      for (const value of Object.values(values)) {
        const numbers = typeof value === 'number' ? [value] : [...value.data];
        expect(numbers.filter((x) => x !== 0 && !Number.isNaN(x))).toEqual([]);
      }
    }),
  );
});
