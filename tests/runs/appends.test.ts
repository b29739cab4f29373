import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { makeRecords, makeRow, pieceOf, valueAt } from './support.ts';

/** One append: how many steps it goes back, how many it has, and whether the expert space is another. */
const APPEND = fc.record({
  back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 })),
  n: fc.integer({ min: 1, max: 9 }),
  slots: fc.constantFrom(3, 3, 3, 5),
  isOver: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});

it('reads what was appended last at every step, however often it went back and was compacted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(APPEND, { minLength: 1, maxLength: 80 }), async (appends) => {
      const library = memoryLibrary();
      /** What was appended last, by step: which append, and how many slots it had. */
      let last: { shift: number; slots: number }[] = [];
      for (const [shift, { back, n, slots, isOver }] of appends.entries()) {
        const first = Math.max(1, last.length + 1 - back);
        const steps = first + n - 1;
        last = [
          ...last.slice(0, first - 1),
          ...Array.from({ length: n }, () => ({ shift, slots })),
        ];
        const row = makeRow('a', { steps, status: isOver ? 'done' : 'open' });
        await library.append(row, pieceOf(makeRecords(first, n, slots, shift)));
      }
      const { records, curves } = await library.parts('a');
      expect([...curves.ce!.values]).toEqual(last.map(({ shift }, i) => valueAt(i + 1 + shift, 0)));
      const told = records.flatMap(({ n, layers }) =>
        Array.from({ length: n }, (_, i) => {
          const { R, drops } = layers[0]!;
          return [R, drops[i * R]];
        }),
      );
      expect(told).toEqual(last.map(({ shift, slots }, i) => [slots, i + 1 + shift]));
      const bytes = records.reduce((sum, { scalars, layers }) => {
        const { assignments, drops, meanProb, meanGate, domains, bias } = layers[0]!;
        const all = [scalars, assignments, drops, meanProb, meanGate, domains, bias];
        return sum + all.reduce((of, { byteLength }) => of + byteLength, 0);
      }, 0);
      expect((await library.row('a'))!.bytes).toBe(bytes);
    }),
    { numRuns: 60 },
  );
});
