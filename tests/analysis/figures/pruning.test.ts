/** What if experts were missing: passes, their order, and what is made of their losses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interventions } from '../../../src/analysis/figures/interventions.ts';
import { pruning, removal, removedSets } from '../../../src/analysis/figures/pruning.ts';
import { passesOf } from '../../../src/analysis/figures.ts';
import type { SlotKind } from '../../../src/config/experiment.ts';
import { inspectionOf, inspections } from './support.ts';

const kinds = ['ffn', 'ffn', 'zero'] as const;
/** Domain 0 takes slots 0 and 2, domain 1 slots 1 and 2, domain 2 has no tokens. */
const inspection = inspectionOf({
  domainNames: ['prose', 'code', 'none'],
  domains: [0, 0, 1, 1],
  ce: [1, 2, 3, 4],
  layers: [
    { layer: 1, kinds, slots: [[0, 2], [0], [1], [1, 2]] },
    { layer: 3, kinds, slots: [[2], [2], [0], [1]] },
  ],
});

describe('experts of one domain', () => {
  it('are those above a lift, in every layer', () => {
    const request = { figure: 'pruning', rule: { by: 'lift', least: 1 }, layer: null } as const;
    expect(passesOf(request, { inspection })).toEqual([
      [
        { type: 'keepOnly', layer: 1, slots: [0, 2] },
        { type: 'keepOnly', layer: 3, slots: [2] },
      ],
      [
        { type: 'keepOnly', layer: 1, slots: [1, 2] },
        { type: 'keepOnly', layer: 3, slots: [0, 1] },
      ],
    ]);
  });

  it('or those with the most assignments, lower slots first, in one layer', () => {
    const request = { figure: 'pruning', rule: { by: 'count', most: 1 }, layer: 3 } as const;
    expect(passesOf(request, { inspection })).toEqual([
      [{ type: 'keepOnly', layer: 3, slots: [2] }],
      [{ type: 'keepOnly', layer: 3, slots: [0] }],
    ]);
  });

  it('give the change of every domain, undefined where no pass was made', () => {
    const losses = [Float32Array.of(2, 2, 3, 8), Float32Array.of(1, 2, 2, 4)];
    const args = { rule: { by: 'count', most: 2 }, layer: 3 } as const;
    const { values, layers } = pruning.compute({ inspection, losses }, args);
    expect([...values.change.data]).toEqual([0.5, 2, NaN, 0, -0.5, NaN, NaN, NaN, NaN]);
    expect([...values.changeOfAll.data]).toEqual([1.25, -0.25, NaN]);
    expect([...values.ce.data]).toEqual([1.5, 3.5, NaN]);
    expect(layers.map(({ layer }) => layer)).toEqual([3]);
    expect([...layers[0]!.values.kept.data]).toEqual([1, 0, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('refuse rules that say nothing, and layers that there are not', () => {
    const ask = (rule: object, layer: number | null = null) =>
      passesOf({ figure: 'pruning', rule, layer } as never, { inspection });
    expect(() => ask({ by: 'count', most: 0 })).toThrow(/0 slots/);
    expect(() => ask({ by: 'lift', least: -1 })).toThrow(/-1 is below 0/);
    expect(() => ask({ by: 'lift', least: 1 }, 2)).toThrow(/layer 2 is no MoE layer/);
    const args = { rule: { by: 'lift', least: 1 }, layer: null } as const;
    expect(() => pruning.compute({ inspection, losses: [] }, args)).toThrow(/0 passes of 2/);
  });

  it('change as the same interventions asked alone', () => {
    const args = { rule: { by: 'lift', least: 1 }, layer: null } as const;
    fc.assert(
      fc.property(inspections, fc.nat(20), (drawn, seed) => {
        const request = { figure: 'pruning', ...args } as const;
        const passes = passesOf(request, { inspection: drawn });
        const losses = passes.map((_, i) =>
          drawn.ce.map((loss, u) => loss + ((u * 7 + seed + i) % 5)),
        );
        const { values } = pruning.compute({ inspection: drawn, losses }, args);
        const M = drawn.domainNames.length;
        const tried = [...drawn.domainNames.keys()].filter((d) => drawn.domains.includes(d));
        for (const [i, items] of passes.entries()) {
          const one = { inspection: drawn, losses: [losses[i]!] };
          const alone = interventions.compute(one, { items }).values;
          const d = tried[i]!;
          expect([...values.change.data.subarray(d * M, (d + 1) * M)]).toEqual([
            ...alone.byDomain.data,
          ]);
          expect(values.changeOfAll.data[d]).toBe(alone.inspection);
        }
      }),
    );
  });
});

describe('kinds that are removed', () => {
  it('are each in turn, then those that compute nothing together', () => {
    const all: SlotKind[] = ['ffn', 'zero', 'copy', 'constant'];
    expect(removedSets([{ kinds: all }])).toEqual([
      ['ffn'],
      ['zero'],
      ['copy'],
      ['constant'],
      ['zero', 'copy'],
      ['zero', 'constant'],
      ['copy', 'constant'],
      ['zero', 'copy', 'constant'],
    ]);
    expect(removedSets([{ kinds: ['ffn'] }])).toEqual([['ffn']]);
    expect(removedSets([])).toEqual([]);
  });

  it('are asked of every layer, and give the change over all and by domain', () => {
    expect(passesOf({ figure: 'removal' }, { inspection })).toEqual([
      [{ type: 'removeKind', kind: 'ffn', layer: null }],
      [{ type: 'removeKind', kind: 'zero', layer: null }],
    ]);
    const losses = [Float32Array.of(3, 4, 3, 4), Float32Array.of(1, 2, 3, 5)];
    const { values } = removal.compute({ inspection, losses }, {});
    expect([...values.change.data]).toEqual([1, 0.25]);
    expect([...values.byDomain.data]).toEqual([2, 0, NaN, 0, 0.5, NaN]);
    expect([...values.removed.data]).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  });
});
