import { describe, expect, it } from 'vitest';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { Draws } from '../../src/golden/draws.ts';
import { generateCase } from '../../src/golden/generate.ts';
import { selectionMargin } from '../../src/golden/margin.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { forward, type Trace } from '../../src/reference/model.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import type { NextToken } from '../../src/train/engine/engine.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import type { TokenRouting } from '../../src/train/engine/tokenRouting.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { ADAPTER_CLASSES } from '../support/kernelHarness.ts';
import { batchOf, ffn, records, runTo, tiny, useEngines } from './support.ts';

/** Texts gone on with token by token, beside whole passes of the CPU reference. */

const device = useDevice();
const FREE = { capacity: false, routing: true };
/** Models drawn at random. */
const MODELS = 24;
/** Smallest distance to another selection that a pass may have, as for golden cases. */
const MARGIN = 1e-4;

type Params = ReturnType<typeof copyTensors>;

/** A whole pass over one text, as sampling has it. */
function passOf(params: Params, config: EngineConfig, tokens: readonly number[]): Trace {
  const alone = { ...config, batch: { B: 1, S: tokens.length } };
  const batch = { tokens, targets: tokens.map(() => 0) };
  const mode = { step: 0, capacity: false, randomDrop: false };
  return forward({ params, batch }, alone, mode).trace;
}

/** A text of S tokens that no rounding routes otherwise. */
function drawText(draws: Draws, params: Params, config: EngineConfig): [number[], Trace] {
  const { V } = config.model;
  for (;;) {
    const text = Array.from({ length: config.batch.S }, () => draws.int(0, V - 1));
    const trace = passOf(params, config, text);
    if (selectionMargin(trace, config) >= MARGIN) return [text, trace];
  }
}

function routingAt({ layers }: Trace, t: number): TokenRouting[] {
  return layers.flatMap(({ ffn: { kind, saved } }, layer) => {
    if (kind !== 'moe') return [];
    const { W, selected_TW, gates_TR } = saved.routing;
    const R = saved.slots.length;
    const selected = selected_TW.slice(t * W, (t + 1) * W).filter((slot) => slot >= 0);
    const gates = Float32Array.from(selected, (slot) => gates_TR[t * R + slot]!);
    return [{ layer, selected, gates }];
  });
}

function expectNext(got: NextToken, trace: Trace, t: number, V: number, name: string): void {
  const want = trace.logits_TV.subarray(t * V, (t + 1) * V);
  expectClose(got.logits, want, { abs: 1e-4, rel: 1e-5 }, name);
  expect(got.isRecomputed).toBe(false);
  const routing = routingAt(trace, t);
  expect(
    got.routing.map(({ layer, selected }) => ({ layer, selected })),
    name,
  ).toEqual(routing.map(({ layer, selected }) => ({ layer, selected })));
  got.routing.forEach(({ gates }, i) => {
    expectClose(gates, routing[i]!.gates, { abs: 1e-5, rel: 1e-4 }, name);
  });
}

const seen = new Set<string>();

it.each(Array.from({ length: MODELS }, (_, i) => i + 1))(
  'goes on as whole passes do: model %i',
  async (seed) => {
    const { config, parameters } = generateCase(seed, { features: 'all' });
    const { V } = config.model;
    const { S } = config.batch;
    const draws = new Draws(seed, 'decode');
    const adapterClass = draws.pick(ADAPTER_CLASSES);
    const engine = await GpuEngine.create(device(), config, {
      domains: 1,
      initStd: 0.02,
      seedInit: 1,
      adapterClass,
    });
    engine.loadState({ ...(await engine.readState()), parameters: new Map(parameters) });
    const params = copyTensors(parameters, 'float64');
    // More than a product for few rows takes at once, and sometimes more than it is made for.
    const P = draws.pick([1, 2, 4, 5, 9]);
    const texts = Array.from({ length: P }, () => drawText(draws, params, config));
    const prompts = texts.map(() => draws.int(1, S));
    for (let added = 0; added < S; added++) {
      const ends = prompts.map((length) => Math.min(length + added, S));
      const now = texts.map(([text], i) => text.slice(0, ends[i]!));
      const next = await engine.next(now, FREE);
      next.forEach((one, i) => {
        const name = `text ${i} of ${P}, ${ends[i]} tokens`;
        expectNext(one!, texts[i]![1], ends[i]! - 1, V, name);
      });
    }
    for (const { ffn: layer } of texts[0]![1].layers) {
      if (layer.kind !== 'moe') continue;
      for (const { kind } of layer.saved.slots) seen.add(kind);
    }
    seen.add(config.router.selection).add(config.router.gate).add(adapterClass);
    seen.add(config.model.positions).add(`P ${P}`);
    engine.destroy();
  },
);

it('had all kinds of slots, selections, gates, bodies and positions', () => {
  expect([...seen]).toEqual(
    expect.arrayContaining([
      ...['ffn', 'negated', 'zero', 'copy', 'constant'],
      ...['topk', 'topp', 'randomDrop', 'adaptive'],
      ...['softmax', 'renormalized', 'renormalizedWithNull', 'renormalizedWithoutZero'],
      ...['gpu', 'software', 'rope', 'alibi', 'P 1', 'P 4', 'P 9'],
    ]),
  );
});

describe('an engine that goes on with texts', () => {
  const make = useEngines(device);
  const long = (overrides: Parameters<typeof tiny>[0] = {}) =>
    tiny({ batch: { B: 2, S: 150 }, ...overrides });
  const textOf = (config: EngineConfig, n: number, seed: number) =>
    Array.from({ length: n }, (_, i) => hashChain(seed, i) % config.model.V);
  const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

  it.each(ADAPTER_CLASSES)(
    'writes the same greedy texts as it does by whole windows, far beyond S (%s)',
    async (adapterClass: AdapterClass) => {
      const config = tiny({
        model: { H: 2, Hkv: 1, D: 24, positions: 'alibi' },
        batch: { B: 2, S: 70 },
      });
      const options = { domains: 1, initStd: 0.2, seedInit: 5, adapterClass };
      const engine = await GpuEngine.create(device(), config, options);
      runTo(engine, 5);
      const texts = [textOf(config, 66, 1), textOf(config, 3, 2), textOf(config, 68, 3)];
      for (let i = 0; i < 8; i++) {
        const next = await engine.next(texts, FREE);
        for (const [p, text] of texts.entries()) {
          const whole = await engine.nextLogits(text.slice(-70), { capacity: false });
          expectClose(next[p]!.logits, whole, { abs: 1e-5, rel: 1e-5 }, `text ${p}, token ${i}`);
          expect(best(next[p]!.logits)).toBe(best(whole));
          expect(next[p]!.isRecomputed).toBe(text.length > 70);
          text.push(best(whole));
        }
      }
      expect(texts.map((text) => text.length)).toEqual([74, 11, 76]);
      engine.destroy();
    },
  );

  it('computes windows as a whole where capacity drops assignments', async () => {
    const config = long({ router: { capacity: 0.5 } });
    const engine = await make(config);
    const text = textOf(config, 9, 1);
    const [free] = await engine.next([text], FREE);
    const [tight] = await engine.next([text], { capacity: true, routing: true });
    expect([free!.isRecomputed, tight!.isRecomputed]).toEqual([false, true]);
    expect(tight!.logits).toEqual(await engine.nextLogits(text, { capacity: true }));
    expect(tight!.logits).not.toEqual(free!.logits);
    expect(tight!.routing.map(({ layer }) => layer)).toEqual([0, 1]);
  });

  it('forgets what it kept with every change of the parameters, and only then computes prompts', async () => {
    const config = long();
    const engine = await make(config);
    const submits = async (text: number[]) => {
      const before = engine.submits;
      const [next] = await engine.next([text], FREE);
      const whole = await engine.nextLogits(text, { capacity: false });
      expectClose(next!.logits, whole, { abs: 1e-5, rel: 1e-5 }, `${text.length} tokens`);
      return engine.submits - before - 1;
    };
    const text = textOf(config, 140, 1);
    expect(await submits(text.slice(0, 130))).toBe(4);
    expect(await submits(text.slice(0, 131))).toBe(1);
    expect(await submits(text.slice(0, 131))).toBe(1);
    expect(await submits(text.slice(0, 130))).toBe(4);
    engine.submitStep(batchOf(config, 1));
    expect(await submits(text.slice(0, 131))).toBe(4);
    engine.loadState(await engine.readState());
    expect(await submits(text.slice(0, 132))).toBe(4);
    const { router } = config;
    await engine.reconfigure({ ...config, router: { ...router, K: 1, gate: 'softmax' } });
    expect(await submits(text.slice(0, 133))).toBe(4);
  });

  it('trains as without, bit for bit, and holds nothing before the first text', async () => {
    const config = long();
    const [asked, plain] = [await make(config), await make(config)];
    const before = asked.gpuBytes;
    for (let step = 1; step <= 6; step++) {
      for (const engine of [asked, plain]) engine.submitStep(batchOf(config, step));
      if (step === 2) expect(asked.gpuBytes).toBe(before);
      if (step >= 2) await asked.next([textOf(config, step * 20, step), [1]], FREE);
    }
    expect(asked.gpuBytes).toBeGreaterThan(before);
    expect((await records(asked)).scalars).toEqual((await records(plain)).scalars);
    expect(await asked.readState()).toEqual(await plain.readState());
  });

  it('goes on with the others where one has ended', async () => {
    const config = long();
    const engine = await make(config);
    const [short, text] = [textOf(config, 3, 1), textOf(config, 90, 2)];
    await engine.next([short, text.slice(0, 80)], FREE);
    const before = engine.submits;
    for (let n = 81; n <= 90; n++) {
      const [none, next] = await engine.next([null, text.slice(0, n)], FREE);
      expect(none).toBeNull();
      if (n < 90) continue;
      expect(engine.submits - before).toBe(10);
      const whole = await engine.nextLogits(text, { capacity: false });
      expectClose(next!.logits, whole, { abs: 1e-5, rel: 1e-5 }, 'next');
    }
    expect(await engine.next([null, null], FREE)).toEqual([null, null]);
  });

  it('refuses texts that it cannot go on with', async () => {
    const config = tiny();
    const engine = await make(config);
    const refused = (...texts: number[][]) => expect(engine.next(texts, FREE)).rejects;
    await refused().toThrow('0 texts at once; 1 … 64 are possible');
    await refused([1], []).toThrow('0 tokens of context');
    await refused([1, 11]).toThrow('token id 11; 0 … 10 are possible');
  });

  it('goes on with models of every width of heads and experts', async () => {
    for (const D of [4, 264]) {
      const config = tiny({ model: { D, H: 1, Hkv: 1 }, experts: { slots: [ffn(70), ffn(3)] } });
      const engine = await make(config);
      const text = textOf(config, 5, D);
      const [next] = await engine.next([text], FREE);
      const whole = await engine.nextLogits(text, { capacity: false });
      expectClose(next!.logits, whole, { abs: 1e-4, rel: 1e-5 }, `D ${D}`);
    }
  });
});
