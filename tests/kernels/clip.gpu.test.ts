import { describe, expect, it } from 'vitest';
import { AUX_TERMS } from '../../src/config/auxTerms.ts';
import { scalarColumn } from '../../src/config/telemetry.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { CLIP_RECORD_WORDS, CLIP_WORKGROUPS, clip, STATE_WORDS } from '../../src/kernels/clip.ts';
import { RECORD } from '../../src/kernels/codes.ts';
import { clipScale, gradNorm } from '../../src/reference/clip.ts';
import { useDevice } from '../support/gpu.ts';
import {
  ADAPTER_CLASSES,
  expectClose,
  OUTPUT,
  randomFloats,
  toReal,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();
const RECORD_FLOATS = 13;
const SLOTS = 3;

interface Case {
  grad: Float32Array;
  loss: Float32Array;
  aux: Float32Array;
  clip: number;
  /** State before the step. */
  state?: [number, number, number];
}

const AUX = AUX_TERMS.length;

/** Runs step 5, whose record is slot 1 of the ring. */
async function run(
  adapterClass: AdapterClass,
  { grad, loss, aux, clip: limit, state = [0, 0, 0] }: Case,
) {
  const found = { record: new Float32Array(), step: 0, state: new Uint32Array(), scale: 0 };
  await withBench(
    device(),
    async (bench) => {
      const ring = new Float32Array(SLOTS * RECORD_FLOATS).fill(-7);
      const io = {
        grad_N: bench.input('grad_N', grad),
        partials_W: bench.output('partials_W', CLIP_WORKGROUPS),
        loss_T: bench.input('loss_T', loss),
        aux_LA: bench.input('aux_LA', aux.length ? aux : new Float32Array(1)),
        state: bench.input('state', Uint32Array.from(state)),
        ring: bench.input('ring', ring),
      };
      bench.setStep({ step: 5, ring_slot: 1, clip: limit, learning_rate: 0.003 });
      await bench.run((plan) =>
        clip(plan, io, {
          floats: grad.length,
          T: loss.length,
          layers: aux.length / AUX,
          recordFloats: RECORD_FLOATS,
        }),
      );
      expect(await bench.readWords(io.state)).toHaveLength(STATE_WORDS);
      found.state = await bench.readWords(io.state);
      found.scale = new Float32Array(found.state.buffer)[1]!;
      const after = await bench.read(io.ring);
      const start = RECORD_FLOATS;
      found.record = after.slice(start, start + CLIP_RECORD_WORDS);
      found.step = new Uint32Array(after.buffer)[start + RECORD.step]!;
      // Nothing but the record's first words is written.
      ring.set(found.record, start);
      expect(after).toEqual(ring);
    },
    { adapterClass },
  );
  return found;
}

const healthy = (n: number): Case => ({
  grad: randomFloats(n, 1),
  loss: randomFloats(37, 2, 4),
  aux: randomFloats(3 * AUX, 3),
  clip: 1,
});

describe.each(ADAPTER_CLASSES)('clip on a %s adapter', (adapterClass) => {
  it.each([4, 252, 4100, 100_000])('reports norm, losses and factor of %d gradients', async (n) => {
    const input = healthy(n);
    const { record, step, scale, state } = await run(adapterClass, input);
    const norm = gradNorm(new Map([['g', { shape: [n], data: toReal(input.grad) }]]));
    const ce = input.loss.reduce((sum, x) => sum + x, 0) / input.loss.length;
    const aux = AUX_TERMS.map((_, a) =>
      [0, 1, 2].reduce((sum, layer) => sum + input.aux[layer * AUX + a]!, 0),
    );
    const total = aux.reduce((sum, x) => sum + x, ce);
    const lr = 0.003;
    const want = { ce, total, gradNorm: norm, lr };
    AUX_TERMS.forEach((name, a) => {
      expectClose([record[scalarColumn(name)]!], [aux[a]!], OUTPUT, name);
    });
    for (const [name, value] of Object.entries(want)) {
      expectClose([record[scalarColumn(name as keyof typeof want)]!], [value], OUTPUT, name);
    }
    expect(record[RECORD.refused]).toBe(0);
    expect(step).toBe(5);
    expect(state[0]).toBe(0);
    expect(scale).toBeCloseTo(clipScale(norm, 1), 6);
  });

  it.each([
    { name: 'off', limit: 0, want: 1 },
    { name: 'above the norm', limit: 6, want: 1 },
    { name: 'exactly the norm', limit: 5, want: Math.fround(5 / Math.fround(5 + 1e-6)) },
    { name: 'below the norm', limit: 1, want: 1 / (5 + 1e-6) },
  ])('scales by min(1, clip/(norm + 1e-6)): clip $name', async ({ limit, want }) => {
    const { scale } = await run(adapterClass, {
      ...healthy(4),
      grad: Float32Array.of(3, 0, 4, 0),
      clip: limit,
    });
    expect(Math.abs(scale - want)).toBeLessThan(2e-7);
  });

  it('takes no auxiliary terms where no layer has any', async () => {
    const { record } = await run(adapterClass, { ...healthy(8), aux: new Float32Array() });
    expect([...record.subarray(1, 1 + AUX)]).toEqual(AUX_TERMS.map(() => 0));
    expect(record[1 + AUX]).toBe(record[0]);
  });

  const spoiled = (change: (input: Case) => void): Case => {
    const input = healthy(1000);
    change(input);
    return input;
  };
  it.each([
    ['a gradient is NaN', spoiled(({ grad }) => grad.fill(Number.NaN, 777, 778))],
    ['a gradient is infinite', spoiled(({ grad }) => grad.fill(-Infinity, 999, 1000))],
    ['a loss is NaN', spoiled(({ loss }) => loss.fill(Number.NaN, 36, 37))],
    ['a loss is infinite', spoiled(({ loss }) => loss.fill(Infinity, 0, 1))],
    ['an auxiliary term is NaN', spoiled(({ aux }) => aux.fill(Number.NaN, 14, 15))],
  ])('halts where %s', async (_, input) => {
    const { state, record } = await run(adapterClass, input);
    expect([state[0], state[2]]).toEqual([1, 5]);
    expect(record[RECORD.refused]).toBe(1);
  });

  it('stays halted and keeps the first refused step', async () => {
    const { state, record } = await run(adapterClass, { ...healthy(100), state: [1, 0, 3] });
    expect([state[0], state[2]]).toEqual([1, 3]);
    expect(record[RECORD.refused]).toBe(1);
  });

  it('gives the same bits twice', async () => {
    expect((await run(adapterClass, healthy(9000))).record).toEqual(
      (await run(adapterClass, healthy(9000))).record,
    );
  });
});
