import { describe, expect, it } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import {
  type ExpertResults,
  expertTensors,
  referenceExperts,
  runExperts,
} from '../support/expertCase.ts';
import { useDevice } from '../support/gpu.ts';
import { expectClose, GRADIENT, OUTPUT, type Tolerance } from '../support/kernelHarness.ts';
import {
  COPY,
  ffn,
  makeRouting,
  negated,
  type Routing,
  randomChoice,
  referenceDispatch,
  ZERO,
} from '../support/routing.ts';

const device = useDevice();
const CLASSES: AdapterClass[] = ['gpu', 'software'];
const PARTS = ['gate', 'up', 'down'] as const;

function expectResults(
  got: ExpertResults,
  want: ExpertResults,
  tolerances: { output: Tolerance; gradient: Tolerance } = { output: OUTPUT, gradient: GRADIENT },
): void {
  const { output, gradient } = tolerances;
  expectClose(got.y_JD, want.y_JD, output, 'y_JD');
  want.hidden.forEach((hidden, e) => {
    expectClose(got.hidden[e]!, hidden, output, `hidden of expert ${e}`);
  });
  expectClose(got.dm_TD, want.dm_TD, gradient, 'dm_TD');
  want.gradients.forEach((own, e) => {
    for (const part of PARTS) {
      expectClose(got.gradients[e]![part], own[part], gradient, `d${part} of expert ${e}`);
    }
  });
}

const widths = (...all: number[]) => all.map(ffn);
const UNEQUAL = widths(300, 1, 33, 64, 7, 130, 32, 4);
/** Twins, kinds that compute nothing and experts in no order of their slots. */
const MIXED: Slot[] = [ZERO, negated(1), ffn(20), COPY, ffn(65), negated(0), negated(1), ffn(3)];

const CASES: [string, Routing][] = [
  ['T = 1, R = 1', makeRouting({ T: 1, D: 1, slots: widths(1), W: 1 }, () => [0])],
  ['K = R', makeRouting({ T: 37, D: 10, slots: widths(9, 40, 5), W: 3 }, randomChoice(3, 3, 1))],
  [
    'R = 64',
    makeRouting(
      { T: 50, D: 20, slots: Array.from({ length: 64 }, (_, r) => ffn(1 + r)), W: 3 },
      randomChoice(64, 3, 2),
    ),
  ],
  ['all tokens to one', makeRouting({ T: 130, D: 36, slots: UNEQUAL, W: 1 }, () => [2])],
  ['unequal widths', makeRouting({ T: 70, D: 34, slots: UNEQUAL, W: 2 }, randomChoice(8, 2, 3))],
  [
    'wide rows, several chunks',
    makeRouting({ T: 290, D: 67, slots: widths(5, 31), W: 2 }, randomChoice(2, 2, 4, 0.5)),
  ],
  [
    'twins, dropped and empty ranks',
    makeRouting({ T: 65, D: 14, slots: MIXED, W: 4 }, randomChoice(8, 4, 5, 0.4), {
      gamma: 0.7,
      tau: 1,
    }),
  ],
  ['no rows at all', makeRouting({ T: 4, D: 6, slots: MIXED, W: 1 }, () => [0])],
];

describe.each(CLASSES)('expertUp and expertDown on a %s adapter', (adapterClass) => {
  it.each(CASES)('equal the reference: %s', async (_, routing) => {
    const tensors = expertTensors(routing, 5);
    const got = await runExperts(device(), routing, tensors, { adapterClass });
    expectResults(got, referenceExperts(routing, tensors));
  });

  it('write zeros as the gradients of experts without tokens', async () => {
    const routing = makeRouting({ T: 40, D: 9, slots: UNEQUAL, W: 1 }, () => [4]);
    const { start_E } = referenceDispatch(routing);
    expect([...start_E]).toEqual([0, 0, 0, 0, 0, 40, 40, 40, 40]);
    const got = await runExperts(device(), routing, expertTensors(routing, 6), { adapterClass });
    got.gradients.forEach((own, e) => {
      for (const part of PARTS) {
        expect(Array.from(own[part]).some((x) => x !== 0)).toBe(e === 4);
      }
    });
  });

  it('stand pre-activations of ±1e4', async () => {
    const routing = makeRouting(
      { T: 33, D: 12, slots: widths(8, 20), W: 2 },
      randomChoice(2, 2, 7),
    );
    const tensors = expertTensors(routing, 8, 1e4);
    const got = await runExperts(device(), routing, tensors, { adapterClass });
    expectResults(got, referenceExperts(routing, tensors));
  });

  it('give the same bits from a grid that is folded over two dimensions', async () => {
    const [, routing] = CASES[4]!;
    const tensors = expertTensors(routing, 9);
    const whole = await runExperts(device(), routing, tensors, { adapterClass });
    const folded = await runExperts(device(), routing, tensors, { adapterClass, maxGrid: 3 });
    expect(folded).toEqual(whole);
  });
});

it.each(CASES)(
  'expertUp and expertDown have the same results from both bodies: %s',
  async (_, routing) => {
    const tensors = expertTensors(routing, 10);
    const [gpu, software] = [
      await runExperts(device(), routing, tensors, { adapterClass: 'gpu' }),
      await runExperts(device(), routing, tensors, { adapterClass: 'software' }),
    ];
    const close = { abs: 1e-9, rel: 1e-6 };
    expectResults(gpu, software, { output: close, gradient: close });
  },
);
