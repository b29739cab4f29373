import { describe, expect, it } from 'vitest';
import type { LossesConfig } from '../../src/config/auxTerms.ts';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { hashChain, normalDraws } from '../../src/config/hash.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import type { RealTensors } from '../../src/reference/arrays.ts';
import { backward, forward } from '../../src/reference/model.ts';
import { trainingMode } from '../../src/reference/moeLayer.ts';
import { expectClose } from '../support/expectClose.ts';
import { TOLERANCES } from '../support/tolerances.ts';
import { trainingConfig } from './config.ts';

const SLOTS: Slot[] = [
  { kind: 'ffn', hidden: 5 },
  { kind: 'ffn', hidden: 3 },
  { kind: 'negated', of: 0 },
  { kind: 'constant' },
  { kind: 'copy' },
  { kind: 'zero' },
];
const LOSSES: LossesConfig = {
  switch: { alpha: 0.1 },
  heterogeneous: { beta: 0.2 },
  ternary: { alpha1: 0.3 },
  reward: { alpha2: 0.2 },
  dynamic: { w: 0.1 },
};
const GATES = [
  'softmax',
  'renormalized',
  'renormalizedWithNull',
  'renormalizedWithoutZero',
] as const;

const START = trainingConfig(SLOTS);
const BASE: EngineConfig = {
  ...START,
  model: { ...START.model, D: 8 },
  experts: { slots: SLOTS, perLayer: { '1': SLOTS.slice(0, 4) }, sharedHidden: 3 },
  losses: LOSSES,
};

/** Large random weights, norms and biases too, so that every part matters. */
function draw(config: EngineConfig, seed: number): RealTensors {
  return new Map(
    parameterShapes(config).map(({ name, shape }) => {
      const data = Float64Array.from(normalDraws(seed, name, elementCount(shape), 0.5));
      return [name, { shape, data: shape.length === 1 ? data.map((x) => 1 + x) : data }];
    }),
  );
}

const pick = (limit: number) => (_: unknown, i: number) => hashChain(5, limit, i) % limit;

/** Three elements of every parameter against central differences of the total loss. */
function checkModel(config: EngineConfig, seed: number): void {
  const params = draw(config, seed);
  const T = config.batch.B * config.batch.S;
  const tokens = Array.from({ length: T }, pick(config.model.V));
  const batch = { tokens, targets: tokens.map((token) => (token * 3 + 1) % config.model.V) };
  const run = () => forward({ params, batch }, config, trainingMode(1));
  const selections = (trace: ReturnType<typeof run>['trace']) =>
    trace.layers
      .map(({ ffn }) => (ffn.kind === 'moe' ? ffn.saved.routing.selected_TW.join() : ''))
      .join(';');
  const start = run();
  const chosen = selections(start.trace);
  const grads = backward(start.trace, params, config);
  for (const [name, { data }] of params) {
    const elements = Array.from({ length: Math.min(3, data.length) }, pick(data.length));
    const difference = (i: number) => {
      const value = data[i]!;
      const at = (x: number) => {
        data[i] = x;
        const { losses, trace } = run();
        if (selections(trace) !== chosen) {
          throw new Error(`the selection changes near ${name}[${i}]: take another seed`);
        }
        return losses.total!;
      };
      const slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
      data[i] = value;
      return slope;
    };
    const got = elements.map((i) => grads.get(name)!.data[i]!);
    expectClose(got, elements.map(difference), TOLERANCES.finiteDifferences, `${name} ${elements}`);
  }
}

function vary(change: {
  model?: Partial<EngineConfig['model']>;
  router?: Partial<EngineConfig['router']>;
  losses?: LossesConfig;
  experts?: EngineConfig['experts'];
}): EngineConfig {
  return {
    ...BASE,
    model: { ...BASE.model, ...change.model },
    router: { ...BASE.router, ...change.router },
    losses: change.losses ?? BASE.losses,
    experts: change.experts ?? BASE.experts,
  };
}

describe('model: gradients of the total loss against finite differences', () => {
  const selections: [string, Partial<EngineConfig['router']>][] = [
    ['topk with capacity', {}],
    ['top-1', { K: 1 }],
    ['topp', { selection: 'topp', P: 0.7, capacity: 1 }],
    ['randomDrop', { selection: 'randomDrop', q: 0.5, capacity: null }],
    [
      'adaptive',
      {
        selection: 'adaptive',
        policy: [{ kind: 'top-1' }, { kind: 'dynamic', alpha: 0.6, beta: 0.4 }, { kind: 'top-3' }],
        capacity: null,
      },
    ],
  ];
  const cases = GATES.flatMap((gate) =>
    selections.map(([name, router]) => ({ name, gate, router: { ...router, gate } })),
  );
  it.each(cases)('$gate, $name, every slot kind and loss', ({ router }) => {
    checkModel(vary({ router }), 11);
  });

  it.each([
    ['dense, tied, alibi', { arrangement: 'dense', tied: true, positions: 'alibi' } as const],
    ['1dense, no key norm', { arrangement: '1dense', keyNorm: false, Hkv: 2 } as const],
    ['interleave, tied', { arrangement: 'interleave', tied: true } as const],
    ['residual across a dense layer', { arrangement: [0, 2] } as const],
  ])('%s', (_, model) => {
    checkModel(vary({ model }), 12);
  });

  const terms = Object.keys(LOSSES) as (keyof LossesConfig)[];
  it.each(terms)('%s alone', (term) => {
    checkModel(
      vary({ losses: { [term]: LOSSES[term] }, router: { gate: 'renormalizedWithNull' } }),
      13,
    );
  });

  it('no FFN expert at all', () => {
    const slots: Slot[] = [{ kind: 'copy' }, { kind: 'constant' }, { kind: 'zero' }];
    const losses = { heterogeneous: { beta: 0.2 } };
    checkModel(vary({ experts: { slots, sharedHidden: 0 }, losses }), 14);
  });
});

describe('model: invariants', () => {
  const batch = { tokens: [0, 1, 2, 3, 4, 5, 6, 0], targets: [1, 2, 3, 4, 5, 6, 0, 1] };

  it('re-numbering the experts leaves logits and losses unchanged', () => {
    const slots: Slot[] = [2, 3, 4].map((hidden) => ({ kind: 'ffn', hidden }));
    const order = [2, 0, 1];
    const config = (list: Slot[]) =>
      vary({
        router: { bias: false, noise: false, gatingResidual: false, capacity: null },
        experts: { slots: list, sharedHidden: 0 },
        losses: { switch: { alpha: 0.1 } },
      });
    const [before, after] = [config(slots), config(order.map((i) => slots[i]!))];
    const params = draw(before, 15);
    const renumbered: RealTensors = new Map();
    for (const { name, shape } of parameterShapes(after)) {
      const source = name.replace(/experts\.(\d)/, (_, i) => `experts.${order[Number(i)]}`);
      const { data } = params.get(source)!;
      const D = 8;
      const rows = order.flatMap((i) => [...data.subarray(i * D, (i + 1) * D)]);
      const isRouter = name.endsWith('router.weight');
      renumbered.set(name, { shape, data: isRouter ? Float64Array.from(rows) : data });
    }
    const one = forward({ params, batch }, before, trainingMode(1));
    const two = forward({ params: renumbered, batch }, after, trainingMode(1));
    expectClose(two.trace.logits_TV, one.trace.logits_TV, TOLERANCES.float64, 'logits');
    expect(two.losses.total).toBeCloseTo(one.losses.total!, 12);
  });

  it('evaluation drops nothing and sampling keeps rank 1', () => {
    const config = vary({ router: { selection: 'randomDrop', q: 1, capacity: 0.1 } });
    const params = draw(config, 16);
    const counts = (mode: Parameters<typeof forward>[2]) => {
      const { trace } = forward({ params, batch }, config, mode);
      const layer = trace.layers[0]!.ffn;
      if (layer.kind !== 'moe') throw new Error('layer 0 is a MoE layer');
      const dropped = layer.saved.dispatch.dropped_TW.reduce((a, b) => a + b, 0);
      return { A: layer.saved.dispatch.A, dropped: dropped > 0 };
    };
    expect(counts(trainingMode(1))).toEqual({ A: 8, dropped: true });
    expect(counts({ step: 0, capacity: false, randomDrop: true })).toEqual({
      A: 8,
      dropped: false,
    });
    expect(counts({ step: 0, capacity: false, randomDrop: false })).toEqual({
      A: 16,
      dropped: false,
    });
  });
});
