import { describe, expect, it } from 'vitest';
import { AUX_TERMS } from '../../src/config/auxTerms.ts';
import { adamw, decayFlags, momentWeights } from '../../src/kernels/adamw.ts';
import { CLIP_RECORD_WORDS, CLIP_WORKGROUPS, clip } from '../../src/kernels/clip.ts';
import type { StepParams } from '../../src/kernels/step.ts';
import { DECAY_BLOCK } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/adamw.ts';
import { useDevice } from '../support/gpu.ts';
import { expectClose, randomFloats, toReal, withBench } from '../support/kernelHarness.ts';

const device = useDevice();
const OPTIMIZER = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1 };

function stepParams(step: number, lr: number, optimizer = OPTIMIZER): Partial<StepParams> {
  const { beta1, beta2, eps, weightDecay } = optimizer;
  return {
    step,
    learning_rate: lr,
    ...momentWeights({ beta1, beta2 }),
    epsilon: eps,
    weight_decay: weightDecay,
    correction1: 1 - beta1 ** step,
    correction2: 1 - beta2 ** step,
  };
}

/** The words of the state buffer: halted, bits of the factor, refused step. */
function stateWords(halted: number, scale: number): Uint32Array {
  return Uint32Array.of(halted, new Uint32Array(Float32Array.of(scale).buffer)[0]!, 0);
}

/** Every element to `rel` of itself. */
function expectEachClose(got: Float32Array, want: Float64Array, rel: number, name: string): void {
  const ratios = Float64Array.from(want, (x, i) => (x === 0 ? 1 + got[i]! : got[i]! / x));
  expectClose(ratios, new Float64Array(want.length).fill(1), { abs: rel, rel: 0 }, name);
}

describe('adamw', () => {
  it('follows the reference for 100 steps, with decay on some blocks', async () => {
    const floats = 40 * DECAY_BLOCK + 4;
    const ranges = [
      { offset: 0, length: 3 * DECAY_BLOCK, decays: true },
      { offset: 3 * DECAY_BLOCK, length: 29 * DECAY_BLOCK, decays: false },
      { offset: 32 * DECAY_BLOCK, length: floats - 32 * DECAY_BLOCK, decays: true },
    ];
    await withBench(device(), async (bench) => {
      const start = randomFloats(floats, 1);
      const scale = 0.25;
      const io = {
        p_N: bench.input('p_N', start),
        grad_N: bench.input('grad_N', new Float32Array(floats)),
        m_N: bench.input('m_N', new Float32Array(floats)),
        v_N: bench.input('v_N', new Float32Array(floats)),
        state: bench.input('state', stateWords(0, scale)),
        decay_B: bench.input('decay_B', decayFlags(floats, ranges)),
      };
      const step = await bench.plan((plan) => adamw(plan, io, { floats }));
      const zeros = () => new Float64Array(floats);
      const want = { w: toReal(start), m: zeros(), v: zeros() };
      for (let s = 1; s <= 100; s++) {
        const grad = randomFloats(floats, 100 + s, s % 10 === 0 ? 1e-3 : 1);
        grad.fill(0, 5, 25);
        const lr = 0.01 * (1 - s / 200);
        device().queue.writeBuffer(io.grad_N.buffer, io.grad_N.offset, grad);
        bench.setStep(stepParams(s, lr));
        step();
        for (const { offset, length, decays } of ranges) {
          const part = (x: Float64Array) => x.subarray(offset, offset + length);
          const tensors = {
            w: part(want.w),
            grad: part(toReal(grad)),
            m: part(want.m),
            v: part(want.v),
          };
          const dims = { step: s, lr, scale, decays, optimizer: OPTIMIZER };
          reference.update(tensors, dims);
        }
      }
      const tolerance = { abs: 1e-6, rel: 1e-5 };
      expectClose(await bench.read(io.p_N), want.w, tolerance, 'p');
      expectClose(await bench.read(io.m_N), want.m, tolerance, 'm');
      expectClose(await bench.read(io.v_N), want.v, tolerance, 'v');
    });
  });

  it('decays a parameter whose gradient is 0 by lr·wd, and leaves one without decay', async () => {
    const floats = 2 * DECAY_BLOCK;
    await withBench(device(), async (bench) => {
      const zeros = new Float32Array(floats);
      const ranges = [{ offset: DECAY_BLOCK, length: DECAY_BLOCK, decays: true }];
      const io = {
        p_N: bench.input('p_N', new Float32Array(floats).fill(2)),
        grad_N: bench.input('grad_N', zeros),
        m_N: bench.input('m_N', zeros),
        v_N: bench.input('v_N', zeros),
        state: bench.input('state', stateWords(0, 1)),
        decay_B: bench.input('decay_B', decayFlags(floats, ranges)),
      };
      bench.setStep(stepParams(1, 0.5));
      await bench.run((plan) => adamw(plan, io, { floats }));
      const want = new Float32Array(floats).fill(2);
      want.fill(1.9, DECAY_BLOCK);
      expectClose(await bench.read(io.p_N), want, { abs: 0, rel: 1e-6 }, 'p');
    });
  });

  it('takes 1 − β₂ = 0.001 from double precision: the first step is lr·g/(|g| + eps)', async () => {
    const floats = DECAY_BLOCK;
    await withBench(device(), async (bench) => {
      const grad = randomFloats(floats, 6);
      const io = {
        p_N: bench.input('p_N', new Float32Array(floats)),
        grad_N: bench.input('grad_N', grad),
        m_N: bench.input('m_N', new Float32Array(floats)),
        v_N: bench.input('v_N', new Float32Array(floats)),
        state: bench.input('state', stateWords(0, 1)),
        decay_B: bench.input('decay_B', new Uint32Array(1)),
      };
      bench.setStep(stepParams(1, 1, { ...OPTIMIZER, beta2: 0.999 }));
      await bench.run((plan) => adamw(plan, io, { floats }));
      const want = grad.map((g) => -g / (Math.abs(g) + OPTIMIZER.eps));
      expectClose(await bench.read(io.p_N), want, { abs: 0, rel: 1e-6 }, 'p');
    });
  });

  it.each([
    [0, 0],
    [0.9, 0],
    [0, 0.95],
    [1e-6, 1e-6],
    [0.01, 0.01],
    [0.3, 0.7],
    [0.9, 0.999],
    [0.999, 0.99999],
  ])('keeps every digit of moments that fall steeply: β = %d, %d', async (beta1, beta2) => {
    const floats = DECAY_BLOCK;
    const optimizer = { beta1, beta2, eps: 1e-20, weightDecay: 0 };
    await withBench(device(), async (bench) => {
      const zeros = new Float32Array(floats);
      const io = {
        p_N: bench.input('p_N', zeros),
        grad_N: bench.input('grad_N', zeros),
        m_N: bench.input('m_N', zeros),
        v_N: bench.input('v_N', zeros),
        state: bench.input('state', stateWords(0, 1)),
        decay_B: bench.input('decay_B', new Uint32Array(1)),
      };
      const step = await bench.plan((plan) => adamw(plan, io, { floats }));
      const real = () => new Float64Array(floats);
      const want = { w: real(), m: real(), v: real() };
      for (let s = 1; s <= 8; s++) {
        // Signs stay, so that no digits of m are lost by right.
        const grad = randomFloats(floats, 7).map(
          (g) => g * (s % 4 === 1 ? 1 : 10 ** (-2 - (s % 4))),
        );
        device().queue.writeBuffer(io.grad_N.buffer, io.grad_N.offset, grad);
        bench.setStep(stepParams(s, 1, optimizer));
        step();
        const dims = { step: s, lr: 1, scale: 1, decays: false, optimizer };
        reference.update({ ...want, grad: toReal(grad) }, dims);
        const got = { m: await bench.read(io.m_N), v: await bench.read(io.v_N) };
        expectEachClose(got.m, want.m, 1e-6, `m of step ${s}`);
        expectEachClose(got.v, want.v, 1e-6, `v of step ${s}`);
        expectEachClose(await bench.read(io.p_N), want.w, 3e-6, `p of step ${s}`);
      }
    });
  });

  it('changes nothing in the step whose gradient is NaN, nor later', async () => {
    const floats = 200;
    await withBench(device(), async (bench) => {
      const [p, m, v] = [1, 2, 3].map((seed) => randomFloats(floats, seed).map(Math.abs));
      const grad = randomFloats(floats, 4);
      grad[123] = Number.NaN;
      const io = {
        p_N: bench.input('p_N', p!),
        grad_N: bench.input('grad_N', grad),
        m_N: bench.input('m_N', m!),
        v_N: bench.input('v_N', v!),
        decay_B: bench.input('decay_B', new Uint32Array(1)),
        partials_W: bench.output('partials_W', CLIP_WORKGROUPS),
        loss_T: bench.input('loss_T', Float32Array.of(1)),
        aux_LA: bench.input('aux_LA', new Float32Array(AUX_TERMS.length)),
        state: bench.input('state', stateWords(0, 1)),
        ring: bench.output('ring', CLIP_RECORD_WORDS),
      };
      const step = await bench.plan((plan) => {
        clip(plan, io, { floats, T: 1, layers: 1, recordFloats: CLIP_RECORD_WORDS });
        adamw(plan, io, { floats });
      });
      bench.setStep(stepParams(8, 0.1));
      step();
      device().queue.writeBuffer(io.grad_N.buffer, io.grad_N.offset, randomFloats(floats, 5));
      bench.setStep(stepParams(9, 0.1));
      step();
      expect(await bench.read(io.p_N)).toEqual(p);
      expect(await bench.read(io.m_N)).toEqual(m);
      expect(await bench.read(io.v_N)).toEqual(v);
      const state = await bench.readWords(io.state);
      expect([state[0], state[2]]).toEqual([1, 8]);
    });
  });
});

describe('decayFlags', () => {
  it('have one bit per block of 64 floats', () => {
    const ranges = [
      { offset: 0, length: 65, decays: true },
      { offset: 128, length: 64, decays: false },
      { offset: 33 * 64, length: 10, decays: true },
    ];
    expect([...decayFlags(34 * 64, ranges)]).toEqual([0b11, 0b10]);
  });

  it('refuse a range that shares its first block with another', () => {
    const ranges = [{ offset: 32, length: 64, decays: true }];
    expect(() => decayFlags(128, ranges)).toThrow('floats 32 … 96 of 128');
  });
});
