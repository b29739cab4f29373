import { expect, it } from 'vitest';
import { recipeNamed } from '../../src/recipes/recipes.ts';
import { runTable } from '../../src/recipes/runTable.ts';
import { syntheticResult } from './synthetic.ts';

it('has a row per variant in the columns of EqualRes', () => {
  const rows = runTable(syntheticResult(recipeNamed('equalres-1')));
  expect(rows.map(({ variant }) => variant)).toEqual([
    ...['dense', 'dense-2'],
    ...['ra-0.11', 'ra-0.14', 'ra-0.2', 'ra-0.26', 'ra-0.35', 'ra-0.5'],
  ]);
  const [dense, twice, , , sparse] = rows;
  // Attention 4·4·48², four dense FFN of 3·48·1148.
  expect(dense).toMatchObject({ N: 698112, ra: 1, experts: 0, expertWidth: null, epochs: null });
  expect(dense!.M).toBe(3 * (2 * 698112 + 4 * 48 * 64 * 4));
  expect(twice!.C).toBe(2 * dense!.C);
  expect(sparse).toMatchObject({ experts: 58, K: 4, expertWidth: 24, sharedWidth: 96 });
  expect(sparse!.dataPerParameter).toBe(sparse!.D / sparse!.N);
  expect(sparse!.loss.n).toBe(3);
});

it('counts epochs of reused data and leaves out losses of a run that diverged', () => {
  const whole = syntheticResult(recipeNamed('equalres-3'));
  const units = whole.units.map((unit) =>
    unit.seed === 1
      ? {
          ...unit,
          runs: unit.runs.map((run) => ({ ...run, steps: 3, diverged: 'the loss is NaN' })),
        }
      : unit,
  );
  const [unique, strict, loose] = runTable({ ...whole, units });
  expect(unique!.epochs).toBeNull();
  expect(strict!.epochs).toBeCloseTo(4.65, 2);
  expect(loose!.epochs).toBeCloseTo(2, 2);
  const steps = whole.units[0]!.runs[0]!.steps;
  expect(loose).toMatchObject({ diverged: 1, steps, loss: { n: 2, interval: null } });
});
