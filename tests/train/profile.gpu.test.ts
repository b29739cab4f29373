import { describe, expect, it, vi } from 'vitest';
import { stepCosts } from '../../src/accounting/costs.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { EngineConfig, Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { slotsOfLayer } from '../../src/config/layers.ts';
import { presetById } from '../../src/config/presets.ts';
import type { Batch } from '../../src/data/types.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { profileSteps } from '../../src/train/profile/profile.ts';
import type { ProfileReport } from '../../src/train/profile/profileReport.ts';
import { TimestampTimer } from '../../src/train/profile/profileTimer.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();
const plain = useDevice(() => []);

const MODEL = applyChange(DEFAULTS_V1, {
  'model.D': 32,
  'model.L': 2,
  'model.H': 4,
  'model.Hkv': 2,
  'model.keyNorm': true,
  'router.noise': true,
  'experts.sharedHidden': 20,
  'experts.slots': [12, 40, 24, 64].map((hidden) => ({ kind: 'ffn', hidden })),
  'batch.B': 2,
  'batch.S': 64,
});
const V = 64;

function batchAt({ batch, model }: EngineConfig, step: number): Batch {
  const T = batch.B * batch.S;
  const draw = (stream: number) =>
    Uint32Array.from({ length: T }, (_, t) => hashChain(step, stream, t) % model.V);
  return { tokens: draw(0), targets: draw(1), domains: new Uint8Array(T) };
}

async function withEngine<T>(
  on: GPUDevice,
  experiment: Experiment,
  use: (engine: GpuEngine) => Promise<T>,
): Promise<T> {
  const config = engineConfig(experiment, V);
  const options = { domains: 1, initStd: 0.02, seedInit: 1, adapterClass: 'software' } as const;
  const engine = await GpuEngine.create(on, config, options);
  try {
    return await use(engine);
  } finally {
    engine.destroy();
  }
}

const profile = (engine: GpuEngine, n: number) =>
  profileSteps(engine, (step) => batchAt(engine.config, step), n);

function sumOf(report: ProfileReport, key: 'calls' | 'ms' | 'flops' | 'bytes'): number {
  return report.rows.reduce((sum, row) => sum + (row[key] ?? Number.NaN), 0);
}

/** Rows per token and slot of every MoE layer, those of a negated twin at its expert. */
function measuredRows({ experts, batch }: EngineConfig, report: ProfileReport) {
  const layers = new Map<number, number[]>();
  for (const { layer, rows } of report.experts) {
    layers.set(layer, [...(layers.get(layer) ?? []), rows / (batch.B * batch.S)]);
  }
  return new Map(
    [...layers].map(([layer, rows]) => {
      let expert = 0;
      const slots = slotsOfLayer(experts, layer);
      return [layer, slots.map(({ kind }) => (kind === 'ffn' ? (rows[expert++] ?? 0) : 0))];
    }),
  );
}

/** Parameters and moments after 6 steps, of which `profiled` pairs are taken by the profiler. */
function trained(on: GPUDevice, profiled: number) {
  return withEngine(on, MODEL, async (engine) => {
    if (profiled > 0) await profile(engine, profiled);
    while (engine.step < 6) engine.submitStep(batchAt(engine.config, engine.step + 1));
    await engine.settle(0);
    return { state: await engine.readState(), records: await engine.readTelemetry() };
  });
}

it.each([
  ['by timestamps', device],
  ['by the clock', plain],
])('trains bit for bit as without a profile, timed %s', async (_, on) => {
  expect(await trained(on(), 2)).toEqual(await trained(on(), 0));
});

describe('a profile by timestamps', () => {
  it('has every dispatch once, and times that fit between submit and end', async () => {
    await withEngine(device(), MODEL, async (engine) => {
      // How long a step takes is known after the first.
      engine.submitStep(batchAt(engine.config, 1));
      const report = await profile(engine, 5);
      expect(engine.step).toBe(11);
      expect(report).toMatchObject({ source: 'timestamps', steps: 5, submits: 1, invalid: 0 });
      expect([report.firstStep, report.lastStep]).toEqual([2, 11]);
      expect(sumOf(report, 'calls')).toBe(engine.dispatchesPerStep);
      expect(report.kernelMs).toBeCloseTo(sumOf(report, 'ms'), 9);
      // Kernels run one after another: together they take most of a step, and no more than it.
      expect(report.kernelMs).toBeLessThanOrEqual(report.timedWallMs);
      expect(report.kernelMs).toBeGreaterThan(0.2 * report.timedWallMs);
      expect(report.gpuBusy).toBeCloseTo(report.kernelMs / report.wallMs, 9);
      const layers = new Set(report.rows.map(({ layer }) => layer));
      expect(layers).toEqual(new Set([null, 0, 1]));
      const bytes = report.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
      expect(bytes).toBe(engine.gpuBytes);
    });
  });

  it('gives each expert its part of the grouped products by its rows', async () => {
    await withEngine(device(), MODEL, async (engine) => {
      const report = await profile(engine, 3);
      const slots = 2 * MODEL.batch.B * MODEL.batch.S;
      for (const layer of [0, 1]) {
        const experts = report.experts.filter((expert) => expert.layer === layer);
        expect(experts.map(({ hidden }) => hidden)).toEqual([12, 40, 24, 64]);
        const rows = experts.reduce((sum, expert) => sum + expert.rows, 0);
        expect(rows).toBeCloseTo(slots, 9);
      }
      // The shared expert has kernels of the same names: theirs is not the experts' time.
      const isGrouped = /^(expertUp|expertDown|swiglu)\./;
      const grouped = report.rows.filter(({ kernel }) => isGrouped.test(kernel));
      const time = report.experts.reduce((sum, e) => sum + e.forwardMs + e.backwardMs, 0);
      expect(time).toBeGreaterThan(0);
      expect(time).toBeLessThan(grouped.reduce((sum, { ms }) => sum + ms, 0));
    });
  });

  it.each(['default', 'moepp-8+4', 'tcmoe', 'modse-pairs'])(
    'knows the FLOPs and bytes of every kernel of %s as the accounting does',
    async (id) => {
      const experiment = applyChange(presetById(id)?.experiment ?? DEFAULTS_V1, {
        'batch.B': 2,
        'batch.S': 64,
      });
      await withEngine(device(), experiment, async (engine) => {
        const report = await profile(engine, 1);
        const unknown = report.rows.filter(({ flops }) => flops === null);
        expect(unknown.map(({ kernel }) => kernel)).toEqual([]);
        const { total } = stepCosts(engine.config, measuredRows(engine.config, report));
        expect(Math.abs(sumOf(report, 'flops') / total.flops - 1)).toBeLessThan(0.05);
        expect(Math.abs(sumOf(report, 'bytes') / total.bytes - 1)).toBeLessThan(0.25);
      });
    },
  );
});

it('leaves out a time whose timestamp is missing', async () => {
  const { run } = TimestampTimer.prototype;
  vi.spyOn(TimestampTimer.prototype, 'run').mockImplementation(async function (
    this: TimestampTimer,
  ) {
    const sample = await run.call(this);
    sample.times[0] = 0n;
    return sample;
  });
  await withEngine(device(), MODEL, async (engine) => {
    const { invalid, rows } = await profile(engine, 1);
    expect(invalid).toBe(1);
    expect(rows[0]?.ms).toBe(0);
  });
  vi.restoreAllMocks();
});

it('times phases where the adapter has no timestamps', async () => {
  await withEngine(plain(), MODEL, async (engine) => {
    const report = await profile(engine, 2);
    expect(report.source).toBe('wallClock');
    expect(report.rows.map(({ phase }) => phase)).toEqual(['forward', 'backward', 'optimizer']);
    expect(sumOf(report, 'calls')).toBe(engine.dispatchesPerStep);
    expect(report.experts).toEqual([]);
    for (const { ms } of report.rows) expect(ms).toBeGreaterThan(0);
  });
});

it('keeps no GPU object once a profile is over', async () => {
  await withEngine(device(), MODEL, async (engine) => {
    const made = vi.spyOn(device(), 'createBuffer');
    const sets = vi.spyOn(device(), 'createQuerySet');
    await profile(engine, 1);
    const [resolved, staging] = made.mock.results.map(({ value }) => value);
    expect(made).toHaveBeenCalledTimes(2);
    expect(sets).toHaveBeenCalledTimes(1);
    expect(() => resolved.getMappedRange()).toThrow();
    expect(() => staging.getMappedRange()).toThrow();
    made.mockRestore();
    sets.mockRestore();
  });
});
