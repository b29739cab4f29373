/** The conversion room on the page's own worker: what the tests of its views have from a fake one. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { readSafetensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import {
  board,
  convert,
  dropFile,
  region,
  SLOW,
  storedConversions,
  trainTeacher,
  untilMeasured,
} from '../support/conversionRoom.ts';
import { copiedLink } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const DENSE = 'D=16&L=2&F=32&arr=dense&B=2&S=16&te=0&wu=5&n=10&vb=1';
const LINK = `#v=1&${DENSE}&teacher.settings=N:4,steps:80,sample:128,profile:128`;
async function latest(page: Page) {
  return (await storedConversions(page))[0]!;
}

/** A dense model's checkpoint, and the same as another program writes it: parameters alone. */
function checkpoints(): { ours: Buffer; theirs: Buffer } {
  const experiment = applyChange(DEFAULTS_V1, {
    'model.D': 16,
    'model.L': 1,
    'model.H': 2,
    'model.Hkv': 2,
    'model.denseHidden': 12,
    'model.arrangement': 'dense',
  });
  const state = initialState(engineConfig(experiment, 256), 0.02, 1);
  const ours = encodeCheckpoint({ experiment, state });
  const { tensors } = readSafetensors(ours);
  const bare = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
  return { ours: Buffer.from(ours), theirs: Buffer.from(writeSafetensors(bare, { format: 'pt' })) };
}

test('stops, goes on, trains a layer again; its link and its file give the same student elsewhere', async () => {
  const page = await site().open(LINK);
  await trainTeacher(page);
  await convert(page);
  await board(page).getByText('Layers are distilled').waitFor(SLOW);
  await board(page).getByRole('button', { name: 'Stop' }).click();
  await board(page).getByRole('button', { name: 'Go on' }).click(SLOW);
  await untilMeasured(page, 2);
  const { digest, parts } = await latest(page);
  await board(page).getByRole('button', { name: 'Train layer 0 again' }).click();
  await board(page).getByText('Layers are distilled').waitFor(SLOW);
  await expect.poll(async () => (await latest(page)).digest, SLOW).toBe(digest);
  await untilMeasured(page, 2);
  const whole = await latest(page);
  expect(whole.parts).toEqual(parts);

  const policy = region(page, 'Adaptive policy');
  await policy.getByRole('button', { name: 'Record routing weights' }).click();
  await policy.getByRole('button', { name: 'Use this policy' }).click(SLOW);
  await page.getByText(/adaptive router is the open run/).waitFor(SLOW);
  await expect.poll(() => page.url()).toMatch(/[#&]sel=adaptive&pol=/);
  const link = await copiedLink(page);
  const saved = page.waitForEvent('download');
  await page.getByText('Stored conversions: 1').click();
  await page.getByRole('button', { name: 'Save it as a file' }).click();
  const zip = await readFile(await (await saved).path());
  await page.context().close();

  // Nothing runs before it is pressed for.
  const other = await site().open(link.slice(link.indexOf('#')));
  const offered = other.getByRole('region', { name: 'Conversion of the link' });
  await offered.getByText(/10 steps; layers 0 to 1 become 4 experts each/).waitFor();
  expect(await storedConversions(other)).toEqual([]);
  await offered.getByRole('button', { name: 'Replay it' }).click();
  await untilMeasured(other, 2);
  await board(other).getByText('identical', { exact: true }).waitFor();
  await board(other)
    .getByText(/adaptive router with p_u 0\.25, p_e 0\.25/)
    .waitFor();
  const replayed = await latest(other);
  expect(replayed.parts).toMatchObject(
    Object.fromEntries(Object.entries(parts).filter(([name]) => name.startsWith('layer'))),
  );

  await dropFile(other.locator('main'), 'room.zip', zip);
  await other.getByText('Opened room.zip').waitFor(SLOW);
  await untilMeasured(other, 2);
  expect((await storedConversions(other)).find(({ id }) => id === whole.id)).toEqual(whole);

  // Models from elsewhere, whether they say what they are or not.
  const { ours, theirs } = checkpoints();
  const teacher = region(other, 'Teacher and settings');
  const place = teacher.getByText('Stored conversions: 2');
  await dropFile(place, 'ours.safetensors', ours);
  await teacher
    .getByRole('combobox', { name: 'Teacher' })
    .getByText('ours')
    .waitFor({
      ...SLOW,
      state: 'attached',
    });
  await dropFile(place, 'theirs.safetensors', theirs);
  const dialog = other.getByRole('dialog', { name: /theirs.safetensors names no experiment/ });
  await dialog.getByRole('button', { name: 'Open it' }).click();
  await expect.poll(() => teacher.getByRole('checkbox', { name: /^L\d$/ }).count(), SLOW).toBe(1);
  await convert(other);
  await board(other)
    .getByText(/^1 layer of 1 converted \(0\)\. Loss /)
    .waitFor(SLOW);
}, 240_000);
