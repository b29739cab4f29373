/** What the balancing lab's mechanisms keep, leave alone and leave out (docs/balancing.md). */
import { describe, expect, it, vi } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import { countHistoryName } from '../../src/config/countHistory.ts';
import type { EngineConfig, RouterConfig } from '../../src/config/experiment.ts';
import { Network } from '../../src/model/network.ts';
import { inspect } from '../../src/reference/inspection.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import type { EngineState } from '../../src/train/engine/engine.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { batchOf, column, ffn, records, runTo, tiny, useEngines } from './support.ts';

const create = useEngines(useDevice());

const windowOf = (window: number, counts: 'selected' | 'unbiased' = 'selected') =>
  tiny({ losses: { balance: { coefficient: 0.1, scope: 'global', window, counts } } });

/** Counts of a layer's last steps, oldest first. */
function historyOf({ countHistories }: EngineState, layer: number): number[][] {
  const tensor = countHistories?.get(countHistoryName(layer));
  const [n = 0, R = 0] = tensor?.shape ?? [];
  return Array.from({ length: n }, (_, i) => [...tensor!.data.subarray(i * R, (i + 1) * R)]);
}

/** Without a loss that reads the loads. */
const quiet = (router: Partial<RouterConfig>): EngineConfig => ({
  ...tiny({ router }),
  losses: {},
});

const plain = tiny();
const LIVE: [string, EngineConfig][] = [
  ['z-loss', tiny({ losses: { zloss: { coefficient: 0.1 } } })],
  ['balance by sequence', tiny({ losses: { balance: { coefficient: 0.1, scope: 'sequence' } } })],
  ['balance over a window', windowOf(3)],
  ['hash in every layer', quiet({ selection: 'hash' })],
  ['hash in the first layer', tiny({ router: { selection: 'hash', hashLayers: 1 } })],
  ['expert choice', quiet({ selection: 'expertChoice' })],
  ['pools', tiny({ router: { pool: { min: 2, max: 4, evaluation: null } } })],
  ['a frozen router', tiny({ router: { frozen: true } })],
];

it.each(LIVE)('%s, live, goes on as an engine built so from the state', async (_, changed) => {
  const engine = await create(plain);
  runTo(engine, 3);
  await records(engine);
  const state = await engine.readState();
  await engine.reconfigure(changed);
  runTo(engine, 6);
  const built = await create(changed, state);
  runTo(built, 6);
  const got = await engine.readState();
  expect(got).toEqual(await built.readState());
  expect(await records(engine)).toEqual(await records(built));
  const unchanged = await create(plain, state);
  runTo(unchanged, 6);
  expect((await unchanged.readState()).parameters).not.toEqual(got.parameters);
  // And back again.
  await engine.reconfigure(plain);
  const back = await create(plain, { ...got, countHistories: new Map() });
  runTo(engine, 8);
  runTo(back, 8);
  expect(await engine.readState()).toEqual(await back.readState());
});

it.each([
  ['histories', windowOf(3)],
  ['a bias', tiny({ router: { biasRule: { kind: 'sign', rate: 0.1, centre: true } } })],
])('a change that begins %s frees what it took where it fails', async (_, changed) => {
  const engine = await create(plain);
  const made = vi.spyOn(engine.device, 'createBuffer');
  const destroyed = vi.spyOn(GPUBuffer.prototype, 'destroy');
  vi.spyOn(Network.prototype, 'backward').mockImplementationOnce(() => {
    throw new Error('no memory');
  });
  const held = engine.gpuBytes;
  await expect(engine.reconfigure(changed)).rejects.toThrow('no memory');
  const [before, after] = [made.mock.results.map(({ value }) => value), destroyed.mock.contexts];
  vi.restoreAllMocks();
  expect(before.filter((buffer) => !after.includes(buffer))).toEqual([]);
  expect(engine.gpuBytes).toBe(held);
  runTo(engine, 1);
  expect((await engine.readState()).step).toBe(1);
});

describe('a history of counts', () => {
  it('holds the last steps, and goes on from a state bit for bit', async () => {
    const config = windowOf(4);
    const engine = await create(config);
    runTo(engine, 2);
    expect(historyOf(await engine.readState(), 0)).toHaveLength(2);
    runTo(engine, 5);
    const read = await records(engine);
    const state = await engine.readState();
    const [first] = read.layers;
    const { W, R, assignments } = first!;
    const counts = Array.from({ length: 5 }, (_, step) =>
      Array.from({ length: R }, (_, r) =>
        Array.from({ length: W }, (_, w) => assignments[(step * W + w) * R + r]!).reduce(
          (a, b) => a + b,
        ),
      ),
    );
    expect(historyOf(state, 0)).toEqual(counts.slice(2));
    const other = await create(config, state);
    runTo(engine, 9);
    runTo(other, 9);
    expect(await other.readState()).toEqual(await engine.readState());
    const empty = await create(config, { ...state, countHistories: new Map() });
    runTo(empty, 6);
    expect((await empty.readState()).parameters).not.toEqual((await other.readState()).parameters);
  });

  it('keeps the newest under another window, and nothing under other counts', async () => {
    const engine = await create(windowOf(5));
    runTo(engine, 6);
    await records(engine);
    const before = historyOf(await engine.readState(), 1);
    expect(before).toHaveLength(4);
    await engine.reconfigure(windowOf(3));
    expect(historyOf(await engine.readState(), 1)).toEqual(before.slice(2));
    await engine.reconfigure(windowOf(9));
    expect(historyOf(await engine.readState(), 1)).toEqual(before.slice(2));
    await engine.reconfigure(windowOf(9, 'unbiased'));
    expect(historyOf(await engine.readState(), 1)).toEqual([]);
    await engine.reconfigure(tiny());
    expect((await engine.readState()).countHistories).toBeUndefined();
  });

  it('stays as it was at a step that is not finite', async () => {
    const engine = await create(windowOf(4));
    runTo(engine, 2);
    const state = await engine.readState();
    state.parameters.get('layers.1.moe.experts.0.down.weight')!.data[3] = Number.NaN;
    engine.loadState(state);
    runTo(engine, 4);
    await records(engine);
    expect(engine.nonFinite).toEqual({ step: 3 });
    expect((await engine.readState()).countHistories).toEqual(state.countHistories);
  });

  it('is emptied where a layer gets other slots', async () => {
    const config = windowOf(4);
    const engine = await create(config);
    runTo(engine, 3);
    await records(engine);
    const { slots } = config.experts;
    const after = {
      ...config,
      experts: { ...config.experts, perLayer: { '0': [...slots, ffn(6)] } },
    };
    const from = { '0': [0, 1, 2, 3, 0] };
    await engine.operate(after, { number: 1, surgery: { from } });
    const state = await engine.readState();
    expect(historyOf(state, 0)).toEqual([]);
    expect(historyOf(state, 1)).toHaveLength(3);
  });
});

describe('a frozen router', () => {
  const isRouter = (name: string) => name.includes('.moe.router.');
  const router = { bias: true, noise: true, gatingResidual: true };

  it('keeps parameters and moments, and counts for nothing in the norm', async () => {
    const engine = await create(tiny({ router }));
    runTo(engine, 3);
    await records(engine);
    const before = await engine.readState();
    await engine.reconfigure(tiny({ router: { ...router, frozen: true } }));
    runTo(engine, 5);
    const after = await engine.readState();
    for (const set of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      for (const [name, { data }] of after[set]) {
        if (isRouter(name)) expect(data, name).toEqual(before[set].get(name)!.data);
        else if (set !== 'secondMoments')
          expect(data, name).not.toEqual(before[set].get(name)!.data);
      }
    }
    const gradients = await engine.readGradients();
    let squares = 0;
    for (const [name, { data }] of gradients) {
      if (isRouter(name))
        expect(
          data.every((g) => g === 0),
          name,
        ).toBe(true);
      for (const g of data) squares += g * g;
    }
    const norms = column(await records(engine), 'gradNorm');
    expect(norms.at(-1)! / Math.sqrt(squares)).toBeCloseTo(1, 5);
  });
});

describe('what is not causal', () => {
  const chooses = (capacity: number | null) => quiet({ selection: 'expertChoice', capacity });

  it('generates by topk, with nothing dropped', async () => {
    const config = chooses(0.5);
    const engine = await create(config);
    runTo(engine, 3);
    const state = await engine.readState();
    const other = await create(tiny(), state);
    const batch = batchOf(config, 9);
    const window = batch.tokens.subarray(0, 5);
    for (const capacity of [false, true]) {
      const logits = await engine.nextLogits(window, { capacity });
      expect(logits).toEqual(await other.nextLogits(window, { capacity: false }));
      const [next] = await engine.next([window], { capacity, routing: true });
      const [want] = await other.next([window], { capacity: false, routing: true });
      expect(next).toEqual(want);
    }
    const causal = await other.evaluate(batch, { capacity: false });
    expect(await engine.generationLoss(batch)).toEqual(causal.perToken);
    expect((await engine.evaluate(batch, { capacity: false })).perToken).not.toEqual(
      causal.perToken,
    );
  });

  it('has pools in evaluation where they have a size, and never in generation', async () => {
    const pooled = (evaluation: number | null) =>
      tiny({ router: { pool: { size: 2, evaluation } } });
    const none = await create(pooled(null));
    runTo(none, 3);
    const state = await none.readState();
    const [some, other] = [await create(pooled(2), state), await create(tiny(), state)];
    const batch = batchOf(tiny(), 9);
    const causal = await other.evaluate(batch, { capacity: false });
    expect(await none.evaluate(batch, { capacity: false })).toEqual(causal);
    expect((await some.evaluate(batch, { capacity: false })).ce).not.toBe(causal.ce);
    expect(await some.generationLoss(batch)).toEqual(causal.perToken);
    const window = batch.tokens.subarray(0, 6);
    expect(await some.nextLogits(window, { capacity: false })).toEqual(
      await other.nextLogits(window, { capacity: false }),
    );
  });

  it('is inspected by the tokens of a passage alone, whatever fills its sequence up', async () => {
    const pooled = tiny({ router: { pool: { size: 2, evaluation: 2 } } });
    for (const config of [chooses(null), pooled]) {
      const engine = await create(config);
      runTo(engine, 3);
      const S = 5;
      const { tokens, targets, domains } = batchOf(config, 9);
      const [from, to] = [1, 1 + S];
      const passage = {
        tokens: tokens.slice(from, to),
        targets: targets.slice(from, to),
        domains: domains.slice(from, to),
      };
      const asked = { batches: [passage], S, capacity: false, interventions: [] };
      const alone = await create({ ...config, batch: { B: 1, S } }, await engine.readState());
      const { perToken } = await alone.evaluate(passage, { capacity: false });
      expect(await engine.passLosses(asked)).toEqual(perToken);
    }
  });
});

const ASKED: [string, EngineConfig][] = [
  ['hash, uniform', quiet({ selection: 'hash', gate: 'uniform' })],
  ['hash, renormalised', quiet({ selection: 'hash', gate: 'renormalized' })],
  ['expert choice', quiet({ selection: 'expertChoice', gate: 'renormalized' })],
  ['pools of evaluation', tiny({ router: { pool: { size: 1, evaluation: 1 }, K: 1 } })],
  ['sigmoid scores and a bias', tiny({ router: { score: 'sigmoid', biasRule: { kind: 'none' } } })],
];

it.each(ASKED)('%s: what is asked without some slots is as in the reference', async (_, config) => {
  const engine = await create(config);
  runTo(engine, 3);
  const params = copyTensors((await engine.readState()).parameters, 'float64');
  // One without tokens that a slot finds equally good.
  const batches = [batchOf(config, 5)];
  const interventions: Intervention[] = [
    { type: 'keepOnly', layer: 0, slots: [0, 3] },
    { type: 'keepOnly', layer: 1, slots: [0, 2] },
  ];
  const asked = { capacity: false, interventions };
  const want = inspect({ params, batches }, config, { ...asked, domainNames: [''] });
  const got = await engine.pass({ batches, S: config.batch.S, ...asked });
  for (const [i, { selected, gates, W }] of want.inspection.layers.entries()) {
    const layer = got.layers[i]!;
    for (let u = 0; u < got.tokens.length; u++) {
      const chosen = layer.selected.subarray(u * layer.W, (u + 1) * layer.W);
      expect([...chosen].slice(0, W), `${i} ${u}`).toEqual([
        ...selected.subarray(u * W, (u + 1) * W),
      ]);
      const weights = [...layer.gates.subarray(u * layer.W, (u + 1) * layer.W)].slice(0, W);
      expectClose(
        weights,
        [...gates.subarray(u * W, (u + 1) * W)],
        { abs: 1e-5, rel: 1e-4 },
        `g ${i} ${u}`,
      );
    }
  }
  expectClose(got.ce, want.ce, { abs: 1e-4, rel: 1e-4 }, 'ce');
});
