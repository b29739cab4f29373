/** The panel of claims, with recorded results and one's own. */
import { act, screen, within } from '@testing-library/react';
import { RECIPES } from '../../src/recipes/recipes.ts';
import { recordedFile, recordedIndex } from '../../src/recipes/recordedIndex.ts';
import type { RecipeResult } from '../../src/recipes/result.ts';
import { createFakeQueue } from './fakeQueue.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Claims of the papers';

interface Options {
  recorded?: readonly RecipeResult[];
  own?: RecipeResult[];
  claim?: string;
}

/** Opens the list, or one of its claims. */
export async function openedClaim({ recorded = [], own = [], claim = '' }: Options = {}) {
  const queue = createFakeQueue();
  queue.own = own;
  const files = recorded.map(
    (result) => [recordedFile(result.recipe, result.budget), JSON.stringify(result)] as const,
  );
  const index = JSON.stringify(recordedIndex(RECIPES, recorded));
  const test = await renderView('claims', {
    queue,
    recorded: { ...Object.fromEntries(files), index },
  });
  await act(async () => test.lab.view.getState().setOwn('claims', { claim }));
  const panel = screen.getByRole('region', { name: TITLE });
  return { ...test, queue, panel, in: within(panel) };
}
