import { describe, expect, test } from 'vitest';
import { COST_CLASSES, estimateStepSeconds, stepCosts } from '../../src/accounting/costs.ts';
import { estimateMemory } from '../../src/accounting/memory.ts';
import { countParameters, paperCounts } from '../../src/accounting/parameters.ts';
import { storedElements } from '../../src/accounting/storedElements.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { smallConfig } from './support.ts';

const T = 64;

describe('FLOPs of a step', () => {
  test('experts cost 18·D·Σ per layer over nominal rows', () => {
    const { forward, backward } = stepCosts(smallConfig({}));
    const sigma = 2 * T * 48;
    expect(forward.experts.flops).toBeCloseTo(3 * 6 * 32 * sigma, 6);
    expect(forward.experts.flops + backward.experts.flops).toBeCloseTo(3 * 18 * 32 * sigma, 6);
  });

  test('measured rows replace the nominal ones; zero-computation slots cost no matmul', () => {
    const slots: Slot[] = [
      { kind: 'ffn', hidden: 10 },
      { kind: 'zero' },
      { kind: 'negated', of: 0 },
      { kind: 'ffn', hidden: 30 },
    ];
    const config = smallConfig({ model: { L: 1 }, experts: { slots } });
    const { forward } = stepCosts(config, new Map([[0, [0.5, 1, 0.25, 0.25]]]));
    expect(forward.experts.flops).toBeCloseTo(6 * 32 * T * (0.75 * 10 + 0.25 * 30), 6);
    const idle = stepCosts(config, new Map([[0, [0, 2, 0, 0]]]));
    expect(idle.forward.experts.flops).toBe(0);
  });

  test('attention equals a count over all query and key pairs', () => {
    const { model, batch } = smallConfig({});
    let core = 0;
    for (let query = 0; query < batch.S; query++) {
      for (let key = 0; key <= query; key++) core += 4 * model.D;
    }
    const projections = 2 * T * (2 * 32 * 32 + 2 * 32 * 16);
    const { forward, backward } = stepCosts(smallConfig({}));
    expect(forward.attention.flops).toBe(model.L * (batch.B * core + projections));
    expect(backward.attention.flops).toBe(model.L * (3.5 * batch.B * core + 2 * projections));
  });

  test('approach M for a large dense model, attention apart', () => {
    const model = {
      arrangement: 'dense',
      D: 1024,
      denseHidden: 2816,
      V: 8,
      H: 16,
      Hkv: 16,
    } as const;
    const config = smallConfig({ model, batch: { B: 1, S: 16 } });
    const M = paperCounts(config).M;
    expect(Math.abs(stepCosts(config).forwardFlopsPerToken / M - 1)).toBeLessThan(0.01);
  });

  test('the total is the sum of its parts, and the optimiser costs 32 bytes a parameter', () => {
    const config = smallConfig({ model: { arrangement: '1dense' }, experts: { sharedHidden: 24 } });
    const costs = stepCosts(config);
    const parts = COST_CLASSES.flatMap((name) => [costs.forward[name], costs.backward[name]]);
    const flops = parts.reduce((sum, part) => sum + part.flops, costs.optimizer.flops);
    expect(costs.total.flops).toBeCloseTo(flops, 3);
    expect(costs.optimizer.bytes).toBe(32 * countParameters(config).total);
    for (const name of COST_CLASSES) expect(costs.forward[name].flops, name).toBeGreaterThan(0);
  });
});

describe('estimated time', () => {
  const costs = stepCosts(smallConfig({}));

  test('is compute time on an adapter with endless bandwidth, and the reverse', () => {
    const compute = estimateStepSeconds(costs, { gflopsPerSec: 2, gbytesPerSec: 1e12 });
    expect(compute).toBeCloseTo(costs.total.flops / 2e9, 9);
    const moving = estimateStepSeconds(costs, { gflopsPerSec: 1e12, gbytesPerSec: 4 });
    expect(moving).toBeCloseTo(costs.total.bytes / 4e9, 9);
  });
});

describe('memory', () => {
  test('holds at least every parameter four times, and little more for aligned shapes', () => {
    for (const config of [smallConfig({}), smallConfig({ model: { D: 256, tied: true } })]) {
      const exact = countParameters(config).total;
      const stored = storedElements(config);
      expect(stored).toBeGreaterThanOrEqual(exact);
      expect(stored).toBeLessThan(exact + 256 * 200);
      const { byClass } = estimateMemory(config);
      expect(byClass.moments).toBe(8 * stored);
      expect(byClass.gradients).toBe(byClass.parameters);
    }
  });

  test('expert pre-activations: rows of the widest expert for every possible assignment', () => {
    const slots: Slot[] = [
      { kind: 'ffn', hidden: 9 },
      { kind: 'ffn', hidden: 30 },
      { kind: 'zero' },
    ];
    const { items } = estimateMemory(smallConfig({ router: { K: 3 }, experts: { slots } }));
    const saved = items.find(({ label }) => label === 'Expert pre-activations')!;
    expect(saved).toMatchObject({ bytes: 4 * T * 3 * 2 * 32, buffers: 3 });
  });

  test('grows in proportion to the batch, and only in activations and batch buffers', () => {
    const one = estimateMemory(smallConfig({})).byClass;
    const two = estimateMemory(smallConfig({ batch: { B: 8 } })).byClass;
    expect(two.activations).toBe(2 * one.activations);
    expect(two.parameters).toBe(one.parameters);
  });

  test('says with numbers which buffer exceeds a limit', () => {
    const limits = { maxBufferBytes: 256 * 2 ** 20, maxBindingBytes: 128 * 2 ** 20 };
    expect(estimateMemory(smallConfig({}), limits).problems).toEqual([]);
    const { problems } = estimateMemory(smallConfig({ model: { V: 2 ** 20 } }), limits);
    expect(problems).toContainEqual({
      path: 'model.V',
      message:
        'Logits and their gradients: 256.0 MiB in one buffer, but this adapter binds at most 128.0 MiB.',
      severity: 'error',
    });
    expect(problems.map(({ path }) => path)).toContain('model.D');
  });
});
