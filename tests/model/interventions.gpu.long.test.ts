import { expect, it } from 'vitest';
import type { Inspection, Intervention } from '../../src/analysis/inspection.ts';
import { slotsLeft } from '../../src/analysis/interventions.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { Draws } from '../../src/golden/draws.ts';
import type { TrainCase } from '../../src/golden/format.ts';
import { generateCase } from '../../src/golden/generate.ts';
import { selectionMargin } from '../../src/golden/margin.ts';
import { inspect } from '../../src/reference/inspection.ts';
import type { Trace } from '../../src/reference/model.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { expectClose } from '../support/expectClose.ts';
import { useDevice } from '../support/gpu.ts';
import { casesOf } from '../support/long.ts';

/** Random interventions on random models: the loss changes by as much as in two passes of the reference. */

const device = useDevice();
/** Interventions of one model. */
const EACH = 5;
const MODELS = casesOf(200, 20) / EACH;
/** Smallest distance to another selection that a pass may have, as for golden cases. */
const MARGIN = 1e-4;
/** Draws of a list with one model, before another is taken. */
const TRIES = 20;

/** Items of all types; forced ranks are among those that the token has in the plain pass. */
function drawItem(draws: Draws, { layers, tokens }: Inspection): Intervention {
  const { layer, kinds, selected, W } = draws.pick(layers);
  const token = draws.int(0, tokens.length - 1);
  const chosen = selected.subarray(token * W, (token + 1) * W).filter((slot) => slot >= 0);
  const anySlot = draws.int(0, kinds.length - 1);
  switch (draws.pick(['force', 'force', 'scale', 'scale', 'keepOnly', 'removeKind'] as const)) {
    case 'force':
      return { type: 'force', layer, token, rank: draws.int(0, chosen.length - 1), slot: anySlot };
    case 'scale': {
      const slot = draws.chance(0.8) ? draws.pick([...chosen]) : anySlot;
      return { type: 'scale', layer, token, slot, factor: draws.pick([0, -1, 0.5, 2, -0.3]) };
    }
    case 'keepOnly':
      return {
        type: 'keepOnly',
        layer,
        slots: kinds.flatMap((_, r) => (draws.chance(0.7) ? [r] : [])),
      };
    case 'removeKind':
      return {
        type: 'removeKind',
        kind: draws.pick([...kinds]),
        layer: draws.chance(0.5) ? layer : null,
      };
  }
}

/** Logits that are not left are no rival of a selection. */
function marginOf(trace: Trace, config: EngineConfig, items: readonly Intervention[]): number {
  const left = new Map(layerSpaces(config).map((space) => [space.layer, slotsLeft(items, space)]));
  const layers = trace.layers.map((layer, l) => {
    if (layer.ffn.kind !== 'moe') return layer;
    const { saved } = layer.ffn;
    const R = saved.slots.length;
    const z_TR = saved.z_TR.map((z, i) => (left.get(l)![i % R] ? z : Number.NEGATIVE_INFINITY));
    return { ...layer, ffn: { kind: 'moe' as const, saved: { ...saved, z_TR } } };
  });
  return selectionMargin({ ...trace, layers }, config);
}

/** Both batches of an inspection: the case's own, and the same in another order. */
function batchesOf({ batches: [batch] }: TrainCase) {
  const { tokens, targets } = batch!;
  const domains = new Uint8Array(tokens.length);
  return [
    { tokens, targets, domains },
    { tokens: tokens.toReversed(), targets: targets.toReversed(), domains },
  ];
}

/** A model with MoE layers, drawn from a seed. */
function modelOf(seed: number): TrainCase {
  for (let other = seed; ; other += 1000) {
    const drawn = generateCase(other, { features: 'all' });
    if (layerSpaces(drawn.config).length > 0) return drawn;
  }
}

const seen = new Set<string>();

it.each(Array.from({ length: MODELS }, (_, i) => i + 1))('model %i', async (seed) => {
  const model = modelOf(seed);
  const { config, parameters } = model;
  const draws = new Draws(seed, 'interventions');
  const batches = batchesOf(model);
  const capacity = draws.chance(0.6);
  const passOf = (interventions: readonly Intervention[], precision: 'float32' | 'float64') =>
    inspect({ params: copyTensors(parameters, precision), batches }, config, {
      capacity,
      interventions,
      domainNames: [''],
    });
  const options = { domains: 1, initStd: 0.02, seedInit: 1, adapterClass: 'gpu' as const };
  const engine = await GpuEngine.create(device(), config, options);
  engine.loadState({ ...(await engine.readState()), parameters: new Map(parameters) });
  const onGpu = (interventions: readonly Intervention[]) =>
    engine.pass({ batches, S: config.batch.S, capacity, interventions });
  const [plain, plain32] = [passOf([], 'float64'), passOf([], 'float32')];
  const plainGpu = await onGpu([]);
  const deltaOf = (ce: ArrayLike<number>, before: ArrayLike<number>) =>
    Array.from(ce, (value, u) => value - before[u]!);

  let done = 0;
  for (let i = 0; done < EACH; i++) {
    if (i === EACH * TRIES) throw new Error(`model ${seed}: no list in ${i} draws`);
    const items = Array.from({ length: draws.int(1, 5) }, () => drawItem(draws, plain.inspection));
    let pass: ReturnType<typeof passOf>;
    try {
      pass = passOf(items, 'float64');
    } catch (error) {
      await expect(onGpu(items)).rejects.toEqual(error);
      continue;
    }
    if (pass.traces.some((trace) => marginOf(trace, config, items) < MARGIN)) continue;
    const want = deltaOf(pass.ce, plain.ce);
    const rounded = deltaOf(passOf(items, 'float32').ce, plain32.ce);
    const noise = Math.max(...rounded.map((value, u) => Math.abs(value - want[u]!)));
    if (noise > 1e-4) continue;
    const got = await onGpu(items);
    const name = JSON.stringify(items);
    for (const [l, { selected, dropped }] of got.layers.entries()) {
      expect(selected, name).toEqual(pass.inspection.layers[l]!.selected);
      expect(dropped, name).toEqual(pass.inspection.layers[l]!.dropped);
    }
    const tolerance = { abs: 2e-6 + 10 * noise, rel: 2e-5 };
    expectClose(deltaOf(got.ce, plainGpu.ce), want, tolerance, name);
    for (const { type } of items) seen.add(type);
    done++;
  }
  for (const { kinds } of plain.inspection.layers) for (const kind of kinds) seen.add(kind);
  seen.add(config.router.selection).add(config.router.gate);
  engine.destroy();
});

it('had items of all types, and where there were many, all kinds and selections', () => {
  const types = ['force', 'scale', 'keepOnly', 'removeKind'];
  const kinds = ['ffn', 'negated', 'zero', 'copy', 'constant'];
  const selections = ['topk', 'topp', 'randomDrop', 'adaptive'];
  expect([...seen]).toEqual(expect.arrayContaining(types));
  if (MODELS > EACH) expect([...seen]).toEqual(expect.arrayContaining([...kinds, ...selections]));
});
