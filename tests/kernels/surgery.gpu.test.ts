import { describe, expect, it } from 'vitest';
import { moveMatrix, NOWHERE, remap, unitImportance } from '../../src/kernels/surgery.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as reference from '../../src/reference/surgery.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  withBench,
} from '../support/kernelHarness.ts';

const device = useDevice();

/** Numbers and, in front, bits that arithmetic would not keep: a NaN with a payload, a denormal. */
function bits(n: number, seed: number): Uint32Array {
  const words = new Uint32Array(randomFloats(n, seed).buffer);
  words.set([0x7fc01234, 0x00000007], 0);
  return words;
}

describe('remap', () => {
  it.each([1, 64, 65, 1009])('moves %d floats bit for bit', async (J) => {
    const source = bits(300, 1);
    const from = randomIndices(J, 300, 2);
    const map = Uint32Array.from({ length: 2 * J }, (_, i) =>
      i % 2 === 0 ? J - 1 - (i >> 1) : from[i >> 1]!,
    );
    const expected = new Float32Array(J + 5).fill(-7);
    const words = new Uint32Array(expected.buffer);
    // The reference on small integers says where; the bits are put there.
    const where = new Float32Array(J + 5).fill(-1);
    reference.remap(
      Array.from(source, (_, i) => i),
      map,
      where,
    );
    where.forEach((at, i) => {
      if (at >= 0) words[i] = source[at]!;
    });
    await withBench(device(), async (bench) => {
      const io = {
        source_M: bench.input('source_M', source),
        map_J2: bench.input('map_J2', map),
        target_N: bench.input('target_N', new Float32Array(J + 5).fill(-7)),
      };
      await bench.run((plan) => remap(plan, io, { J }));
      expect(await bench.readWords(io.target_N)).toEqual(words);
    });
  });
});

describe('moveMatrix', () => {
  it.each([
    [1, 1],
    [3, 64],
    [17, 9],
    [65, 70],
  ])('moves rows and columns to a matrix of %d × %d', async (R, C) => {
    const [sourceR, sourceC] = [R + 2, Math.max(1, C - 3)];
    const lists = (n: number, below: number, seed: number) =>
      Array.from(randomIndices(n, below + 1, seed), (place) => place - 1);
    const rows = lists(R, sourceR, 3);
    const cols = lists(C, sourceC, 4);
    const dense = randomFloats(sourceR * sourceC, 5);
    const moved = new Float32Array(R * C).fill(-7);
    reference.moveMatrix(dense, moved, rows, cols, sourceC);
    // Both matrices lie somewhere inside, with rows padded.
    const [source_row, target_row] = [pad4(sourceC), pad4(C)];
    const source_M = new Float32Array(5 + sourceR * source_row).fill(Number.NaN);
    source_M.set(padRows(dense, sourceC), 5);
    const expected = new Float32Array(3 + R * target_row + 4).fill(-7);
    for (let r = 0; r < R; r++)
      expected.set(moved.subarray(r * C, (r + 1) * C), 3 + r * target_row);
    const places = [9, ...rows, ...cols].map((place) => (place < 0 ? NOWHERE : place));
    await withBench(device(), async (bench) => {
      const io = {
        source_M: bench.input('source_M', source_M),
        places_P: bench.input('places_P', Uint32Array.from(places)),
        target_N: bench.input('target_N', new Float32Array(expected.length).fill(-7)),
      };
      const at = { source: 5, source_row, target_start: 3, target_row, rows: 1, cols: 1 + R };
      await bench.run((plan) => moveMatrix(plan, io, { R, C, ...at }));
      expect(await bench.read(io.target_N)).toEqual(expected);
    });
  });
});

describe('unitImportance', () => {
  it.each([
    [1, 1],
    [7, 5],
    [64, 130],
  ])('weighs the units of an expert of D = %d, F = %d', async (D, F) => {
    const [gate, up, down] = [4, 5, 6].map((seed) => randomFloats(D * F, seed)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const padded = [padRows(gate, D), padRows(up, D), padRows(down, F)];
    const offsets = [3, 3 + padded[0]!.length, 3 + padded[0]!.length + padded[1]!.length];
    const p_N = new Float32Array(offsets[2]! + padded[2]!.length).fill(Number.NaN);
    padded.forEach((part, i) => {
      p_N.set(part, offsets[i]);
    });
    const expected = reference.unitImportance(gate, up, down, { D, F });
    await withBench(device(), async (bench) => {
      const io = {
        p_N: bench.input('p_N', p_N),
        importance_U: bench.input('importance_U', new Float32Array(F + 4).fill(-7)),
      };
      const [first, second, third] = offsets as [number, number, number];
      await bench.run((plan) =>
        unitImportance(plan, io, { D, F, gate: first, up: second, down: third, first: 2 }),
      );
      const found = await bench.read(io.importance_U);
      expectClose(found.slice(2, 2 + F), expected, OUTPUT, 'importance');
      expect([...found.slice(0, 2), ...found.slice(2 + F)]).toEqual([-7, -7, -7, -7]);
    });
  });
});
