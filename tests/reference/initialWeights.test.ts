import { describe, expect, it } from 'vitest';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { fnv1a, hashChain } from '../../src/config/hash.ts';
import { initialWeight } from '../../src/config/initialWeights.ts';
import { type ParameterEntry, parameterShapes } from '../../src/config/parameterShapes.ts';
import { initialParameters } from '../../src/reference/init.ts';
import { trainingConfig } from './config.ts';
import { weightedSum } from './finiteDifferences.ts';

it('reproduces the check numbers of docs/model.md', () => {
  const name = 'embed.weight';
  expect(fnv1a(name)).toBe(0xc0226e60);
  const hashes = [0, 1, 2].map((i) => hashChain(1, fnv1a(name), i));
  expect(hashes).toEqual([0xb9ac6fd1, 0x5c3b65ba, 0x9b6e1f8e]);
  const entry: ParameterEntry = {
    name,
    shape: [2, 2],
    start: { kind: 'normal', divisor: 1 },
    decays: true,
  };
  const want = [-0.0102395024, 0.00436167745, 0.0150872543, -0.0246749502].map(Math.fround);
  expect([...initialWeight(entry, 0.02, 1)]).toEqual(want);
});

describe('initialParameters', () => {
  const slots: Slot[] = [
    { kind: 'ffn', hidden: 50 },
    { kind: 'negated', of: 0 },
    { kind: 'zero' },
    { kind: 'constant' },
  ];
  const withoutNegated = slots.filter(({ kind }) => kind !== 'negated');
  const start = (change: Partial<EngineConfig>) =>
    initialParameters({ ...trainingConfig(slots), ...change }, { initStd: 0.02, seed: 1 });

  it('starts biases at 0, −1 and −10 where the model has negated slots', () => {
    const bias = (parameters: ReturnType<typeof start>) => [
      ...parameters.get('layers.0.moe.router.bias')!.data,
    ];
    expect(bias(start({}))).toEqual([0, -1, -10, 0]);
    const plain = { slots: withoutNegated, sharedHidden: 0 };
    expect(bias(start({ experts: plain }))).toEqual([0, 0, 0]);
    // the model has negated slots, though this layer has none
    const other = { slots, perLayer: { '0': withoutNegated }, sharedHidden: 0 };
    expect(bias(start({ experts: other }))).toEqual([0, -10, 0]);
  });

  it('draws with the standard deviations of the table', () => {
    const parameters = start({});
    const std = (name: string) => {
      const { data } = parameters.get(name)!;
      return Math.sqrt(weightedSum(data, data) / data.length);
    };
    const within = (name: string, want: number) => {
      expect(Math.abs(std(name) / want - 1), name).toBeLessThan(0.1);
    };
    within('layers.0.attn.q.weight', 0.02);
    within('layers.0.attn.o.weight', 0.02 / Math.sqrt(2 * 3));
    within('layers.0.moe.experts.0.up.weight', 0.02);
    within('layers.0.moe.experts.0.down.weight', 0.02 / Math.sqrt(2 * 3));
    within('layers.1.moe.constants.0.vector', 1);
    expect(std('layers.2.ffn_norm.weight')).toBe(1);
    expect(std('layers.1.moe.router.noise_norm.weight')).toBe(1);
  });

  it('gives weight decay to matrices alone', () => {
    for (const { name, shape, decays } of parameterShapes(trainingConfig(slots))) {
      expect(decays, name).toBe(shape.length > 1);
    }
  });
});
