import { describe, expect, it } from 'vitest';
import { checkConstraints } from '../../src/config/constraints.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../../src/config/layers.ts';
import { drawConfig } from '../../src/golden/drawConfig.ts';
import { Draws } from '../../src/golden/draws.ts';
import { parseCase, serializeCase, type TrainCase } from '../../src/golden/format.ts';
import { generateCase } from '../../src/golden/generate.ts';
import { referenceSubject } from '../../src/golden/referenceSubject.ts';
import { runCase } from '../../src/golden/run.ts';

const seeds = Array.from({ length: 40 }, (_, seed) => seed);

/** Slot kinds of all MoE layers. */
function kindsOf({ config }: TrainCase): string[] {
  return Array.from({ length: config.model.L }, (_, l) => l)
    .filter((l) => isMoeLayer(config.model, l))
    .flatMap((l) => slotsOfLayer(config.experts, l).map(({ kind }) => kind));
}

describe('generateCase', () => {
  it('is a function of the seed', () => {
    const [one, two] = [generateCase(3, { features: 'all' }), generateCase(3, { features: 'all' })];
    expect(serializeCase(one)).toEqual(serializeCase(two));
    expect(serializeCase(one).bytes).not.toEqual(
      serializeCase(generateCase(4, { features: 'all' })).bytes,
    );
  });

  it('writes what it reads, and the reference passes its own cases', async () => {
    for (const seed of [0, 1, 2]) {
      const golden = generateCase(seed, { features: 'all' });
      const { json, bytes } = serializeCase(golden);
      const back = parseCase(JSON.parse(JSON.stringify(json)), bytes);
      expect(back).toEqual(golden);
      expect((await runCase(back, referenceSubject())).passed).toBe(true);
    }
  });

  it('covers everything that a configuration can say', () => {
    const cases = seeds.map((seed) => generateCase(seed, { features: 'all' }));
    const seen = (values: (golden: TrainCase) => unknown) => new Set(cases.flatMap(values));
    const kinds = ['ffn', 'negated', 'zero', 'copy', 'constant'];
    expect(seen(kindsOf)).toEqual(new Set(kinds));
    expect(seen(({ config }) => config.router.selection).size).toBe(4);
    expect(seen(({ config }) => config.router.gate).size).toBe(4);
    expect(seen(({ config }) => config.model.positions).size).toBe(2);
    expect(seen(({ config }) => Object.keys(config.losses)).size).toBe(5);
    const flags = (golden: TrainCase) => {
      const { model, router, experts } = golden.config;
      const [dropped] = Object.values(golden.facts).map((fact) => fact.dropped);
      return [
        model.tied,
        model.keyNorm,
        model.Hkv < model.H,
        router.bias,
        router.noise,
        router.gatingResidual,
        router.capacity !== null,
        experts.sharedHidden > 0,
        experts.perLayer !== undefined,
        Math.max(0, dropped ?? 0) > 0,
        experts.slots.length > 32,
        model.D % 4 !== 0,
      ];
    };
    const on = cases.map(flags).reduce((a, b) => a.map((flag, i) => flag || b[i]!));
    expect(on.every(Boolean)).toBe(true);
  });

  it('keeps its distance from other selections and stays below the ceilings', () => {
    for (const seed of seeds) {
      const { margin, tolerance, facts } = generateCase(seed, { features: 'lab' });
      if (margin !== null) expect(margin).toBeGreaterThanOrEqual(1e-4);
      expect(tolerance.out.rel).toBeGreaterThanOrEqual(2e-5);
      expect(tolerance.after.rel).toBeLessThanOrEqual(5e-4);
      for (const { dropped } of Object.values(facts)) expect(dropped).toBe(0);
    }
  });

  it('asks for the features of the lab only', () => {
    for (const seed of seeds) {
      const { config } = generateCase(seed, { features: 'lab' });
      const { selection, noise, gatingResidual, capacity } = config.router;
      expect([selection, noise, gatingResidual, capacity]).toEqual(['topk', false, false, null]);
      expect(['softmax', 'renormalized']).toContain(config.router.gate);
      expect(config.experts.slots.every(({ kind }) => kind === 'ffn')).toBe(true);
      expect(config.experts.perLayer).toBeUndefined();
      expect(Object.keys(config.losses).every((term) => term === 'switch')).toBe(true);
    }
  });

  it('draws legal combinations of the balancing lab, all of them', async () => {
    const drawn = Array.from({ length: 300 }, (_, seed) => {
      return drawConfig(new Draws(seed, 'balance'), 'balance').config;
    });
    for (const config of drawn) {
      const { seed: drop, ...blocks } = config;
      const experiment = { ...DEFAULTS_V1, ...blocks, seeds: { ...DEFAULTS_V1.seeds, drop } };
      const problems = checkConstraints({ ...experiment, tokenizer: { kind: 'chars', size: 512 } });
      const errors = problems.filter(
        ({ severity, rule }) => severity === 'error' && rule !== 'vocabulary',
      );
      expect(errors.map(({ message }) => message)).toEqual([]);
    }
    const seen = (value: (config: EngineConfig) => unknown) => new Set(drawn.map(value)).size;
    expect(seen(({ router }) => router.selection)).toBe(6);
    expect(seen(({ router }) => router.gate)).toBe(5);
    expect(seen(({ router }) => router.score)).toBe(3);
    expect(seen(({ router }) => router.biasRule?.kind)).toBe(5);
    expect(seen(({ losses }) => losses.balance?.scope)).toBe(4);
    expect(seen(({ losses }) => losses.balance?.counts)).toBe(2);
    expect(seen(({ losses }) => losses.zloss)).toBeGreaterThan(1);
    for (const flag of [
      ({ router }: EngineConfig) => router.pool !== null,
      ({ router }: EngineConfig) => router.frozen,
      ({ router }: EngineConfig) => router.hashLayers !== null,
    ])
      expect(seen(flag)).toBe(2);
    const golden = generateCase(1, { features: 'balance' });
    const { json, bytes } = serializeCase(golden);
    const back = parseCase(JSON.parse(JSON.stringify(json)), bytes);
    expect(back).toEqual(golden);
    expect((await runCase(back, referenceSubject())).passed).toBe(true);
  });
});
