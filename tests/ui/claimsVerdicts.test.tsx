/** What a claim's page says of parts, of what would decide, and of what a paper prints. */
import { fireEvent, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { mergeUnits } from '../../src/recipes/merge.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { verdictOf } from '../../src/recipes/verdict.ts';
import { seedsToDecide } from '../../src/ui/views/claims/Decide.tsx';
import { effectsTable } from '../../src/ui/views/claims/effects.ts';
import { fakeResult } from '../support/fakeResults.ts';
import { openedClaim } from './openedClaim.tsx';

describe('parts that are only listed', () => {
  it('have each their own words, and none together', async () => {
    const recipe = recipeNamed('tcmoe-1');
    const result = fakeResult(recipe);
    const { panel, in: shown } = await openedClaim({ own: [result], claim: recipe.name });
    const [sets] = verdictOf(recipe, result).shown;
    if (sets?.judged.test !== 'parts') throw new Error('parts were expected');
    await shown.findByText(sets.label);
    const box = panel.querySelector<HTMLElement>('[data-effect="sets"]')!;
    const items = [...box.querySelectorAll('.claims-parts li')].map((item) => item.textContent);
    expect(items).toHaveLength(sets.judged.parts.length);
    for (const [i, { label, words }] of sets.judged.parts.entries()) {
      expect(items[i]).toMatch(new RegExp(`^${label} .*p after Holm `));
      for (const word of words) expect(items[i]).toContain(word);
    }
    expect(box.querySelectorAll('.claims-words')).toHaveLength(items.length);
  });

  it('say of a check where each lies, and no word', async () => {
    const recipe = recipeNamed('moepp-1');
    const { panel, in: shown } = await openedClaim({
      own: [fakeResult(recipe)],
      claim: recipe.name,
    });
    await shown.findByText(/a check within 15 %/, { selector: 'h4' });
    const box = panel.querySelector<HTMLElement>('[data-effect="formula"]')!;
    const items = [...box.querySelectorAll('.claims-parts li')].map((item) => item.textContent);
    expect(items).toHaveLength(5);
    for (const item of items) expect(item).toMatch(/^τ [\d.]+ (inside|outside) 15 %$/);
    expect(box.querySelector('.claims-words')).toBeNull();
  });

  it('have the seeds that would decide them after Holm in their table', () => {
    const columns = RECIPES.flatMap((recipe) => {
      const { primary, shown } = verdictOf(recipe, fakeResult(recipe));
      return [...(primary === null ? [] : [primary]), ...shown];
    }).flatMap((effect) => {
      const { judged } = effect;
      if (judged.test !== 'parts') return [];
      const table = effectsTable([effect]);
      const at = table.columns.findIndex(({ title }) => title === 'seeds that would decide');
      return judged.parts.map((part, i) => ({ part, n2: table.rows[i]?.[at] }));
    });
    for (const { part, n2 } of columns) {
      expect(n2).toBe(part.deciding);
      if (!part.words.includes('undecided')) expect(n2).toBeNull();
    }
    // Alone decided, after Holm not: the column is not blank.
    const lost = columns.filter(
      ({ part }) => part.words.includes('undecided') && part.side !== 'none' && part.p < 0.05,
    );
    for (const { n2 } of lost) expect(n2).toEqual(expect.any(Number));
  });
});

const recipe = recipeNamed('modse-1');
/** Undecided: MoDSE's losses lie around the uniform's. */
function around(seeds: readonly number[]): RecipeResult {
  const result = fakeResult(recipe, { seeds });
  const units = result.units.map((unit) => {
    const loss = { ...unit.measured.loss };
    for (const id of Object.keys(loss)) {
      const by = id === 'diverse' ? 0.03 * ((unit.seed % 3) - 1) - 0.02 : 0;
      loss[id] = { ...loss[id], ce: 2.4 + by };
    }
    return { ...unit, measured: { ...unit.measured, loss } };
  });
  return mergeUnits(recipe, units);
}
const without = (result: RecipeResult, seed: number, group: string) =>
  mergeUnits(
    recipe,
    result.units.filter((unit) => unit.seed !== seed || unit.group !== group),
  );
const seedsOf = (result: RecipeResult, isOwn: boolean) =>
  seedsToDecide({ recipe, result, isOwn, verdict: verdictOf(recipe, result) });

describe('what would decide', () => {
  it.each([
    [1, '2 more seeds are needed for a test.'],
    [2, '1 more seed is needed for a test.'],
  ])('is not told where too few seeds know a spread: %s', async (count, says) => {
    const own = [around(Array.from({ length: count }, (_, i) => i + 1))];
    const { in: shown } = await openedClaim({ own, claim: recipe.name });
    await shown.findByText(says);
    expect(shown.queryByText(/at the spread seen/)).toBeNull();
    expect(seedsOf(own[0]!, true)).toEqual([2, 3].slice(count - 1));
    expect(seedsOf(own[0]!, false)).toEqual([1, 2, 3]);
  });

  it('counts the seeds that the effect has, and queues those that were begun first', async () => {
    const whole = around([1, 2, 3]);
    const { missing, primary } = verdictOf(recipe, whole);
    const deciding = primary?.judged.test === 'difference' ? primary.judged.deciding : null;
    expect([deciding, missing]).toEqual([expect.any(Number), deciding! - 3]);
    // A fourth seed lacks the uniform model: it does not count yet.
    const begun = without(around([1, 2, 3, 4]), 4, 'uniform');
    expect(verdictOf(recipe, begun).primary?.judged).toMatchObject({ n: 3, deciding });
    const seeds = seedsOf(begun, true)!;
    expect(seeds[0]).toBe(4);
    expect(seeds).toHaveLength(1 + missing!);
    expect(seeds.slice(1)).toEqual(Array.from({ length: missing! }, (_, i) => 5 + i));
    // Run here anew, as many as would decide.
    expect(seedsOf(begun, false)).toHaveLength(deciding!);
    const { queue, in: shown } = await openedClaim({ own: [begun], claim: recipe.name });
    await shown.findByText(
      `What would decide: ${deciding} seeds at the spread seen, ${missing} more.`,
    );
    const button = shown.getByRole('button', { name: `Queue ${1 + missing!} missing seeds` });
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    fireEvent.click(button);
    await waitFor(() => expect(queue.calls).toHaveLength(1));
    expect(queue.calls[0]).toMatchObject(['add', { seeds }]);
  });

  it('counts a seed that the effect has though another variant of it is missing', () => {
    const others = recipeNamed('moepp-2');
    const all = fakeResult(others, { seeds: [1, 2] });
    // Plain and τ 0.75, the effect's own, are there of the second seed.
    const group = groupWithout(all);
    const begun = mergeUnits(
      others,
      all.units.filter((unit) => unit.seed === 1 || unit.group !== group),
    );
    const verdict = verdictOf(others, begun);
    expect(verdict.missing).toBe(1);
    const given = { recipe: others, result: begun, verdict };
    expect(seedsToDecide({ ...given, isOwn: true })).toEqual([2, 3]);
    expect(seedsToDecide({ ...given, isOwn: false })).toEqual([1, 2, 3]);
  });
});

/** A group of MoE++ 2 that its effect does not need. */
function groupWithout(result: RecipeResult): string {
  const free = result.units.find(({ runs }) =>
    runs.every(({ variant }) => variant !== 'plain' && variant !== 'tau-0.75'),
  );
  if (free === undefined) throw new Error('every group is needed');
  return free.group;
}

it('draws a line per rate of EqualRes’s Table 9, and one of equal tokens', async () => {
  const compute = recipeNamed('equalres-1a');
  const { in: shown } = await openedClaim({
    recorded: [fakeResult(compute)],
    claim: compute.name,
  });
  // It is put elsewhere once the result is there.
  const figures = await waitFor(() => {
    const printed = shown.getByRole('complementary', { name: 'Printed by EqualRes' });
    const both = within(printed).getAllByRole('figure', { name: /own: bits per character/ });
    expect(both).toHaveLength(2);
    return both;
  });
  const [rates] = figures;
  for (const rate of ['8.74', '10.81', '19.11', '34.95', '50.79'])
    expect(rates?.textContent).toContain(`Table 9: bits per character, ra ${rate} %`);
  expect(figures[1]?.textContent).toContain('Table 9: bits per character, D 1.14e11');
});
