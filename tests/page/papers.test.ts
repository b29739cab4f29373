import type { BrowserContext } from 'playwright';
import { expect, test } from 'vitest';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import { recordedIndex } from '../../src/recipes/recordedIndex.ts';
import { fakeResult } from '../support/fakeResults.ts';
import { useSite } from '../support/site.ts';
import { stubbed, WITHOUT_WEBGPU } from '../support/stubs.ts';

const site = useSite();

const RECIPE = recipeNamed('moepp-2');
const RESULT = fakeResult(RECIPE);
const FILES: Readonly<Record<string, unknown>> = {
  index: recordedIndex(RECIPES, [RESULT]),
  [RECIPE.name]: RESULT,
};

/** A host that has a recorded result. */
async function withRecorded(context: BrowserContext): Promise<void> {
  await context.route('**/recorded/*.json', async (route) => {
    const [, name = ''] = /recorded\/([\w-]+)\.json$/.exec(route.request().url()) ?? [];
    if (name in FILES) await route.fulfill({ json: FILES[name] });
    else await route.fulfill({ status: 404 });
  });
}

test('a paper’s figure is two clicks from the front door', async () => {
  const page = await site().open('', withRecorded);
  await page.locator('nav.rooms').getByRole('button', { name: 'Papers' }).click();
  await page.locator(`[data-claim="${RECIPE.name}"]`).click();
  const figure = page.getByRole('figure', { name: RECIPE.figures[0]?.title ?? '' });
  await figure.locator('svg.figure-drawing').waitFor();
  await page.getByRole('complementary', { name: 'Printed by MoE++' }).waitFor();
  await page.waitForURL(/claims\.claim=moepp-2/);
  // How long each budget would take here, before anything starts.
  await page
    .getByText(/^\d+ runs, about .* on this adapter/)
    .first()
    .waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  // What the list of all claims writes behind the lab's address.
  const linked = await site().open(`#room=papers&claims.claim=${RECIPE.name}`, withRecorded);
  await linked.getByRole('article', { name: 'MoE++ 2' }).waitFor();
});

test('without WebGPU the front door opens on a recorded claim', async () => {
  const page = await site().open('', async (context) => {
    await withRecorded(context);
    await stubbed(WITHOUT_WEBGPU)(context);
  });
  const claim = page.getByRole('article', { name: 'MoE++ 2' });
  await claim.locator('svg.figure-drawing').first().waitFor();
  await claim.getByText('recorded with the product').waitFor();
  await page
    .getByText(/This browser offers no WebGPU/)
    .first()
    .waitFor();
  for (const name of ['Run it here', 'Start'])
    await expect
      .poll(() => claim.getByRole('button', { name, exact: true }).isDisabled())
      .toBe(true);
});
