import { describe, expect, it } from 'vitest';
import { countedCalls } from '../../bench/calls.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { gradNorm } from '../../src/reference/clip.ts';
import { backward, forward } from '../../src/reference/model.ts';
import { trainingMode } from '../../src/reference/moeLayer.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { locateNonFinite } from '../../src/train/engine/inspect.ts';
import { useDevice } from '../support/gpu.ts';
import { ADAPTER_CLASSES, expectClose } from '../support/kernelHarness.ts';
import { batchOf, column, DOMAINS, ffn, records, runTo, tiny, useEngines } from './support.ts';

const device = useDevice();
const create = useEngines(device);

it('learns one batch by heart', async () => {
  const config = tiny({ optimizer: { lr: 0.02, weightDecay: 0 } });
  const engine = await create(config);
  const batch = batchOf(config, 1);
  for (let step = 1; step <= 250; step++) {
    engine.submitStep({ ...batch, targets: batch.tokens });
    if (step % 50 === 0) await records(engine);
  }
  const { ce } = await engine.evaluate({ ...batch, targets: batch.tokens }, { capacity: false });
  expect(ce).toBeLessThan(0.05);
});

describe('a step that is not finite', () => {
  const reckless = tiny({ optimizer: { lr: 1e6, warmup: 0, minLr: 1e6, clip: null } });

  it('is named, and changes nothing, nor does any step after it', async () => {
    const engine = await create(reckless);
    runTo(engine, 40);
    const read = await records(engine);
    const refused = engine.nonFinite?.step;
    expect(refused).toBeGreaterThan(1);
    expect(read.n).toBe(refused);
    const totals = column(read, 'total').map(Number.isFinite);
    const norms = column(read, 'gradNorm').map(Number.isFinite);
    totals.forEach((total, i) => {
      expect(total && norms[i]).toBe(i + 1 < refused!);
    });
    const state = await engine.readState();
    expect(state.step).toBe(refused! - 1);

    const stopped = await create(reckless);
    runTo(stopped, refused! - 1);
    expect(await stopped.readState()).toEqual(state);
    expect((await records(stopped)).n).toBe(refused! - 1);
    expect(stopped.nonFinite).toBeNull();
  });

  it('is traced to the first layer with a value that is not finite', async () => {
    const config = tiny({ model: { L: 3 } });
    const engine = await create(config);
    const batch = batchOf(config, 1);
    expect(await locateNonFinite(engine, batch)).toBeNull();
    const state = await engine.readState();
    state.parameters.get('layers.1.moe.experts.0.down.weight')!.data[3] = Number.NaN;
    engine.loadState(state);
    expect(await locateNonFinite(engine, batch)).toBe(1);
    engine.submitStep(batch);
    await records(engine);
    expect(engine.nonFinite).toEqual({ step: 1 });
    // Repaired parameters train on.
    state.parameters.get('layers.1.moe.experts.0.down.weight')!.data[3] = 0;
    engine.loadState(state);
    engine.submitStep(batch);
    expect(column(await records(engine), 'total').every(Number.isFinite)).toBe(true);
    expect(engine.nonFinite).toBeNull();
  });

  it('is refused where a router logit is not a number', async () => {
    const config = tiny({ router: { bias: true } });
    const engine = await create(config);
    const state = await engine.readState();
    state.parameters.get('layers.0.moe.router.bias')!.data[2] = Number.NaN;
    engine.loadState(state);
    const before = await engine.readState();
    engine.submitStep(batchOf(config, 1));
    await records(engine);
    expect(engine.nonFinite).toEqual({ step: 1 });
    expect((await engine.readState()).parameters).toEqual(before.parameters);
    expect(await locateNonFinite(engine, batchOf(config, 1))).toBe(0);
  });
});

describe('optimiser without memory', () => {
  it.each([
    [0, 0],
    [0.9, 0],
    [0, 0.999],
  ])('keeps the moments of every step: β = %d, %d', async (beta1, beta2) => {
    const optimizer = { lr: 0.01, minLr: 0.01, warmup: 0, clip: null, weightDecay: 0 };
    const config = tiny({ optimizer: { ...optimizer, beta1, beta2 } });
    const engine = await create(config);
    for (let step = 1; step <= 4; step++) {
      const before = await engine.readState();
      engine.submitStep(batchOf(config, step));
      const grads = await engine.readGradients();
      const after = await engine.readState();
      for (const [name, { data }] of grads) {
        const m = after.firstMoments.get(name)!.data;
        const v = after.secondMoments.get(name)!.data;
        const w = after.parameters.get(name)!.data;
        const start = before.parameters.get(name)!.data;
        data.forEach((g, i) => {
          if (beta1 === 0) expect(m[i]! / g || 1, `m of ${name}[${i}]`).toBeCloseTo(1, 6);
          // Squares below float32's range are 0.
          if (beta2 === 0 && g * g > 1e-37)
            expect(v[i]! / (g * g), `v of ${name}[${i}]`).toBeCloseTo(1, 6);
          if (beta1 > 0 || beta2 > 0) return;
          // eps keeps steps of tiny gradients below the rate.
          expect(Math.abs(w[i]! - start[i]!)).toBeLessThan(0.01 * (1 + 1e-5) + 1e-7);
        });
      }
    }
  });
});

describe.each(ADAPTER_CLASSES)('with weights of 1e3 on a %s adapter', (adapterClass) => {
  it.each([1, 2, 3])('step 2 has the gradients of the reference: seed %d', async (seed) => {
    const config = tiny({
      model: { V: 90, D: 32, L: 1, H: 4, Hkv: 4 },
      experts: { slots: [ffn(32), ffn(32), ffn(32), ffn(32)] },
      optimizer: { lr: 1e3, minLr: 1e3, warmup: 1 },
      batch: { B: 2, S: 32 },
    });
    const options = { domains: DOMAINS, initStd: 0.02, seedInit: seed, adapterClass };
    const engine = await GpuEngine.create(device(), config, options);
    try {
      engine.submitStep(batchOf(config, seed));
      const params = copyTensors((await engine.readState()).parameters, 'float64');
      const batch = batchOf(config, seed + 1);
      engine.submitStep(batch);
      const { trace } = forward({ params, batch }, config, trainingMode(2));
      const want = backward(trace, params, config);
      const [, norm] = column(await records(engine), 'gradNorm');
      expect(norm! / gradNorm(want)).toBeCloseTo(1, 5);
      const grads = await engine.readGradients();
      for (const part of ['q', 'k', 'v', 'o']) {
        const name = `layers.0.attn.${part}.weight`;
        expectClose(grads.get(name)!.data, want.get(name)!.data, { abs: 1e-7, rel: 1e-5 }, name);
      }
    } finally {
      engine.destroy();
    }
  });
});

describe('reconfigure', () => {
  const start = tiny({
    router: { capacity: 1.25, tau: 0.5 },
    experts: { slots: [ffn(6), { kind: 'zero' }, ffn(9), { kind: 'copy' }, ffn(3)] },
  });
  const changes: [string, EngineConfig][] = [
    ['K', { ...start, router: { ...start.router, K: 1 } }],
    ['tau', { ...start, router: { ...start.router, tau: 2 } }],
    ['gate', { ...start, router: { ...start.router, gate: 'softmax' } }],
    ['capacity', { ...start, router: { ...start.router, capacity: 0.5 } }],
    ['no capacity', { ...start, router: { ...start.router, capacity: null } }],
    ['selection', { ...start, router: { ...start.router, selection: 'topp', P: 0.6 } }],
    ['lr and clip', { ...start, optimizer: { ...start.optimizer, lr: 0.003, clip: null } }],
    ['loss weights', { ...start, losses: { switch: { alpha: 0.5 }, dynamic: { w: 0.1 } } }],
  ];

  it.each(changes)('of %s goes on as an engine built so from the state', async (_, changed) => {
    const engine = await create(start);
    runTo(engine, 3);
    await records(engine);
    const state = await engine.readState();
    await engine.reconfigure(changed);
    runTo(engine, 6);
    const built = await create(changed, state);
    runTo(built, 6);
    expect(await engine.readState()).toEqual(await built.readState());
    const [got, want] = [await records(engine), await records(built)];
    expect(got).toEqual(want);
    expect(got.firstStep).toBe(4);

    const unchanged = await create(start, state);
    runTo(unchanged, 6);
    expect((await unchanged.readState()).parameters).not.toEqual(
      (await engine.readState()).parameters,
    );
  });

  const numbers = changes.filter(([name]) => /^(tau|capacity|lr|loss)/.test(name));
  it.each(numbers)('of %s makes no GPU object and waits for no step', async (_, changed) => {
    const engine = await create(start);
    runTo(engine, 3);
    await records(engine);
    const calls = countedCalls();
    const { objects, buffersMade, maps } = calls;
    runTo(engine, 5);
    expect(engine.rewrite(changed)).toBe(true);
    runTo(engine, 6);
    expect({ ...calls }).toMatchObject({ objects, buffersMade, maps });
  });

  it('of more than numbers is no rewriting', async () => {
    const engine = await create(start);
    for (const [name, changed] of changes) {
      if (numbers.some(([known]) => known === name)) continue;
      expect(engine.rewrite(changed), name).toBe(false);
      expect(engine.config).toBe(start);
    }
  });

  it('refuses what alters a parameter', async () => {
    const engine = await create(start);
    const wider = {
      ...start,
      experts: { ...start.experts, slots: [ffn(7), ...start.experts.slots.slice(1)] },
    };
    await expect(engine.reconfigure(wider)).rejects.toThrow('alters the parameters');
  });
});
