import { describe, expect, it } from 'vitest';
import { capacityPlaces } from '../../src/config/capacity.ts';
import type { RouterConfig, Slot } from '../../src/config/experiment.ts';
import { ROUTE } from '../../src/kernels/codes.ts';
import { placesTable } from '../../src/kernels/dispatch.ts';
import { tileBounds } from '../../src/kernels/rowTable.ts';
import { slotGroups } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/dispatch.ts';
import { useDevice } from '../support/gpu.ts';
import { type BenchOptions, withBench } from '../support/kernelHarness.ts';
import {
  addDispatch,
  CONSTANT,
  COPY,
  ffn,
  makeRouting,
  negated,
  type Routing,
  randomChoice,
  referenceDispatch,
  routingBuffers,
  rowCount,
  TRAINING,
  tableShape,
  ZERO,
} from '../support/routing.ts';

const device = useDevice();

interface Dispatched {
  table: Uint32Array;
  rowToken: Uint32Array;
  rowCoef: Float32Array;
  route: Uint32Array;
  ring: Uint32Array;
}

function runKernels(
  routing: Routing,
  step: Partial<typeof TRAINING> = TRAINING,
  options: BenchOptions = {},
): Promise<Dispatched> {
  return withBench(
    device(),
    async (bench) => {
      const io = routingBuffers(bench, routing);
      bench.setStep(step);
      await bench.run((plan) => addDispatch(plan, io, routing));
      return {
        table: await bench.readWords(io.table),
        rowToken: await bench.readWords(io.row_token_J),
        rowCoef: await bench.read(io.row_coef_J),
        route: await bench.readWords(io.route_WT),
        ring: await bench.readWords(io.ring),
      };
    },
    options,
  );
}

/** Code, index and coefficient of every assignment by rank and token, from the reference. */
function wantedRoutes(routing: Routing, order: reference.Dispatch) {
  const { T, W, slots, selected_TW, gates_TR } = routing;
  const R = slots.length;
  const groups = slotGroups(slots);
  const routes: [number, number, number][] = [];
  for (let w = 0; w < W; w++) {
    for (let t = 0; t < T; t++) {
      const i = t * W + w;
      const r = selected_TW[i]!;
      const slot = slots[r];
      const g = slot ? gates_TR[t * R + r]! : 0;
      if (!slot) routes.push([ROUTE.none, 0, 0]);
      else if (order.dropped_TW[i] === 1) routes.push([ROUTE.dropped, 0, 0]);
      else if (slot.kind === 'ffn') routes.push([ROUTE.ffn, order.row_TW[i]!, g]);
      else if (slot.kind === 'negated') routes.push([ROUTE.negated, order.row_TW[i]!, -g]);
      else if (slot.kind === 'copy') routes.push([ROUTE.copy, 0, g]);
      else if (slot.kind === 'constant') routes.push([ROUTE.constant, groups[r]!, g]);
      else routes.push([ROUTE.zero, 0, 0]);
    }
  }
  return routes;
}

function readRoutes(words: Uint32Array): [number, number, number][] {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  return Array.from({ length: words.length / 2 }, (_, i) => [
    words[2 * i]! >>> 28,
    words[2 * i]! & 0x0fffffff,
    floats[2 * i + 1]!,
  ]);
}

/** Everything that the dispatch writes is what the reference says. */
function expectDispatch(routing: Routing, got: Dispatched): reference.Dispatch {
  const { T, W, slots, selected_TW, gates_TR } = routing;
  const R = slots.length;
  const order = referenceDispatch(routing);
  const J = rowCount(order);
  const E = order.start_E.length - 1;
  expect([...got.table.subarray(0, 2)]).toEqual([order.A, J]);
  expect([...got.table.subarray(4, 4 + E + 1)]).toEqual([...order.start_E]);
  expect([...got.rowToken.subarray(0, J)]).toEqual([...order.token_J]);
  expect(readRoutes(got.route)).toEqual(wantedRoutes(routing, order));
  for (let i = 0; i < T * W; i++) {
    const row = order.row_TW[i]!;
    if (row < 0) continue;
    const r = selected_TW[i]!;
    const g = gates_TR[Math.floor(i / W) * R + r]!;
    expect(got.rowCoef[row]).toBe(slots[r]!.kind === 'negated' ? -g : g);
  }
  const bounds = tileBounds(tableShape(routing));
  const tileEnds = [1, 2, 3, 4].map((section) => got.table[4 + section * (E + 1) + E]!);
  [bounds.F, bounds.D, bounds.downW, bounds.upW].forEach((bound, i) => {
    expect(tileEnds[i]).toBeLessThanOrEqual(bound);
  });
  return order;
}

/** Assignments by rank [W, R], then drops [R]. */
function wantedCounts({ W, slots, selected_TW }: Routing, { dropped_TW }: reference.Dispatch) {
  const R = slots.length;
  const counts = new Array<number>((W + 1) * R).fill(0);
  selected_TW.forEach((r, i) => {
    if (r < 0) return;
    counts[(i % W) * R + r]!++;
    if (dropped_TW[i] === 1) counts[W * R + r]!++;
  });
  return counts;
}

const MIXED: Slot[] = [
  COPY,
  ffn(7),
  negated(1),
  CONSTANT,
  ffn(300),
  ZERO,
  negated(0),
  negated(1),
  CONSTANT,
  ffn(1),
];
const plain = (R: number) => Array.from({ length: R }, (_, r) => ffn(1 + 5 * r));

describe('dispatch', () => {
  const cases: [string, Routing][] = [
    ['one token, one slot', makeRouting({ T: 1, slots: [ffn(3)], W: 1 }, () => [0])],
    ['K = R', makeRouting({ T: 70, slots: plain(5), W: 5 }, randomChoice(5, 5, 1))],
    ['R = 64', makeRouting({ T: 90, slots: plain(64), W: 3 }, randomChoice(64, 3, 2))],
    ['R = 200', makeRouting({ T: 40, slots: plain(200), W: 4 }, randomChoice(200, 4, 3))],
    ['all to one', makeRouting({ T: 300, slots: plain(6), W: 1 }, () => [4])],
    ['several chunks', makeRouting({ T: 700, slots: plain(7), W: 2 }, randomChoice(7, 2, 4))],
    ['all kinds', makeRouting({ T: 257, slots: MIXED, W: 4 }, randomChoice(10, 4, 5, 0.4))],
    ['no FFN expert', makeRouting({ T: 9, slots: [ZERO, COPY], W: 2 }, randomChoice(2, 2, 6))],
    ['nothing selected', makeRouting({ T: 5, slots: MIXED, W: 2 }, () => [])],
    [
      'tight capacity',
      makeRouting({ T: 600, slots: MIXED, W: 4 }, randomChoice(10, 4, 7, 0.3), {
        gamma: 0.6,
        tau: 0.75,
      }),
    ],
    [
      'capacity of plain experts',
      makeRouting({ T: 64, slots: plain(4), W: 2 }, randomChoice(4, 2, 8), { gamma: 0.9, tau: 1 }),
    ],
  ];

  it.each(cases)('equals the reference: %s', async (_, routing) => {
    const got = await runKernels(routing);
    const order = expectDispatch(routing, got);
    expect([...got.ring]).toEqual(wantedCounts(routing, order));
  });

  it('gives the same words from a grid that is folded over two dimensions', async () => {
    const routing = makeRouting({ T: 900, slots: MIXED, W: 4 }, randomChoice(10, 4, 9, 0.2));
    const whole = await runKernels(routing);
    expect(await runKernels(routing, TRAINING, { maxGrid: 3 })).toEqual(whole);
  });

  it('drops by rank first, then by token', async () => {
    // Rank 0 of every token is slot 0 or 1; rank 1 is the other. 2 slots, 6 assignments each.
    const choose = (t: number) => (t < 5 ? [0, 1] : [1, 0]);
    const capacity = { gamma: 1, tau: 1 };
    const routing = makeRouting({ T: 6, slots: plain(2), W: 2 }, choose, {
      ...capacity,
      gamma: 5 / 6,
    });
    const got = await runKernels(routing);
    const order = expectDispatch(routing, got);
    expect(order.places_R).toEqual([5, 5]);
    // Slot 0: five first choices fill it, so token 5's second choice goes; slot 1: token 5's
    // first choice is safe, the last of the second choices goes.
    const dropped = Array.from({ length: 12 }, (_, i) => order.dropped_TW[i]);
    expect(dropped).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
  });

  it.each([
    ['0', 0, [5, 5]],
    ['one under', 0.79, [1, 1]],
    ['exact', 1, [0, 0]],
  ])('capacity %s', async (_, gamma, drops) => {
    const choose = (t: number) => [t % 2];
    const routing = makeRouting({ T: 10, slots: plain(2), W: 1 }, choose, { gamma, tau: 1 });
    const got = await runKernels(routing);
    expectDispatch(routing, got);
    expect([...got.ring.subarray(2)]).toEqual(drops);
  });

  it('drops nothing outside training, and leaves the telemetry alone', async () => {
    const choose = randomChoice(10, 3, 10);
    const sizes = { T: 80, slots: MIXED, W: 3 };
    const got = await runKernels(makeRouting(sizes, choose, { gamma: 0.2, tau: 1 }), {});
    expectDispatch(makeRouting(sizes, choose), got);
    const [first] = got.ring;
    expect(got.ring.every((word) => word === first)).toBe(true);
    expect(new Float32Array(Uint32Array.of(first!).buffer)[0]).toBeNaN();
  });
});

describe('capacityPlaces', () => {
  it('are the places of the reference for every number of assignments', () => {
    for (const [gamma, tau] of [
      [1.1, 0.75],
      [0.3, 2],
      [1, 0.1],
    ] as const) {
      for (let A = 0; A < 200; A++) {
        const want = reference.capacityPlaces(MIXED, A, { gamma, tau });
        const got = capacityPlaces(MIXED, A, gamma, tau);
        expect([got.zeroComputation, got.ffn]).toEqual(want.slice(0, 2));
      }
    }
  });
});

describe('placesTable', () => {
  const router = { selection: 'topk', K: 2, capacity: 1.25, tau: 0.5 } as RouterConfig;

  it('has one row where topk fixes the number of assignments', () => {
    const { aMin, words } = placesTable(MIXED, router, 50);
    const { ffn: ffnPlaces, zeroComputation } = capacityPlaces(MIXED, 100, 1.25, 0.5);
    expect(aMin).toBe(100);
    expect([...words]).toEqual([ffnPlaces, zeroComputation]);
  });

  it('has a row for every number that the other selections can have', () => {
    const { aMin, words } = placesTable(MIXED, { ...router, selection: 'topp' }, 5);
    expect([aMin, words.length]).toEqual([0, 2 * (10 * 5 + 1)]);
    const last = capacityPlaces(MIXED, 50, 1.25, 0.5);
    expect([...words.subarray(100)]).toEqual([last.ffn, last.zeroComputation]);
  });
});
