/** The experts' bodies for software adapters; tests/kernels/experts.gpu.test.ts compares them with the reference. */
import { expect, it } from 'vitest';
import { expertTensors, runExperts } from '../support/expertCase.ts';
import { useDevice } from '../support/gpu.ts';
import { ffn, makeRouting, negated, randomChoice, ZERO } from '../support/routing.ts';

const device = useDevice();
const plainDevice = useDevice(() => []);

const ROUTING = makeRouting(
  { T: 65, D: 67, slots: [ffn(20), negated(0), ZERO, ffn(65)], W: 3 },
  randomChoice(4, 3, 5, 0.4),
  { gamma: 0.7, tau: 1 },
);

it('give way to the default bodies on a device without subgroups', async () => {
  const tensors = expertTensors(ROUTING, 3);
  const plain = await runExperts(plainDevice(), ROUTING, tensors, { adapterClass: 'software' });
  expect(plain).toEqual(await runExperts(device(), ROUTING, tensors, { adapterClass: 'gpu' }));
});

it('have the same bits every time', async () => {
  const tensors = expertTensors(ROUTING, 4);
  const options = { adapterClass: 'software' } as const;
  const first = await runExperts(device(), ROUTING, tensors, options);
  expect(await runExperts(device(), ROUTING, tensors, options)).toEqual(first);
});
