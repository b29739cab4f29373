import { describe, expect, it, vi } from 'vitest';
import type { Slot } from '../../src/config/experiment.ts';
import { usefulFeatures } from '../../src/gpu/adapterInfo.ts';
import { forward } from '../../src/reference/model.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { locateNonFinite } from '../../src/train/engine/inspect.ts';
import { readRouting } from '../../src/train/engine/inspections.ts';
import { useDevice } from '../support/gpu.ts';
import { batchOf, column, DOMAINS, ffn, records, runTo, tiny, useEngines } from './support.ts';

const device = useDevice();
const heldToDefaults = useDevice(usefulFeatures, () => ({}));
const create = useEngines(device);

describe('telemetry', () => {
  it('counts every assignment, its domain and its drops, as the routing has them', async () => {
    const config = tiny({ router: { capacity: 0.6, K: 3 }, batch: { B: 5, S: 13 } });
    const T = 65;
    const engine = await create(config);
    for (let step = 1; step <= 3; step++) {
      const batch = batchOf(config, step);
      const routing = await readRouting(engine, batch);
      engine.submitStep(batch);
      const { n, layers, firstStep } = await records(engine);
      expect([n, firstStep, layers.length]).toEqual([1, step, 2]);
      layers.forEach((loads, l) => {
        const { R, W, assignments, drops, domains, meanProb, meanGate } = loads;
        const { selected, gates, dropped } = routing[l]!;
        const want = {
          assignments: new Uint32Array(W * R),
          drops: new Uint32Array(R),
          domains: new Uint32Array(R * DOMAINS),
        };
        const gateSum = new Float64Array(R);
        selected.forEach((slot, i) => {
          want.assignments[(i % W) * R + slot]!++;
          want.domains[slot * DOMAINS + batch.domains[Math.floor(i / W)]!]!++;
          if (dropped[i]) want.drops[slot]!++;
          gateSum[slot]! += gates[i]!;
        });
        expect({ assignments, drops, domains }).toEqual(want);
        expect(assignments.reduce((a, b) => a + b)).toBe(3 * T);
        expect(domains.reduce((a, b) => a + b)).toBe(3 * T);
        expect(drops.reduce((a, b) => a + b)).toBeGreaterThan(0);
        expect(meanProb.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        meanGate.forEach((mean, r) => {
          const count = [0, 1, 2].reduce((sum, w) => sum + assignments[w * R + r]!, 0);
          expect(mean).toBeCloseTo(gateSum[r]! / Math.max(count, 1), 5);
        });
      });
    }
  });

  it('hands out each step once, and says so when some were overwritten', async () => {
    const engine = await create(tiny());
    expect(await engine.readTelemetry()).toBeNull();
    runTo(engine, 5);
    expect(await records(engine)).toMatchObject({ firstStep: 1, n: 5 });
    expect(await engine.readTelemetry()).toBeNull();
    runTo(engine, 5 + engine.ringSteps);
    const all = await records(engine);
    expect(all).toMatchObject({ firstStep: 6, n: engine.ringSteps });
    expect(column(all, 'lr').every((lr) => lr > 0)).toBe(true);
    runTo(engine, engine.step + engine.ringSteps + 2);
    await expect(engine.readTelemetry()).rejects.toThrow('were overwritten');
  });
});

const free = { capacity: false };

describe('passes beside training', () => {
  it('change no bit of it', async () => {
    const config = tiny({
      router: { selection: 'randomDrop', q: 0.5, capacity: 1 },
      model: { tied: true },
    });
    const [quiet, busy] = [await create(config), await create(config)];
    runTo(quiet, 6);
    for (let step = 1; step <= 6; step++) {
      runTo(busy, step);
      const other = batchOf(config, 100 + step);
      await busy.evaluate(other, { capacity: step % 2 === 0 });
      await busy.nextLogits([1, 2, 3], { capacity: step % 2 === 0 });
      await busy.inspect(other, () => true);
      await locateNonFinite(busy, other);
    }
    expect(await busy.readState()).toEqual(await quiet.readState());
    expect(await records(busy)).toEqual(await records(quiet));
  });

  it('evaluate what training reports, where nothing is dropped', async () => {
    const config = tiny();
    const engine = await create(config);
    const batch = batchOf(config, 1);
    const { ce, perToken } = await engine.evaluate(batch, { capacity: false });
    expect(perToken).toHaveLength(21);
    engine.submitStep(batch);
    const [trained] = column(await records(engine), 'ce');
    expect(Math.abs(ce - trained!)).toBeLessThan(1e-6);
  });

  it('drop by capacity in evaluation only where they are told to', async () => {
    const config = tiny({ router: { capacity: 0.3 } });
    const [tight, loose] = [await create(config), await create(tiny())];
    const batch = batchOf(config, 1);
    const dropping = await tight.evaluate(batch, { capacity: true });
    const whole = await tight.evaluate(batch, { capacity: false });
    expect(whole).toEqual(await loose.evaluate(batch, { capacity: false }));
    expect(dropping.ce).not.toBe(whole.ce);
  });

  it('give the next logits of a context, whatever would follow it', async () => {
    const config = tiny();
    const engine = await create(config);
    const { V } = config.model;
    const batch = batchOf(config, 1);
    const first = batch.tokens.subarray(0, 7);
    const logits = await engine.nextLogits(first, free);
    // Cross-entropy of every token as the target gives back the logits, but for a constant.
    const ces: number[] = [];
    for (let v = 0; v < V; v++) {
      const targets = batch.targets.slice().fill(v);
      const { perToken } = await engine.evaluate({ ...batch, targets }, { capacity: false });
      ces.push(perToken[6]!);
    }
    ces.forEach((ce, v) => {
      expect(Math.abs(logits[v]! - logits[0]! - (ces[0]! - ce))).toBeLessThan(2e-6);
    });
    const early = await engine.nextLogits(first.subarray(0, 3), free);
    expect(early).toHaveLength(V);
    expect(early).not.toEqual(logits);
    await expect(engine.nextLogits([], free)).rejects.toThrow('0 tokens of context');
    await expect(engine.nextLogits(new Uint32Array(8), free)).rejects.toThrow('8 tokens');
  });

  it('write by capacity where they are told to: the tokens of the context alone compete', async () => {
    const slots: Slot[] = [
      ffn(6),
      ffn(9),
      { kind: 'constant' },
      { kind: 'copy' },
      { kind: 'zero' },
    ];
    const router = { gate: 'softmax', capacity: 0.8, tau: 0.75 } as const;
    const config = tiny({ router, experts: { slots, sharedHidden: 0 } });
    const engine = await create(config);
    runTo(engine, 3);
    const { parameters } = await engine.readState();
    const params = copyTensors(parameters, 'float64');
    const { V } = config.model;
    for (const length of [1, 4, 7]) {
      const tokens = batchOf(config, 1).tokens.subarray(0, length);
      const of = { ...config, batch: { B: 1, S: length } };
      const expected = (capacity: boolean) => {
        const mode = { step: 0, capacity, randomDrop: false };
        const batch = { tokens, targets: tokens };
        return forward({ params, batch }, of, mode).trace.logits_TV.subarray((length - 1) * V);
      };
      const tight = await engine.nextLogits(tokens, { capacity: true });
      const loose = await engine.nextLogits(tokens, free);
      for (const [logits, capacity] of [
        [tight, true],
        [loose, false],
      ] as const) {
        const wanted = expected(capacity);
        expect(Math.max(...logits.map((z, v) => Math.abs(z - wanted[v]!)))).toBeLessThan(1e-5);
      }
      if (length > 1) expect(tight).not.toEqual(loose);
    }
  });

  it('refuse a batch of another size, with the numbers', async () => {
    const config = tiny();
    const engine = await create(config);
    const { tokens, ...rest } = batchOf(config, 1);
    expect(() => engine.submitStep({ ...rest, tokens: tokens.slice(1) })).toThrow('20 tokens');
  });
});

it('says how large a buffer would be where the adapter does not allow it', async () => {
  const huge = tiny({ model: { D: 64 }, batch: { B: 1024, S: 1024 } });
  const create = GpuEngine.create(heldToDefaults(), huge, {
    domains: 1,
    initStd: 0.02,
    seedInit: 1,
  });
  await expect(create).rejects.toMatchObject({
    name: 'ModelTooLarge',
    message: expect.stringMatching(/embedded_TD: 256\.0 MiB in one buffer, .* at most 128\.0 MiB/),
  });
});

it('keeps the model where the GPU has no memory left for what it is to become', async () => {
  const config = tiny();
  const [engine, plain] = [await create(config), await create(config)];
  runTo(engine, 2);
  const held = engine.gpuBytes;
  const pop = vi.spyOn(device(), 'popErrorScope');
  pop.mockImplementationOnce(async () => {
    pop.mockRestore();
    await device().popErrorScope();
    return new GPUOutOfMemoryError('none left.');
  });
  const wider = { ...config, router: { ...config.router, K: 3 } };
  await expect(engine.reconfigure(wider)).rejects.toMatchObject({
    name: 'ModelTooLarge',
    message: expect.stringMatching(/no memory left for [\d.]+ MiB more: none left\./),
  });
  expect(engine.gpuBytes).toBe(held);
  runTo(engine, 4);
  runTo(plain, 4);
  expect(await engine.readState()).toEqual(await plain.readState());
});
