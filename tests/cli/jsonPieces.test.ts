import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonPieces } from '../../src/cli/jsonPieces.ts';

const joined = (value: unknown) => [...jsonPieces(value)].join('');

it('says what JSON.stringify says', () => {
  const plain = fc.object({
    maxDepth: 7,
    withTypedArray: true,
    values: [
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(null, undefined, Number.NaN, -0),
    ],
  });
  fc.assert(
    fc.property(plain, (value) => {
      expect(joined(value)).toBe(JSON.stringify(value));
    }),
  );
});

it('gives more characters than one text can have, in pieces that are small', () => {
  const step = 'x'.repeat(2 ** 20);
  let [total, largest] = [0, 0];
  for (const { length } of jsonPieces({ loads: [{ meanProb: new Array(520).fill(step) }] })) {
    total += length;
    largest = Math.max(largest, length);
  }
  expect(total).toBeGreaterThan(2 ** 29);
  expect(largest).toBeLessThan(2 ** 22);
});
