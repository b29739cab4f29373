/** Buffers are made where a shortage of memory is caught: it then ends what asked for them, not the device. */
import { expect, it, vi } from 'vitest';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { addToPlan, emptyPlan, removeSlot, setWidth } from '../../src/config/surgeryPlan.ts';
import { LayerTrainer } from '../../src/train/ladimo/layerTrainer.ts';
import { useDevice } from '../support/gpu.ts';
import { ffn, runTo, tiny, useEngines } from './support.ts';

const device = useDevice();
const create = useEngines(device);
const config = tiny({ experts: { slots: [ffn(16), ffn(9), ffn(5)], sharedHidden: 0 } });

/** Labels of the buffers that an action makes outside of every error scope, small ones and read-backs aside. */
async function uncaught(action: () => Promise<unknown>): Promise<string[]> {
  const labels: string[] = [];
  let [depth, made] = [0, 0];
  const of = device();
  const [push, pop, make] = [of.pushErrorScope, of.popErrorScope, of.createBuffer];
  const spies = [
    vi.spyOn(of, 'pushErrorScope').mockImplementation((filter) => {
      if (filter === 'out-of-memory') depth++;
      return push.call(of, filter);
    }),
    vi.spyOn(of, 'popErrorScope').mockImplementation(() => {
      depth = Math.max(0, depth - 1);
      return pop.call(of);
    }),
    vi.spyOn(of, 'createBuffer').mockImplementation((descriptor) => {
      made++;
      const isRead = (descriptor.usage & GPUBufferUsage.MAP_READ) !== 0;
      if (depth === 0 && !isRead && descriptor.size > 256) labels.push(descriptor.label ?? '');
      return make.call(of, descriptor);
    }),
  ];
  try {
    await action();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(made).toBeGreaterThan(10);
  return labels;
}

/** The n-th question for a shortage from now on is answered with one. */
function shortageAt(n: number) {
  const of = device();
  const pop = of.popErrorScope;
  let asked = 0;
  return vi.spyOn(of, 'popErrorScope').mockImplementation(async () => {
    const error = await pop.call(of);
    return ++asked === n ? new GPUOutOfMemoryError('none left.') : error;
  });
}

function operation(before: EngineConfig) {
  const narrowed = addToPlan(emptyPlan(before.experts), 'all', setWidth(0, 7));
  const { experts, from } = addToPlan(narrowed, 'all', removeSlot(2));
  return { config: { ...before, experts }, order: { number: 1, surgery: { from } } };
}

it('is so of a surgery', async () => {
  const engine = await create(config);
  runTo(engine, 2);
  const { config: after, order } = operation(config);
  expect(await uncaught(() => engine.operate(after, order))).toEqual([]);
});

it.each([1, 2, 3, 4])(
  'a surgery without memory at place %i leaves the model as it is',
  async (n) => {
    const [engine, plain] = [await create(config), await create(config)];
    runTo(engine, 2);
    const held = engine.gpuBytes;
    const { config: after, order } = operation(config);
    const spy = shortageAt(n);
    await expect(engine.operate(after, order)).rejects.toMatchObject({ name: 'ModelTooLarge' });
    spy.mockRestore();
    expect(engine.gpuBytes).toBe(held);
    for (const one of [engine, plain]) runTo(one, 4);
    expect(await engine.readState()).toEqual(await plain.readState());
  },
);

it('is so of the training of one layer', async () => {
  const train = () => LayerTrainer.create({ device: device() }, config, { layer: 0, alpha: 1 });
  const spy = shortageAt(1);
  await expect(train()).rejects.toMatchObject({ name: 'ModelTooLarge' });
  spy.mockRestore();
  expect(await uncaught(async () => (await train()).destroy())).toEqual([]);
});
