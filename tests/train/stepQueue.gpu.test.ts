import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { hashChain } from '../../src/config/hash.ts';
import { SCALAR_COUNT } from '../../src/config/telemetry.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { StepQueue } from '../../src/train/engine/stepQueue.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();
const V = 50;
const CONFIG = engineConfig(applyChange(DEFAULTS_V1, TINY_SIZE), V);
const T = CONFIG.batch.B * CONFIG.batch.S;

function batch(step: number) {
  const draw = (stream: number) =>
    Uint32Array.from({ length: T }, (_, t) => hashChain(step, stream, t) % V);
  return { tokens: draw(0), targets: draw(1), domains: new Uint8Array(T) };
}

/** Ten steps with an evaluation after the sixth. */
async function train(stepsPerSubmit: number | undefined) {
  const options = { domains: 1, initStd: 0.02, seedInit: 1, stepsPerSubmit };
  const engine = await GpuEngine.create(device(), CONFIG, options);
  try {
    const submits: number[] = [];
    const scalars: number[] = [];
    const report = async () => {
      scalars.push(...((await engine.readTelemetry())?.scalars ?? []));
    };
    let evaluated = Number.NaN;
    for (let step = 1; step <= 10; step++) {
      engine.submitStep(batch(step));
      submits.push(engine.submits);
      await engine.settle(1);
      if (step === 6) ({ ce: evaluated } = await engine.evaluate(batch(99), { capacity: true }));
      if (step === 7) await report();
    }
    await engine.settle(0);
    const submitted = vi.spyOn(device().queue, 'submit');
    await report();
    // The steps' own submits have carried their records.
    expect(submitted).not.toHaveBeenCalled();
    submitted.mockRestore();
    return { submits, evaluated, scalars, state: await engine.readState() };
  } finally {
    engine.destroy();
  }
}

it('gives the same bits however steps are grouped', async () => {
  const alone = await train(1);
  const grouped = await train(4);
  expect(alone.submits).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
  // The evaluation submits what waits, steps 5 and 6, then itself; the report after step 7 that step.
  expect(grouped.submits).toEqual([0, 0, 0, 1, 1, 1, 3, 4, 4, 4]);
  expect(grouped.state).toEqual(alone.state);
  expect(grouped.evaluated).toBe(alone.evaluated);
  expect(grouped.scalars).toEqual(alone.scalars);
  expect(alone.scalars).toHaveLength(10 * SCALAR_COUNT);
  const chosen = await train(undefined);
  expect(chosen.submits[0]).toBeGreaterThan(8);
  expect(chosen.state).toEqual(alone.state);
  expect(chosen.evaluated).toBe(alone.evaluated);
});

it('parts a pass over a batch too before it is known how long one takes', async () => {
  const evaluated = async (stepsPerSubmit: number | undefined) => {
    const options = { domains: 1, initStd: 0.02, seedInit: 1, stepsPerSubmit };
    const engine = await GpuEngine.create(device(), CONFIG, options);
    try {
      const { ce } = await engine.evaluate(batch(99), { capacity: true });
      return { ce, submits: engine.submits };
    } finally {
      engine.destroy();
    }
  };
  const [whole, parted] = [await evaluated(1), await evaluated(undefined)];
  expect(whole.submits).toBe(1);
  expect(parted.submits).toBeGreaterThan(4);
  expect(parted.ce).toBe(whole.ce);
});

it('parts the loss that generation has as it parts a pass over a batch', async () => {
  const told = async (stepsPerSubmit: number | undefined) => {
    const options = { domains: 1, initStd: 0.02, seedInit: 1, stepsPerSubmit };
    const engine = await GpuEngine.create(device(), CONFIG, options);
    try {
      const losses = await engine.generationLoss(batch(99));
      return { losses, submits: engine.submits };
    } finally {
      engine.destroy();
    }
  };
  const [whole, parted] = [await told(1), await told(undefined)];
  expect(whole.submits).toBe(2);
  expect(parted.submits).toBeGreaterThan(8);
  expect(parted.losses).toEqual(whole.losses);
});

it('refuses a size outside its slots', () => {
  expect(() => new StepQueue(device(), 9, () => undefined)).toThrow('9 is not between 1 and 8');
});
