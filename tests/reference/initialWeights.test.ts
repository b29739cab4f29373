import { expect, it } from 'vitest';
import { fnv1a, hashChain } from '../../src/config/hash.ts';
import { initialWeight } from '../../src/config/initialWeights.ts';
import type { ParameterEntry } from '../../src/config/parameterShapes.ts';

it('reproduces the check numbers of docs/model.md', () => {
  const name = 'embed.weight';
  expect(fnv1a(name)).toBe(0xc0226e60);
  const hashes = [0, 1, 2].map((i) => hashChain(1, fnv1a(name), i));
  expect(hashes).toEqual([0xb9ac6fd1, 0x5c3b65ba, 0x9b6e1f8e]);
  const entry: ParameterEntry = {
    name,
    shape: [2, 2],
    start: { kind: 'normal', divisor: 1 },
    decays: true,
  };
  const want = [-0.0102395024, 0.00436167745, 0.0150872543, -0.0246749502].map(Math.fround);
  expect([...initialWeight(entry, 0.02, 1)]).toEqual(want);
});
