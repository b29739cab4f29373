import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { RAW_RUNS } from '../support/rawRuns.ts';
import { openView } from './besideRun.ts';
import type { FakeTrainer } from './fakeTrainer.ts';
import { openLook } from './figureFiles.ts';
import { renderPage } from './render.tsx';

/** What a screen reader says by itself: that work begins and ends, and not how far it is. */

/** Texts of the regions that are read out as they change. */
function spoken(within: ParentNode): string[] {
  const regions = within.querySelectorAll('[role="status"], [role="alert"], [aria-live]');
  return [...regions].map((region) => region.textContent ?? '').filter((text) => text !== '');
}

/** Answers passes with interventions one by one. */
function hold(trainer: FakeTrainer): { next: () => void } {
  const held: (() => void)[] = [];
  const inspect = trainer.inspect.bind(trainer);
  trainer.inspect = async (kind, ask, subject) => {
    if (kind === 'losses') await new Promise<void>((resolve) => held.push(resolve));
    return inspect(kind, ask, subject);
  };
  return { next: () => held.shift()?.() };
}

const press = (panel: HTMLElement, name: string) =>
  fireEvent.click(within(panel).getByRole('button', { name }));

it('tells begin and end of a question with passes of its own', async () => {
  const { panel, trainer } = await openLook('pruning');
  const { next } = hold(trainer);
  expect(spoken(panel)).toEqual([]);
  press(panel, 'Measure without kinds');
  await within(panel).findByText('pass 0 of 8');
  expect(spoken(panel)).toEqual(['Without kinds of slots: being measured']);
  for (let done = 1; done < 8; done++) {
    next();
    await within(panel).findByText(`pass ${done} of 8`);
    expect(spoken(panel)).toEqual(['Without kinds of slots: being measured']);
  }
  next();
  await waitFor(() => expect(spoken(panel)).toEqual(['Without kinds of slots: measured']));
  trainer.failNext('inspect', 'RangeError', 'the text is too short');
  press(panel, 'Measure without kinds');
  await waitFor(() => expect(spoken(panel)).toEqual(['the text is too short']));
});

it('tells begin and end of measured contributions', async () => {
  const test = await openView('Contribution of activations (TC-MoE)', RAW_RUNS.tcmoe);
  const { panel, trainer } = test;
  await test.start();
  const { next } = hold(trainer);
  expect(spoken(panel)).toEqual([]);
  press(panel, 'Measure');
  await within(panel).findByText(/^This run: 0 of \d+ passes$/);
  expect(spoken(panel)).toEqual(['This run: being measured']);
  next();
  await within(panel).findByText(/^This run: 1 of \d+ passes, about \d+ s left$/);
  expect(spoken(panel)).toEqual(['This run: being measured']);
  const all = setInterval(next);
  await waitFor(() => expect(spoken(panel)).toEqual(['Measured']));
  clearInterval(all);
  trainer.failNext('takeCopy', 'RangeError', 'there is no room for a copy');
  press(panel, 'Measure');
  await waitFor(() => expect(spoken(panel)).toEqual(['there is no room for a copy']));
});

it('tells begin and end of trying every other slot', async () => {
  const test = await renderPage({ room: 'text', experiment: RAW_RUNS.tcmoe });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.pause());
  const panel = screen.getByRole('region', { name: 'Token by token' });
  const cells = await within(panel).findByRole('grid', { name: /by token/ });
  fireEvent.focus(cells);
  fireEvent.keyDown(cells, { key: 'Enter' });
  await within(panel).findByRole('button', { name: 'Every other slot' });
  const { next } = hold(test.trainer);
  press(panel, 'Every other slot');
  for (const done of [0, 1, 2]) {
    await within(panel).findByText(new RegExp(`^Pass ${done} of`));
    expect(spoken(panel)).toEqual(['Every other slot is being tried']);
    next();
  }
  const all = setInterval(next);
  await within(panel).findByRole('heading', { name: /^Every other slot at rank/ });
  clearInterval(all);
  expect(spoken(panel)).toEqual(['Every other slot was tried']);
});

/** The sliders over the steps of a run that trains, and how it goes on. */
async function sliders() {
  const { lab, trainer } = await renderPage();
  await act(() => lab.commands.start());
  const slider = (name: RegExp) => screen.getByRole('slider', { name });
  const [focused, other] = [
    slider(/^Step cursor of Loss$/),
    slider(/^Step cursor of Gradient norm$/),
  ];
  const [scrubber] = [slider(/^Step shown in heat map/) as HTMLInputElement];
  const now = (one: HTMLElement) => one.getAttribute('aria-valuenow');
  /** Trains to a step, and waits until the page shows it. */
  const trainTo = async (step: number) => {
    act(() => trainer.advance(step - lab.source.step));
    await waitFor(() => expect(now(other)).toBe(String(step)));
    await screen.findByText(`${step} of ${step}`);
  };
  await trainTo(20);
  return { focused, other, scrubber, now, trainTo };
}

it('reads out a step cursor that has the focus only when it is moved', async () => {
  const { focused, now, trainTo } = await sliders();
  const told = () => [
    now(focused),
    focused.getAttribute('aria-valuetext')?.match(/^step \d+/)?.[0],
  ];
  expect(told()).toEqual(['20', 'step 20']);
  act(() => focused.focus());
  await trainTo(25);
  expect(told()).toEqual(['20', 'step 20']);
  fireEvent.keyDown(focused, { key: 'ArrowLeft' });
  expect(told()).toEqual(['24', 'step 24']);
  fireEvent.keyDown(focused, { key: 'Escape' });
  expect(told()).toEqual(['25', 'step 25']);
  await trainTo(30);
  expect(told()).toEqual(['25', 'step 25']);
  fireEvent.keyDown(focused, { key: 'End' });
  expect(told()).toEqual(['30', 'step 30']);
  fireEvent.keyDown(focused, { key: 'Escape' });
  act(() => focused.blur());
  await trainTo(35);
  expect(told()).toEqual(['35', 'step 35']);
});

it('follows again in a room that was left without a word, as some browsers do', async () => {
  const { focused, now, trainTo } = await sliders();
  act(() => focused.focus());
  const silence = (event: Event) => event.stopImmediatePropagation();
  window.addEventListener('focusout', silence, true);
  const room = focused.closest<HTMLElement>('[data-room]');
  for (const [key, display] of [
    ['2', 'none'],
    ['1', ''],
  ] as const) {
    fireEvent.keyDown(document.body, { key });
    await waitFor(() => expect(room?.style.display).toBe(display));
  }
  window.removeEventListener('focusout', silence, true);
  await trainTo(25);
  expect(now(focused)).toBe('25');
});

it('reads out the scrubber that has the focus only when it is moved', async () => {
  const { scrubber, trainTo } = await sliders();
  const told = () => [scrubber.value, scrubber.getAttribute('aria-valuetext')];
  expect(told()).toEqual(['20', 'latest, step 20']);
  act(() => scrubber.focus());
  await trainTo(25);
  expect(told()).toEqual(['20', 'latest, step 20']);
  fireEvent.change(scrubber, { target: { value: '19' } });
  expect(told()).toEqual(['19', 'step 19']);
  fireEvent.change(scrubber, { target: { value: '1000' } });
  expect(told()).toEqual(['25', 'latest, step 25']);
  await trainTo(30);
  expect(told()).toEqual(['25', 'latest, step 25']);
  act(() => scrubber.blur());
  await trainTo(35);
  expect(told()).toEqual(['35', 'latest, step 35']);
});
