import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import * as dispatch from '../../src/reference/dispatch.ts';

const ffn: Slot = { kind: 'ffn', hidden: 4 };
const zero: Slot = { kind: 'zero' };
const twin: Slot = { kind: 'negated', of: 0 };

describe('dispatch', () => {
  it('counts places as MoE++ 8 says', () => {
    const plain = { gamma: 1.1, tau: 0.5 };
    expect(dispatch.capacityPlaces([ffn, ffn, ffn], 10, plain)).toEqual([4, 4, 4]);
    // τ·Nf + Nzc = 2.5: FFN ceil(1.1·10·0.5/2.5) = 3, zero ceil(1.1·10/2.5) = 5
    expect(dispatch.capacityPlaces([ffn, zero, ffn, twin], 10, plain)).toEqual([3, 5, 3, 3]);
    expect(dispatch.capacityPlaces([zero, zero], 3, plain)).toEqual([2, 2]);
  });

  it('orders rows by expert, slot, rank and token, twins behind their expert', () => {
    const slots = [ffn, zero, twin, ffn];
    const selected_TW = Int32Array.of(2, 0, 0, 3, 1, 0, 3, -1);
    const out = dispatch.forward({ selected_TW }, { T: 4, W: 2, slots, capacity: null });
    expect(out.A).toBe(7);
    expect([...out.start_E]).toEqual([0, 4, 6]);
    expect([...out.token_J]).toEqual([1, 0, 2, 0, 3, 1]);
    expect([...out.row_TW]).toEqual([3, 1, 0, 5, -1, 2, 4, -1]);
    expect(out.places_R).toBeNull();
  });

  it('gives places to all first ranks before any second rank', () => {
    const capacity = { gamma: 1, tau: 1 };
    const selected_TW = Int32Array.of(1, 0, 0, 1, 0, 1);
    const out = dispatch.forward({ selected_TW }, { T: 3, W: 2, slots: [ffn, ffn, ffn], capacity });
    expect(out.places_R).toEqual([2, 2, 2]);
    // slot 0: ranks 0 of tokens 1 and 2, so token 0's rank 1 is dropped; slot 1: token 0, then token 1
    expect([...out.dropped_TW]).toEqual([0, 1, 0, 0, 0, 1]);
    expect([...out.start_E]).toEqual([0, 2, 4, 4]);
  });
});
