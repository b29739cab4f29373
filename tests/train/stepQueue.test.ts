import { afterEach, expect, it, vi } from 'vitest';
import { type Dispatch, Plan } from '../../src/gpu/plan.ts';
import type { Slice } from '../../src/gpu/slice.ts';
import { StepQueue } from '../../src/train/engine/stepQueue.ts';

/** A queue that tells what it is given, and a GPU on which a submit takes `ms`. */
function fakeQueue(ms: number, done: () => Promise<undefined> = async () => undefined) {
  let time = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  const submits: string[][] = [];
  const device = {
    createCommandEncoder() {
      const names: string[] = [];
      const pass = {
        setPipeline: (name: string) => names.push(name),
        setBindGroup: () => undefined,
        dispatchWorkgroups: () => undefined,
        end: () => undefined,
      };
      return { beginComputePass: () => pass, finish: () => names };
    },
    queue: {
      submit: (commands: string[][]) => submits.push(...commands),
      async onSubmittedWorkDone() {
        await done();
        time += ms;
      },
    },
  };
  return { submits, queue: new StepQueue(device as unknown as GPUDevice, null, () => undefined) };
}

function plan(...names: string[]): Plan {
  return new Plan(names.map((pipeline) => ({ pipeline, grid: [1, 1] }) as unknown as Dispatch));
}

const step = (queue: StepQueue, plans: readonly Plan[]) => queue.add([], plans, {} as Slice);

afterEach(() => void vi.restoreAllMocks());

it('submits a step in parts until it is known to be short, and where it is long', async () => {
  const plans = [plan('a', 'b', 'c'), plan('d', 'e')];
  const short = fakeQueue(400);
  step(short.queue, plans);
  expect(short.submits.splice(0)).toEqual([['a'], ['b'], ['c'], ['d'], ['e']]);
  await short.queue.settle(0);
  step(short.queue, plans);
  expect(short.submits).toEqual([['a', 'b', 'c', 'd', 'e']]);
  const long = fakeQueue(1400);
  step(long.queue, plans);
  await long.queue.settle(0);
  long.submits.length = 0;
  step(long.queue, plans);
  expect(long.submits).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

it('leaves no failure to nobody where several submits fail', async () => {
  const { queue } = fakeQueue(1, () => Promise.reject(new Error('lost')));
  for (let i = 0; i < 2; i++) step(queue, [plan('a')]);
  await expect(queue.settle(0)).rejects.toThrow('lost');
  // The runner fails a file with a rejection that nobody has heard of.
  await new Promise((resolve) => setTimeout(resolve));
});
