/** A conversion outlasts a page that is killed, not closed. */
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import {
  board,
  convert,
  killPage,
  SLOW,
  type StoredConversion,
  storedConversions,
  toConvert,
  trainTeacher,
  untilMeasured,
} from '../support/conversionRoom.ts';
import { casesOf } from '../support/long.ts';
import { useSite } from '../support/site.ts';

const site = useSite();

/** All of them: a layer takes longer than from one stored state to the next, on software adapters at least. */
const STEPS = casesOf(700, 40);
const SETTINGS = `teacher.settings=N:4,steps:${STEPS},sample:512,profile:256,seeds:${casesOf(2, 1)}`;
const LINK = `#v=1&D=32&L=2&F=64&arr=dense&B=2&S=32&te=0&wu=5&n=30&${SETTINGS}`;

type IsMoment = (stored: StoredConversion | undefined, page: Page) => Promise<boolean> | boolean;

const stepOf = (stored: StoredConversion | undefined, layer: number, seed: number) =>
  stored?.layers[layer]?.seeds[seed]?.step ?? 0;
const says = (page: Page, text: string) => board(page).getByText(text).isVisible();

/** What must be seen of the page, or stored, before it is killed. */
const MOMENTS: Readonly<Record<string, IsMoment>> = {
  'while vectors are recorded': (_, page) => says(page, 'Vectors are recorded'),
  'before anything of a layer is stored': (stored, page) =>
    stepOf(stored, 0, 0) === 0 && says(page, 'Layers are distilled'),
  'in the middle of the first layer': (stored) => {
    const step = stepOf(stored, 0, 0);
    return step > 0 && step < STEPS;
  },
  'between two layers': (stored) => (stored?.students.length ?? 0) > 0,
  'in the last training': (stored) => stepOf(stored, 1, 0) === STEPS,
};

/** What must be the same however often it was killed. */
const resultOf = ({ digest, layers, students, parts }: StoredConversion) => ({
  ...{ digest, layers, parts },
  students: students
    .map(({ choice, ce, perDomain }) => JSON.stringify([choice, ce, perDomain]))
    .sort(),
});

async function latest(page: Page): Promise<StoredConversion | undefined> {
  return (await storedConversions(page))[0];
}

test('a page that is killed in mid-conversion goes on to the same bits', async () => {
  let page = await site().open(LINK);
  const context = page.context();
  await trainTeacher(page);
  await convert(page);
  await untilMeasured(page, 2);
  const whole = (await latest(page))!;
  expect(whole.digest).toMatch(/^[0-9a-f]{16}$/);
  for (const [name, isMoment] of casesOf(
    Object.entries(MOMENTS),
    Object.entries(MOMENTS).filter(([name]) => name === 'between two layers'),
  )) {
    await convert(page);
    await expect
      .poll(
        async () => {
          const one = await latest(page);
          return one?.id !== whole.id && (await isMoment(one, page));
        },
        { ...SLOW, interval: 20 },
      )
      .toBe(true);
    await killPage(page);

    page = await context.newPage();
    await page.goto(site().address + LINK);
    await toConvert(page);
    await board(page)
      .getByText(/ of 2 layers converted$/)
      .waitFor(SLOW);
    const before = await latest(page);
    expect(before?.digest, name).toBeNull();
    await board(page).getByRole('button', { name: 'Go on' }).click(SLOW);
    await untilMeasured(page, 2);
    const after = (await latest(page))!;
    expect(after.id, name).toBe(before?.id);
    expect(resultOf(after), name).toEqual(resultOf(whole));
  }
}, 600_000);
