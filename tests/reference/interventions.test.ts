import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import { checkInterventions } from '../../src/analysis/interventions.ts';
import { inspect } from '../../src/reference/inspection.ts';
import { forced } from '../../src/reference/interventions.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import {
  ANALYSIS_CASES,
  type AnalysisCase,
  analysisCase,
  numbersOf,
} from '../support/analysisCases.ts';
import { expectClose } from '../support/expectClose.ts';

/** What a list of interventions does to the golden case's own batches, in float64. */
function passOf(golden: AnalysisCase, interventions: readonly Intervention[] = []) {
  const { config, capacity, domains, params, batches } = golden;
  return inspect({ params: copyTensors(params, 'float64'), batches }, config, {
    capacity,
    interventions,
    domainNames: domains,
  });
}

describe.each(ANALYSIS_CASES.map(analysisCase))('$name', (golden) => {
  const plain = passOf(golden);

  it('sees what every token chose, and what each slot adds', () => {
    const { ce, layers } = plain.inspection;
    const close = (got: ArrayLike<number>, name: string) =>
      expectClose(got, numbersOf(golden, name), golden.tolerance.tokens!, name);
    close(ce, 'out.tokens.ce');
    for (const { layer, W, selected, gates, dropped, norms } of layers) {
      const name = (field: string) => `out.tokens.layers.${layer}.${field}`;
      expect(golden.tensors.get(name('selected'))?.shape).toEqual([ce.length, W]);
      expect([...selected]).toEqual([...numbersOf(golden, name('selected'))]);
      expect([...dropped]).toEqual([...numbersOf(golden, name('dropped'))]);
      close(gates, name('gates'));
      close(norms, name('norms'));
    }
  });

  it.each(golden.requests.map((request, j) => ({ ...request, j })))('$name', ({ items, j }) => {
    const { ce } = passOf(golden, items);
    const name = `out.interventions.${j}.delta`;
    const delta = ce.map((value, u) => value - plain.ce[u]!);
    const want = numbersOf(golden, name);
    expectClose(delta, want, golden.tolerance.interventions!, name);
    if (want.every((value) => value === 0)) expect([...ce]).toEqual([...plain.ce]);
  });

  it('leaves no slot, and keeps what is shared alone', () => {
    const all = golden.config.experts.slots.map((_, slot) => slot);
    const { layer } = plain.inspection.layers[0]!;
    const nothing: Intervention = { type: 'keepOnly', layer, slots: [] };
    const { inspection } = passOf(golden, [nothing]);
    const [first] = inspection.layers;
    expect(first!.selected.every((slot) => slot === -1)).toBe(true);
    expect(
      [first!.probs, first!.gates, first!.norms].flatMap((x) => [...x]).every((x) => x === 0),
    ).toBe(true);
    expect([...first!.logits]).toEqual([...plain.inspection.layers[0]!.logits]);
    const masks = Array.from(inspection.tokens, (_, token) =>
      all.map((slot): Intervention => ({ type: 'scale', layer, token, slot, factor: 0 })),
    );
    const scaled = passOf(golden, masks.flat());
    expectClose(scaled.ce, inspection.ce, { abs: 1e-6, rel: 1e-6 }, 'ce');
  });
});

describe('a slot that is forced', () => {
  const force = (rank: number, slot: number) => ({
    type: 'force' as const,
    layer: 0,
    token: 0,
    rank,
    slot,
  });

  it('replaces, changes places, or stays', () => {
    expect(forced([4, 2, 7], force(1, 5))).toEqual([4, 5, 7]);
    expect(forced([4, 2, 7], force(0, 7))).toEqual([7, 2, 4]);
    expect(forced([4, 2, 7], force(2, 7))).toEqual([4, 2, 7]);
  });
});

describe('what is refused', () => {
  const golden = analysisCase('analysis-topp-capacity');
  const refuses = (items: readonly Intervention[], message: string) =>
    expect(() => passOf(golden, items)).toThrow(message);
  const force = { type: 'force', layer: 0, token: 2, rank: 0, slot: 1 } as const;
  const scale = { type: 'scale', layer: 0, token: 2, slot: 1, factor: 0 } as const;

  it('names the offending number and what is possible', () => {
    refuses(
      [scale, { ...force, layer: 2 }],
      'Intervention 1 (force): layer 2 is no MoE layer; MoE layers: 0, 1',
    );
    refuses(
      [{ ...scale, token: 60 }],
      'Intervention 0 (scale): token 60 does not exist; 0 … 59 are possible',
    );
    refuses([{ ...scale, token: 1.5 }], 'token 1.5 does not exist');
    refuses([{ ...scale, slot: -1 }], 'slot -1 does not exist; 0 … 4 are possible');
    refuses([{ ...scale, factor: Number.NaN }], 'the factor is NaN; it must be finite');
    refuses([{ ...force, rank: 5 }], 'rank 5 does not exist; 0 … 4 are possible');
    refuses(
      [{ type: 'keepOnly', layer: 1, slots: [0, 5] }],
      'slot 5 does not exist; 0 … 4 are possible',
    );
    refuses(
      [{ type: 'removeKind', kind: 'zero', layer: null }],
      'the model has no slot of kind "zero"; kinds: ffn, copy, constant',
    );
    refuses(
      [force, { type: 'keepOnly', layer: 0, slots: [0, 4] }],
      'Intervention 0 (force): slot 1 of layer 0 is not left; left: 0, 4',
    );
  });

  it('forces nothing where slots take tokens, whose slots have no ranks', () => {
    const { layers } = passOf(golden).inspection;
    const check = (item: Intervention) => () =>
      checkInterventions([item], layers, 60, 'expertChoice');
    expect(check(force)).toThrow('Intervention 0 (force): slots take tokens (expertChoice)');
    expect(check(scale)).not.toThrow();
  });

  it('names a rank that the token does not have in this pass', () => {
    const { selected, W } = passOf(golden).inspection.layers[0]!;
    const k = [...selected.subarray(2 * W, 3 * W)].filter((slot) => slot >= 0).length;
    expect(k).toBeLessThan(5);
    refuses(
      [scale, { ...force, rank: k }],
      `Intervention 1 (force): token 2 selects ${k} slots in layer 0, not rank ${k}; ranks 0 … ${k - 1} are possible`,
    );
    refuses(
      [
        { type: 'keepOnly', layer: 0, slots: [1] },
        { ...force, rank: 1 },
      ],
      'selects 1 slots in layer 0, not rank 1; ranks 0 … 0 are possible',
    );
  });
});
