import { describe, expect, it } from 'vitest';
import { NOWHERE, remap, unitImportance } from '../../src/kernels/surgery.ts';
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

/** Targets in a scattered order, about every fourth from nowhere. */
function scattered(J: number, M: number, seed: number): Uint32Array {
  const sources = randomIndices(J, M + Math.ceil(M / 3), seed);
  return Uint32Array.from({ length: 2 * J }, (_, i) => {
    const j = i >> 1;
    if (i % 2 === 0) return J - 1 - j;
    return sources[j]! < M ? sources[j]! : NOWHERE;
  });
}

describe('remap', () => {
  it.each([1, 64, 65, 1009])('moves %d floats bit for bit', async (J) => {
    const source = randomFloats(300, 1);
    // Bits that arithmetic would not keep: a NaN with a payload and a denormal.
    new Uint32Array(source.buffer).set([0x7fc01234, 0x00000007], 0);
    const map = scattered(J, 300, 2);
    const fill = randomFloats(J, 3);
    const expected = new Float32Array(J + 5).fill(-7);
    reference.remap(source, map, fill, expected);
    await withBench(device(), async (bench) => {
      const io = {
        source_M: bench.input('source_M', source),
        map_J2: bench.input('map_J2', map),
        fill_J: bench.input('fill_J', fill),
        target_N: bench.input('target_N', new Float32Array(J + 5).fill(-7)),
      };
      await bench.run((plan) => remap(plan, io, { J }));
      const found = await bench.readWords(io.target_N);
      const moved = map.filter((_, i) => i % 2 === 1).filter((from) => from !== NOWHERE);
      expect(moved.length === J).toBe(J === 1);
      const words = new Uint32Array(expected.buffer);
      const bits = new Uint32Array(source.buffer);
      for (let j = 0; j < J; j++) {
        const from = map[2 * j + 1]!;
        if (from !== NOWHERE) words[map[2 * j]!] = bits[from]!;
      }
      expect(found).toEqual(words);
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
