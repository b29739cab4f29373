import { describe, expect, it } from 'vitest';
import type { Intervention } from '../../src/analysis/inspection.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { inspect } from '../../src/reference/inspection.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import {
  ANALYSIS_CASES,
  type AnalysisCase,
  analysisCase,
  numbersOf,
} from '../support/analysisCases.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { ADAPTER_CLASSES } from '../support/kernelHarness.ts';
import { batchOf, ffn, records, runTo, tiny, useEngines } from './support.ts';

/** Golden cases of kind `analysis` on WebGPU: what tokens chose, and what if. */

const device = useDevice();

async function engineOf(golden: AnalysisCase, adapterClass: AdapterClass): Promise<GpuEngine> {
  const { config, params, domains } = golden;
  const options = { domains: domains.length, initStd: 0.02, seedInit: 1, adapterClass };
  const engine = await GpuEngine.create(device(), config, options);
  const state = await engine.readState();
  engine.loadState({ ...state, parameters: params });
  return engine;
}

describe.each(ADAPTER_CLASSES)('with the kernels of a %s adapter', (adapterClass) => {
  it.each(ANALYSIS_CASES.map(analysisCase))('$name', async (golden) => {
    const { config, batches, capacity, requests, tolerance } = golden;
    const engine = await engineOf(golden, adapterClass);
    const pass = (interventions: readonly Intervention[]) =>
      engine.pass({ batches, S: config.batch.S, capacity, interventions });
    const plain = await pass([]);
    const close = (got: ArrayLike<number>, name: string, as: string) =>
      expectClose(got, numbersOf(golden, name), tolerance[as]!, name);
    close(plain.ce, 'out.tokens.ce', 'tokens');
    for (const { layer, W, selected, gates, dropped, norms } of plain.layers) {
      const name = (field: string) => `out.tokens.layers.${layer}.${field}`;
      expect(golden.tensors.get(name('selected'))?.shape).toEqual([plain.ce.length, W]);
      expect([...selected]).toEqual(numbersOf(golden, name('selected')));
      expect([...dropped]).toEqual(numbersOf(golden, name('dropped')));
      close(gates, name('gates'), 'tokens');
      close(norms, name('norms'), 'tokens');
    }
    for (const [j, { name, items }] of requests.entries()) {
      const { ce } = await pass(items);
      const delta = Array.from(ce, (value, u) => value - plain.ce[u]!);
      const want = numbersOf(golden, `out.interventions.${j}.delta`);
      expectClose(delta, want, tolerance.interventions!, name);
      if (want.every((value) => value === 0)) expect(ce, name).toEqual(plain.ce);
    }
    engine.destroy();
  });
});

describe('an engine that is inspected', () => {
  const make = useEngines(device);
  const mixed = (overrides: Parameters<typeof tiny>[0] = {}): EngineConfig =>
    tiny({
      router: { K: 3, gate: 'renormalizedWithNull', capacity: 0.8, tau: 0.5, gatingResidual: true },
      experts: {
        slots: [ffn(6), { kind: 'zero' }, { kind: 'negated', of: 0 }, ffn(9), { kind: 'constant' }],
      },
      ...overrides,
    });
  const requestOf = (config: EngineConfig, interventions: readonly Intervention[] = []) => ({
    batches: [batchOf(config, 900), batchOf(config, 901)],
    S: config.batch.S,
    capacity: true,
    interventions,
  });

  it.each([true, false])(
    'has the losses of an evaluation, bit for bit; capacity: %s',
    async (capacity) => {
      const config = mixed();
      const engine = await make(config);
      runTo(engine, 3);
      const request = { ...requestOf(config), capacity };
      const { ce } = await engine.pass(request);
      const each = await Promise.all(
        request.batches.map((one) => engine.evaluate(one, { capacity })),
      );
      expect([...ce]).toEqual(each.flatMap(({ perToken }) => [...perToken]));
      expect(await engine.passLosses(request)).toEqual(ce);
    },
  );

  it('changes no bit by what was so anyway', async () => {
    const selections = [
      {},
      { selection: 'topp', P: 0.7, gate: 'softmax' },
      { selection: 'randomDrop', K: 2, q: 0.5, gate: 'renormalized' },
      { selection: 'topk', gate: 'renormalizedWithoutZero' },
    ] as const;
    for (const router of selections) {
      const { router: base } = mixed();
      const config = mixed({ router: { ...base, ...router } });
      const engine = await make(config);
      runTo(engine, 2);
      const plain = await engine.pass(requestOf(config));
      const same = plain.layers.flatMap(({ layer, kinds, selected, W }): Intervention[] => [
        { type: 'keepOnly', layer, slots: kinds.map((_, slot) => slot) },
        ...Array.from(selected, (slot, i): Intervention[] => {
          const token = Math.floor(i / W);
          if (slot < 0) return [];
          return [
            { type: 'force', layer, token, rank: i % W, slot },
            { type: 'scale', layer, token, slot, factor: 1 },
          ];
        }).flat(),
      ]);
      expect(await engine.pass(requestOf(config, same))).toEqual(plain);
      // And nothing of it stays for the next pass.
      const other: Intervention[] = [
        { type: 'removeKind', kind: 'ffn', layer: null },
        ...plain.layers.map(({ layer }): Intervention => {
          return { type: 'scale', layer, token: 30, slot: 4, factor: -2 };
        }),
      ];
      expect((await engine.pass(requestOf(config, other))).ce).not.toEqual(plain.ce);
      expect(await engine.pass(requestOf(config))).toEqual(plain);
    }
  });

  it('tells of a passage what the reference tells, filled up or not', async () => {
    const config = mixed({ batch: { B: 3, S: 9 } });
    const engine = await make(config);
    runTo(engine, 4);
    const { parameters } = await engine.readState();
    const { tokens, targets } = batchOf(config, 12);
    for (const [m, capacity] of [
      [5, false],
      [5, true],
      [9, true],
      [1, false],
    ] as const) {
      const cut = (of: Uint32Array) => of.slice(0, m);
      const batch = { tokens: cut(tokens), targets: cut(targets), domains: new Uint8Array(m) };
      const items: Intervention[] = [
        { type: 'scale', layer: 1, token: m - 1, slot: 0, factor: 0.5 },
        { type: 'force', layer: 0, token: 0, rank: 1, slot: 2 },
      ];
      const pass = await engine.pass({ batches: [batch], S: m, capacity, interventions: items });
      const { inspection } = inspect(
        { params: copyTensors(parameters, 'float64'), batches: [batch] },
        { ...config, batch: { B: 1, S: m } },
        { capacity, interventions: items, domainNames: [''] },
      );
      expect(pass).toMatchObject({ n: 1, B: 1, S: m, tokens: inspection.tokens });
      expectClose(pass.ce, inspection.ce, { abs: 2e-6, rel: 2e-5 }, 'ce');
      for (const [l, { selected, dropped }] of pass.layers.entries()) {
        expect({ selected, dropped }).toMatchObject({
          selected: inspection.layers[l]!.selected,
          dropped: inspection.layers[l]!.dropped,
        });
      }
    }
  });

  it('tells what slots rank by, and how many a token has where slots take tokens', async () => {
    const sigmoid = { kind: 'sign', rate: 0.1, centre: false } as const;
    const routers = [
      { score: 'sigmoid', biasRule: sigmoid },
      { biasRule: sigmoid, pool: { size: 3, evaluation: 3 } },
      { selection: 'expertChoice', gate: 'softmax' },
    ] as const;
    for (const router of routers) {
      const config = tiny({ router, losses: {} });
      const engine = await make(config);
      runTo(engine, 3);
      const { parameters } = await engine.readState();
      const request = { ...requestOf(config), capacity: false };
      const got = await engine.pass(request);
      const want = inspect(
        { params: copyTensors(parameters, 'float64'), batches: request.batches },
        config,
        { capacity: false, domainNames: [''] },
      ).inspection;
      for (const [l, { ranking, selection, selected, W }] of got.layers.entries()) {
        const layer = want.layers[l]!;
        expect({ selection, selected, W }).toEqual({
          ...{ selection: layer.selection, selected: layer.selected, W: layer.W },
        });
        expect(ranking?.length).toBe(layer.ranking?.length);
        // Infinite values by their places.
        const finite = (values: ArrayLike<number> = []) =>
          Array.from(values, (v) => (v === Number.NEGATIVE_INFINITY ? -1e3 : v));
        expectClose(finite(ranking), finite(layer.ranking), { abs: 2e-6, rel: 2e-5 }, 'ranking');
      }
      const [layer] = got.layers;
      expect(layer!.ranking === undefined).toBe(layer!.selection === 'expertChoice');
    }
  });

  it('takes γ and τ as they are changed', async () => {
    const config = mixed();
    const [engine, other] = [await make(config), await make(config)];
    await engine.pass(requestOf(config));
    const changed = { ...config, router: { ...config.router, capacity: 0.3, tau: 2 } };
    for (const one of [engine, other]) expect(one.rewrite(changed)).toBe(true);
    const { layers } = await engine.pass(requestOf(changed));
    expect(layers).toEqual((await other.pass(requestOf(changed))).layers);
    expect(layers.some(({ dropped }) => dropped.includes(1))).toBe(true);
  });

  it('holds nothing for inspections before the first one, nor after a change of its plans', async () => {
    const config = mixed();
    const engine = await make(config);
    const before = engine.gpuBytes;
    runTo(engine, 2);
    await engine.evaluate(batchOf(config, 1), { capacity: true });
    expect(engine.gpuBytes).toBe(before);
    await engine.pass(requestOf(config));
    const shared = engine.gpuBytes;
    expect(shared).toBeGreaterThan(before);
    const { tokens, targets } = batchOf(config, 2);
    const passage = {
      tokens: tokens.slice(0, 4),
      targets: targets.slice(0, 4),
      domains: new Uint8Array(4),
    };
    const ask = { ...requestOf(config), batches: [passage], S: 4 };
    await engine.pass(ask);
    const own = engine.gpuBytes;
    expect(own - shared).toBeGreaterThan(shared - before);
    await engine.pass(requestOf(config));
    await engine.pass(ask);
    expect(engine.gpuBytes).toBe(own);
    await records(engine);
    await engine.reconfigure({ ...config, router: { ...config.router, K: 2, gate: 'softmax' } });
    expect(engine.buffers.filter(({ use }) => use === 'inspection')).toEqual([]);
    const K2 = await engine.pass(requestOf(engine.config));
    expect(K2.layers.map(({ W }) => W)).toEqual([2, 2]);
  });

  it('has losses alone of a model without MoE layers', async () => {
    const config = tiny({ model: { arrangement: 'dense' } });
    const engine = await make(config);
    const { ce, layers } = await engine.pass(requestOf(config));
    expect(layers).toEqual([]);
    expect(ce.every((loss) => loss > 0)).toBe(true);
    const none: Intervention = { type: 'removeKind', kind: 'ffn', layer: null };
    await expect(engine.pass(requestOf(config, [none]))).rejects.toThrow(
      'Intervention 0 (removeKind): the model has no slot of kind "ffn"; kinds: none',
    );
  });

  it('makes room for more forced slots than it had', async () => {
    const config = mixed();
    const engine = await make(config);
    const T = config.batch.B * config.batch.S;
    const items = Array.from({ length: 30 * T }, (_, i): Intervention => {
      return { type: 'force', layer: 0, token: i % (2 * T), rank: i % 3, slot: (i * 7) % 5 };
    });
    const { params, batches } = {
      params: copyTensors((await engine.readState()).parameters, 'float64'),
      batches: requestOf(config).batches,
    };
    const want = inspect({ params, batches }, config, {
      capacity: true,
      interventions: items,
      domainNames: [],
    }).inspection;
    await engine.pass(requestOf(config));
    const got = await engine.pass(requestOf(config, items));
    expect(got.layers[0]!.selected).toEqual(want.layers[0]!.selected);
    expectClose(got.ce, want.ce, { abs: 2e-6, rel: 2e-5 }, 'ce');
  });

  it('trains with a plan in which nothing of an inspection is', async () => {
    const engine = await make(mixed());
    const names = () =>
      engine.stepPlans.flatMap(({ plan }) => plan.dispatches.map(({ name }) => name));
    const before = names();
    await engine.pass(requestOf(engine.config));
    expect(names()).toEqual(before);
    expect(before.filter((name) => name.startsWith('interventions'))).toEqual([]);
  });
});
