import { describe, expect, test } from 'vitest';
import {
  countsByShard,
  evenShards,
  type PlacementInput,
  placeExperts,
  simulatePlacement,
} from '../../src/accounting/placement.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';

const D = 1536;
/** MoDSE's 300M × 8 in the order of its Tables 7 to 9. */
const WIDTHS = [4.5, 4, 3, 2.5, 2.5, 2, 1, 0.5].map((ratio) => ratio * D);
const SLOTS = WIDTHS.map((hidden): Slot => ({ kind: 'ffn', hidden }));

function input(parts: Partial<PlacementInput>): PlacementInput {
  return {
    D,
    policy: 'pair',
    devices: 4,
    layers: [{ slots: SLOTS, counts: evenShards(new Array(8).fill(100), 4) }],
    bytesPerSec: 1e9,
    flopsPerSec: 1e12,
    pass: 'forward',
    ...parts,
  };
}

/** Random choices of W different slots out of R for T tokens, some dropped or missing. */
function randomRouting(T: number, W: number, R: number, seed: number) {
  const selected: number[] = [];
  const dropped: number[] = [];
  for (let t = 0; t < T; t++) {
    const first = hashChain(seed, t) % R;
    for (let w = 0; w < W; w++) {
      selected.push(w > 0 && hashChain(seed, t, w) % 7 === 0 ? -1 : (first + w) % R);
      dropped.push(hashChain(seed, t, w, 1) % 5 === 0 ? 1 : 0);
    }
  }
  return { W, selected, dropped };
}

describe('placement of MoDSE’s widths on four devices', () => {
  test('pairs: every device holds, computes and moves the same', () => {
    expect(placeExperts(WIDTHS, 4, 'pair')).toEqual([0, 1, 2, 3, 3, 2, 1, 0]);
    const { imbalance, devices } = simulatePlacement(input({}));
    for (const [name, ratio] of Object.entries(imbalance)) expect(ratio, name).toBeCloseTo(1, 12);
    expect(devices[0]!.parameters).toBe(3 * D * 5 * D);
    expect(devices[0]!.tokens).toBe(200);
  });

  test('sequential: 8.5, 5.5, 4.5 and 1.5 D on four devices is an imbalance of 1.7', () => {
    const { imbalance, devices } = simulatePlacement(input({ policy: 'sequential' }));
    expect(devices.map(({ parameters }) => parameters / (3 * D * D))).toEqual([8.5, 5.5, 4.5, 1.5]);
    expect(imbalance.parameters).toBeCloseTo(1.7, 12);
    expect(imbalance.flops).toBeCloseTo(1.7, 12);
    expect(imbalance.tokens).toBeCloseTo(1, 12);
  });

  test('greedy: widest first on the least loaded', () => {
    expect(placeExperts([1, 5, 4, 3], 2, 'greedy')).toEqual([0, 0, 1, 1]);
    expect(placeExperts([2, 2, 2], 4, 'greedy')).toEqual([0, 1, 2]);
  });

  test('pairs may outnumber or be fewer than devices; an odd expert is its own pair', () => {
    expect(placeExperts([3, 2, 1], 2, 'pair')).toEqual([0, 1, 0]);
    expect(placeExperts([3, 1], 4, 'pair')).toEqual([0, 0]);
  });
});

describe('traffic', () => {
  const slots: Slot[] = [
    { kind: 'ffn', hidden: 8 },
    { kind: 'zero' },
    { kind: 'ffn', hidden: 24 },
    { kind: 'negated', of: 1 },
    { kind: 'copy' },
    { kind: 'ffn', hidden: 16 },
  ];
  const expertOf = [0, -1, 1, 1, -1, 2];

  test.each(['pair', 'sequential', 'greedy'] as const)(
    '%s: tokens, FLOPs and bytes equal a walk over the routing',
    (policy) => {
      const [T, W, G] = [203, 3, 3];
      const routing = randomRouting(T, W, slots.length, 7);
      const home = placeExperts([8, 24, 16], G, policy);
      const tokens = [0, 0, 0];
      const bytes = [0, 0, 0];
      let moved = 0;
      for (let t = 0; t < T; t++) {
        for (let w = 0; w < W; w++) {
          const slot = routing.selected[t * W + w]!;
          if (slot < 0 || routing.dropped[t * W + w] || expertOf[slot]! < 0) continue;
          const to = home[expertOf[slot]!]!;
          const from = Math.floor((t * G) / T);
          tokens[to]!++;
          if (from === to) continue;
          moved += 2 * 10 * 4;
          bytes[to]! += 2 * 10 * 4;
          bytes[from]! += 2 * 10 * 4;
        }
      }
      const counts = countsByShard(routing, slots.length, G);
      const report = simulatePlacement(
        input({ D: 10, policy, devices: G, layers: [{ slots, counts }] }),
      );
      expect(moved).toBeGreaterThan(0);
      expect(report.movedBytes).toBe(moved);
      expect(report.devices.map((device) => device.tokens)).toEqual(tokens);
      expect(report.devices.map((device) => device.bytes)).toEqual(bytes);
    },
  );

  test('one device moves nothing; the slowest device sets the time of each layer', () => {
    const alone = simulatePlacement(
      input({ devices: 1, layers: [{ slots, counts: [[4, 9, 3, 2, 9, 1]] }], D: 10 }),
    );
    expect(alone.movedBytes).toBe(0);
    const flops = 6 * 10 * (4 * 8 + 5 * 24 + 1 * 16);
    expect(alone.stepSeconds).toBeCloseTo(flops / 1e12, 18);
    const two: Slot[] = [
      { kind: 'ffn', hidden: 10 },
      { kind: 'ffn', hidden: 10 },
    ];
    const left = [
      [6, 0],
      [0, 2],
    ];
    const right = [
      [2, 0],
      [0, 6],
    ];
    const layers = [left, right].map((counts) => ({ slots: two, counts }));
    const report = simulatePlacement(input({ policy: 'sequential', devices: 2, layers, D: 10 }));
    expect(report.imbalance.flops).toBe(1);
    expect(report.stepSeconds).toBeCloseTo((12 * 600) / 1e12, 18);
    expect(report.evenSeconds).toBeCloseTo((8 * 600) / 1e12, 18);
  });

  test('training is three times the FLOPs and twice the bytes', () => {
    const forward = simulatePlacement(input({}));
    const training = simulatePlacement(input({ pass: 'training' }));
    expect(training.movedBytes).toBe(2 * forward.movedBytes);
    expect(training.devices[1]!.flops).toBe(3 * forward.devices[1]!.flops);
  });

  test('refuses a device count that is no whole number from 1, and shards that do not fit', () => {
    expect(() => placeExperts([1], 0, 'pair')).toThrow('0 devices');
    expect(() => simulatePlacement(input({ devices: 3 }))).toThrow('4 shards for 3 devices');
  });
});
