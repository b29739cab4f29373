import { expect, it } from 'vitest';
import { headChunks, logitsBytes } from '../../src/layout/headChunks.ts';

const MIB = 2 ** 20;

it('leaves a batch whole whose logits fit, to the byte', () => {
  expect(headChunks(4096, 8192, 128 * MIB)).toEqual([{ first: 0, rows: 4096 }]);
  expect(headChunks(4097, 8192, 128 * MIB)).toHaveLength(2);
  expect(headChunks(5, 3, Infinity)).toEqual([{ first: 0, rows: 5 }]);
});

it('takes logits of 512 MiB in four chunks of 128', () => {
  const rows = 1024;
  expect(headChunks(4096, 32_768, 128 * MIB)).toEqual(
    [0, 1, 2, 3].map((i) => ({ first: i * rows, rows })),
  );
});

it.each([
  [200, 4093, MIB],
  [4096, 50_257, 128 * MIB],
  [65, 4096, MIB],
  [8191, 999, 3 * MIB],
  [1, 1000, 100],
])('covers %i tokens of %i words once, in bindings of at most %i bytes', (T, V, most) => {
  const chunks = headChunks(T, V, most);
  let next = 0;
  for (const { first, rows } of chunks) {
    expect(first).toBe(next);
    // Tokens, targets and losses of a chunk start where a binding may.
    expect(first % 64).toBe(0);
    expect(rows).toBeGreaterThan(0);
    next += rows;
  }
  expect(next).toBe(T);
  // One block of tokens is the least: where even that does not fit, the model is refused.
  const least = logitsBytes(Math.min(64, T), V);
  for (const { rows } of chunks)
    expect(logitsBytes(rows, V)).toBeLessThanOrEqual(Math.max(most, least));
});
