import { act, fireEvent, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { PRODUCT_VERSION } from '../../src/config/product.ts';
import { figureData } from '../../src/recipes/figures.ts';
import { mergeUnits } from '../../src/recipes/merge.ts';
import type { Recipe } from '../../src/recipes/recipe.ts';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { runTable } from '../../src/recipes/runTable.ts';
import { verdictOf } from '../../src/recipes/verdict.ts';
import {
  drawnSide,
  effectsTable,
  intervalsOf,
  sideText,
} from '../../src/ui/views/claims/effects.ts';
import { heldRows } from '../../src/ui/views/claims/held.ts';
import { fakeResult } from '../support/fakeResults.ts';
import { queueItem } from './fakeQueue.ts';
import { csvOf, expectColumn } from './figureFiles.ts';
import { openedClaim as opened } from './openedClaim.tsx';

const card = (panel: HTMLElement, name: string) => {
  const found = panel.querySelector<HTMLElement>(`[data-claim="${name}"]`);
  if (found === null) throw new Error(`no card of ${name}`);
  return found;
};

describe('the list', () => {
  it('has every claim by paper, each with the recorded word and, beside it, one’s own', async () => {
    const modse = recipeNamed('modse-1');
    const recorded = fakeResult(modse);
    const own = fakeResult(modse, { seeds: [1, 2, 3, 4], adapter: 'mine' });
    const { panel } = await opened({ recorded: [recorded], own: [own] });
    expect([...panel.querySelectorAll('[data-claim]')]).toHaveLength(RECIPES.length);
    for (const { name } of RECIPES) card(panel, name);
    await waitFor(() => expect(card(panel, 'modse-1').textContent).toMatch(/4 seeds, quick/));
    const text = card(panel, 'modse-1').textContent;
    for (const word of verdictOf(modse, recorded).words) expect(text).toContain(word);
    expect(text).toMatch(/Recorded.*3 seeds, quick.*Yours.*4 seeds, quick/);
    expect(card(panel, 'moepp-1').textContent).toMatch(/nothing yet.*not run/);
  });

  it('keeps every other claim where a result of one cannot be judged', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const whole = fakeResult(recipeNamed('modse-1'));
    const broken = {
      ...whole,
      units: whole.units.map((unit) => ({
        ...unit,
        measured: { loss: { diverse: {}, uniform: {} } },
      })),
    };
    const { panel, in: view } = await opened({ own: [broken] });
    const alert = await view.findByRole('alert');
    expect(alert.textContent).toMatch(/^MoDSE 1 could not be shown: loss of \w+ has no field/);
    expect([...panel.querySelectorAll('[data-claim]')]).toHaveLength(RECIPES.length - 1);
    fireEvent.click(card(panel, 'modse-2'));
    await view.findByRole('article', { name: 'MoDSE 2' });
    fireEvent.click(view.getByRole('button', { name: '‹ MoDSE 1' }));
    await view.findByRole('alert');
    fireEvent.click(view.getByRole('button', { name: 'MoDSE 2 ›' }));
    await view.findByRole('button', { name: 'Run it here' });
    error.mockRestore();
  });

  it('says of a claim that is queued how far it is', async () => {
    const { panel, queue } = await opened();
    await waitFor(() => expect(card(panel, 'moepp-2').textContent).toContain('not run'));
    const request = { kind: 'recipe', name: 'moepp-2', budget: 'quick', seeds: [1] } as const;
    const progress = { share: 0.42, secondsLeft: 5 };
    const item = queueItem({ id: 'q', state: 'running', request, progress });
    act(() => queue.tell({ items: [item] }));
    expect(card(panel, 'moepp-2').textContent).toContain('running, 42%');
  });

  it('opens a claim with one press, and goes back', async () => {
    const { panel, in: shown } = await opened();
    fireEvent.click(card(panel, 'tcmoe-1'));
    await shown.findByRole('article', { name: 'TC-MoE 1' });
    fireEvent.click(shown.getByRole('button', { name: 'All claims' }));
    await waitFor(() => card(panel, 'tcmoe-1'));
  });
});

/** Every number that a mean over seeds rests on, as its table has it. */
function expectEffect(rows: readonly Record<string, string>[], recipe: Recipe, of: RecipeResult) {
  const { primary } = verdictOf(recipe, of);
  const judged = primary?.judged;
  if (judged === undefined || !('interval90' in judged)) throw new Error('no mean over seeds');
  expectColumn(rows, 'd', [judged.d]);
  expectColumn(rows, 's', [judged.s]);
  expectColumn(rows, '95 % from', [judged.interval95[0]]);
  expectColumn(rows, '90 % to', [judged.interval90[1]]);
  expectColumn(rows, 'p', [judged.p]);
  expectColumn(rows, 'smallest difference found', [judged.findable]);
  for (const [i, seed] of judged.seeds.entries())
    expectColumn(rows, `seed ${seed}`, [judged.values[i]!]);
}

describe('a claim', () => {
  const recipe = recipeNamed('modse-1');
  const result = fakeResult(recipe);

  it('shows figures and the effect with every number that its word rests on', async () => {
    const { panel, in: shown } = await opened({ recorded: [result], claim: recipe.name });
    const effect = `Primary effect: ${recipe.primary?.label}`;
    await shown.findByText(effect);
    expectEffect(await csvOf(panel, effect), recipe, result);
    const [spec] = recipe.figures;
    const data = figureData(recipe, spec!, result);
    if (data.kind === 'table') throw new Error('a drawing was expected');
    const means = data.series.flatMap(({ points }) => points.map(({ y }) => y.mean ?? Number.NaN));
    expectColumn(await csvOf(panel, spec!.title), `${data.y.label}: mean`, means);
    for (const fact of ['Made Up', PRODUCT_VERSION, result.digest, 'recorded with the product'])
      expect(panel.querySelector('.claims-provenance')?.textContent).toContain(fact);
    // The paper's own numbers stand in a panel of their own.
    const printed = shown.getByRole('complementary', { name: 'Printed by MoDSE' });
    for (const { says } of recipe.printed) expect(printed.textContent).toContain(says);
    expect(panel.querySelector('.claims-own')?.contains(printed)).toBe(false);
  });

  it('draws what a paper prints once, titled in words', async () => {
    const equalres = recipeNamed('equalres-1');
    const { in: shown } = await opened({ recorded: [fakeResult(equalres)], claim: equalres.name });
    const printed = await shown.findByRole('complementary', { name: 'Printed by EqualRes' });
    const own = within(printed).getAllByRole('figure', { name: /own: bits per character/ });
    expect(own).toHaveLength(1);
    expect(printed.textContent).toContain('activation rate, %');
  });

  it.each([
    ['equalres-1', false],
    ['balancing-1', true],
  ])(
    'leaves the width to the figures of %s: %s, as sentences alone are printed',
    async (name, wide) => {
      const one = recipeNamed(name);
      const { panel, in: shown } = await opened({ recorded: [fakeResult(one)], claim: name });
      await shown.findByText(`Primary effect: ${one.primary?.label}`);
      expect(panel.querySelector('.claims-own.wide') !== null).toBe(wide);
    },
  );

  it('has its runs in EqualRes’s columns, as a file too', async () => {
    const { panel, in: shown } = await opened({ recorded: [result], claim: recipe.name });
    const title = 'Runs in EqualRes’s columns';
    await shown.findByText(title);
    const rows = await csvOf(panel, title);
    const table = runTable(result);
    for (const column of ['N', 'Na', 'ra'] as const)
      expectColumn(
        rows,
        column,
        table.map((row) => row[column]),
      );
    expectColumn(
      rows,
      'validation loss, nats',
      table.map(({ loss }) => loss.mean ?? Number.NaN),
    );
  });

  it('says what is held equal, with the accounting’s numbers', async () => {
    const { panel } = await opened({ recorded: [result], claim: recipe.name });
    await waitFor(() => expect(panel.textContent).toContain('Held equal: total parameters N'));
    const line = [...panel.querySelectorAll('summary')].find(({ textContent }) =>
      textContent?.startsWith('Held equal'),
    );
    for (const { resource } of recipe.held)
      expect(line?.textContent).toMatch(new RegExp(`\\b${resource}\\b|FLOPs`));
  });

  it('draws one’s own results as they come, beside the recorded', async () => {
    const { panel, queue, in: shown } = await opened({ recorded: [result], claim: recipe.name });
    await shown.findByText('Not run in this browser yet.');
    const own = fakeResult(recipe, { seeds: [1, 2], adapter: 'mine' });
    act(() => queue.emit({ type: 'recipe', result: own }));
    const side = panel.querySelector<HTMLElement>('[data-whose="Yours"]')!;
    await waitFor(() => expect(side.textContent).toContain('2 seeds, quick'));
    expect(side.textContent).toContain('undecided');
    expect(panel.querySelector('.claims-provenance')?.textContent).toContain('Mine');
    fireEvent.click(shown.getByRole('button', { name: 'Show below' }));
    await waitFor(() =>
      expect(panel.querySelector('.claims-provenance')?.textContent).toContain('Made Up'),
    );
  });

  it('shows the largest recorded budget, and the others on demand', async () => {
    const larger = fakeResult(recipe, { budget: 'standard', seeds: [1, 2] });
    const both = [result, larger];
    const { panel, in: shown } = await opened({ recorded: both, claim: recipe.name });
    const side = panel.querySelector<HTMLElement>('[data-whose="Recorded"]')!;
    const provenance = () => panel.querySelector('.claims-provenance')?.textContent;
    await waitFor(() => expect(side.textContent).toContain('2 seeds, standard'));
    await waitFor(() => expect(provenance()).toContain('budgetstandard'));
    const kept = within(shown.getByRole('group', { name: 'Recorded budget' }));
    expect(kept.getByRole('button', { pressed: true }).textContent).toBe('standard');
    fireEvent.click(kept.getByRole('button', { name: 'quick' }));
    await waitFor(() => expect(side.textContent).toContain('3 seeds, quick'));
    await waitFor(() => expect(provenance()).toContain('budgetquick'));
    // The list says the largest.
    fireEvent.click(shown.getByRole('button', { name: 'All claims' }));
    await waitFor(() => expect(card(panel, recipe.name).textContent).toContain('standard'));
  });

  it('starts with one press, at a budget whose time is told before', async () => {
    const { queue, in: shown } = await opened({ claim: recipe.name });
    queue.estimated = (request) => {
      const quick = request.kind === 'recipe' && request.budget === 'quick';
      return { runs: 9, seconds: quick ? 300 : 3000, longestRun: 40, refusal: null };
    };
    const start = await shown.findByRole('button', { name: 'Run it here' });
    await shown.findByText(/quick, seeds 1, 2, 3: 9 runs, about 5 min 00 s on this adapter/);
    fireEvent.click(start);
    await waitFor(() => expect(queue.calls).toHaveLength(1));
    const request = { kind: 'recipe', name: 'modse-1', budget: 'quick', seeds: [1, 2, 3] };
    expect(queue.calls[0]).toEqual(['add', request]);
    await shown.findByText(/waiting: 0 of 3 units/);
  });

  it('is not started where the queue refuses it', async () => {
    const { queue, in: shown } = await opened({ claim: recipe.name });
    const refusal = 'modse-1 holds total parameters N equal, but 9 is more than 8.';
    queue.estimated = () => ({ runs: 9, seconds: 1, longestRun: 1, refusal });
    expect((await shown.findAllByText(new RegExp(refusal)))[0]).toBeDefined();
    for (const button of shown.getAllByRole('button', { name: /^(Run it here|Start)$/ }))
      expect(button).toHaveProperty('disabled', true);
  });
});

const countSeeds = (count: HTMLElement, value: string) => {
  fireEvent.change(count, { target: { value } });
  fireEvent.blur(count);
};

it('runs as few seeds as one likes, and first what a seed lacks', async () => {
  const recipe = recipeNamed('modse-1');
  const result = fakeResult(recipe);
  const { queue, panel, in: shown } = await opened({ recorded: [result], claim: recipe.name });
  countSeeds(await shown.findByLabelText('Number of seeds to run'), '2');
  await waitFor(() => expect(panel.textContent).toContain('A verdict needs at least three seeds.'));
  act(() => queue.emit({ type: 'recipe', result: mergeUnits(recipe, result.units.slice(1)) }));
  await shown.findByText(/quick, seeds 1, 4, 5: /);
  expect(panel.textContent).toContain('4 seeds in all find differences from');
});

it('asks for no seeds where a run diverged', async () => {
  const recipe = recipeNamed('modse-1');
  const result = fakeResult(recipe);
  const units = result.units.map((unit) => ({
    ...unit,
    runs: unit.runs.map((run) => ({ ...run, diverged: 'the loss is NaN' })),
  }));
  const { in: shown } = await opened({ recorded: [{ ...result, units }], claim: recipe.name });
  await shown.findByText(/^Not tested: seed 1: .*diverged\. More seeds do not change that\.$/);
});

it('queues the seeds that would decide an undecided claim', async () => {
  const undecided = RECIPES.flatMap((recipe) => {
    const result = fakeResult(recipe);
    const { missing } = verdictOf(recipe, result);
    return missing === null ? [] : [{ recipe, result, missing }];
  });
  const { recipe, result, missing } = undecided[0]!;
  const { queue, in: shown } = await opened({ own: [result], claim: recipe.name });
  const button = await shown.findByRole('button', { name: /^Queue \d+ missing seeds?$/ });
  expect(button.textContent).toMatch(new RegExp(`Queue ${missing} missing`));
  await waitFor(() => expect(button).toHaveProperty('disabled', false));
  fireEvent.click(button);
  await waitFor(() => expect(queue.calls).toHaveLength(1));
  const [, request] = queue.calls[0] as [string, { seeds: number[] }];
  expect(request.seeds).toHaveLength(missing);
  for (const seed of [1, 2, 3]) expect(request.seeds).not.toContain(seed);
});

describe('every kind of verdict', () => {
  // A table, an optimum, a share, parts, and a figure without a claim.
  const KINDS = ['modse-2', 'moepp-5', 'equalres-2', 'tcmoe-4', 'equalres-1a'];

  it.each(KINDS.map((name) => [name, recipeNamed(name)] as const))(
    'of %s shows all figures and effects',
    async (_, recipe) => {
      const result = fakeResult(recipe);
      const { panel, in: shown } = await opened({ own: [result], claim: recipe.name });
      for (const { title } of recipe.figures) await shown.findByText(title);
      const { primary, shown: others } = verdictOf(recipe, result);
      const effects = [...(primary === null ? [] : [primary]), ...others];
      const boxes = [...panel.querySelectorAll<HTMLElement>('[data-effect]')];
      expect(boxes.map(({ dataset }) => dataset.effect)).toEqual(effects.map(({ id }) => id));
    },
  );

  it('has the paper’s side of each part, and one along the drawing where it is the same', () => {
    const effectOf = (name: string) =>
      verdictOf(recipeNamed(name), fakeResult(recipeNamed(name))).primary!;
    const slopes = effectOf('tcmoe-4');
    const { columns, rows } = effectsTable([slopes]);
    const side = columns.findIndex(({ title }) => title === 'paper’s side');
    expect(rows.map((row) => row[side])).toEqual(['above 0', 'below 0']);
    expect([drawnSide(slopes), drawnSide(effectOf('equalres-4'))]).toEqual([null, '<']);
    expect(sideText(slopes)).toMatch(/E−’s .* above 0; .* E0’s .* below 0$/);
    expect(sideText(effectOf('moepp-5'))).toBe('best inside, both ends worse');
    expect(sideText(effectOf('equalres-2'))).toBe('above chance');
  });

  it('can be drawn of every claim', () => {
    for (const recipe of RECIPES) {
      const { primary, shown } = verdictOf(recipe, fakeResult(recipe));
      const effects = [...(primary === null ? [] : [primary]), ...shown];
      const drawn = effects.flatMap(intervalsOf);
      const { columns, rows } = effectsTable(effects);
      for (const row of rows) expect(row, recipe.name).toHaveLength(columns.length);
      for (const { wide } of drawn) expect(wide, recipe.name).not.toBeNull();
      expect(heldRows(recipe, null, 'quick').problem, recipe.name).toBeNull();
    }
  });
});
