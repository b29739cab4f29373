import { expect, it } from 'vitest';
import { hashTable } from '../../src/config/balancing.ts';
import type { GateMode } from '../../src/config/experiment.ts';
import { hashForward } from '../../src/kernels/hashSelection.ts';
import { slotRecords } from '../../src/kernels/slots.ts';
import * as reference from '../../src/reference/routerTopk.ts';
import { useDevice } from '../support/gpu.ts';
import {
  expectClose,
  OUTPUT,
  padRows,
  randomFloats,
  randomIndices,
  toReal,
  unpadRows,
  withBench,
} from '../support/kernelHarness.ts';
import { COPY, ffn, ranksFirst, ZERO } from '../support/routing.ts';

const device = useDevice();
const GATES: GateMode[] = ['uniform', 'softmax', 'renormalized', 'renormalizedWithoutZero'];

it('draws the table of the specification', () => {
  const table = hashTable(1, { l: 0, R: 8, K: 2, V: 6 });
  expect([...table]).toEqual([7, 1, 5, 4, 0, 5, 1, 5, 5, 7, 2, 5]);
});

it.each(GATES)('selects by the id, with gate %s', async (gate) => {
  const [T, V, K] = [131, 17, 3];
  const slots = [ffn(4), ZERO, ffn(2), COPY, ZERO, ffn(3)];
  const R = slots.length;
  const tokens = randomIndices(T, V, 3);
  const table = hashTable(5, { l: 2, R, K, V });
  const z = randomFloats(T * R, 4, 3);
  const slots_TW = Int32Array.from({ length: T * K }, (_, i) => {
    return table[tokens[Math.floor(i / K)]! * K + (i % K)]!;
  });
  const kinds = slots.map(({ kind }) => kind);
  const selection = { kind: 'hash', slots_TW, W: K } as const;
  const { out } = reference.forward({ z_TR: toReal(z) }, { T, R, kinds, gate, selection });
  await withBench(
    device(),
    async (bench) => {
      const io = {
        z_TR: bench.input('z_TR', padRows(z, R)),
        slots_R: bench.input('slots_R', slotRecords(slots)),
        tokens_T: bench.input('tokens_T', tokens),
        table_VW: bench.input('table_VW', Uint32Array.from(table)),
        p_TR: bench.input('p_TR', padRows(Float32Array.from(out.p_TR), R)),
        g_TR: bench.input('g_TR', padRows(new Float32Array(T * R).fill(0.5), R)),
        selected_WT: bench.output('selected_WT', K * T),
      };
      await bench.run((plan) => hashForward(plan, io, { T, R, W: K, gate }));
      const selected = new Int32Array((await bench.readWords(io.selected_WT)).buffer);
      expect([...selected]).toEqual([...ranksFirst(slots_TW, K)]);
      const g = unpadRows(await bench.read(io.g_TR), R, 'g');
      expectClose(g, out.gates_TR, OUTPUT, 'g', [T, R]);
    },
    { maxGrid: 2 },
  );
});
