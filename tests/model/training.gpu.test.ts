import { describe, expect, it } from 'vitest';
import { countedCalls } from '../../bench/calls.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { locateNonFinite } from '../../src/train/inspect.ts';
import { useDevice } from '../support/gpu.ts';
import { batchOf, column, ffn, records, runTo, tiny, useEngines } from './support.ts';

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
