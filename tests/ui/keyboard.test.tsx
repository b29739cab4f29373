import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { renderPage } from './render.tsx';

/** Which keys are the page's, and which belong to what has the focus. */

function at(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

/** Whether the page takes a key that is pressed on an element. */
const takes = (element: HTMLElement, key: string, more = {}) =>
  !fireEvent.keyDown(element, { key, ...more });

const CTRL = { ctrlKey: true };

it('leaves Space to a heading that opens its group', async () => {
  const { called } = await renderPage();
  const heading = screen.getByText('Router', { selector: 'summary *' });
  expect(takes(heading.closest('summary')!, ' ')).toBe(false);
  expect(called()).toEqual(['probe']);
});

it('undoes an edit right after a switch or a select was changed', async () => {
  const { lab } = await renderPage();
  const now = () => lab.config.getState().experiment;
  const tied = at('[data-path="model.tied"] [role="switch"]');
  fireEvent.click(tied);
  await waitFor(() => expect(now().model.tied).toBe(!DEFAULTS_V1.model.tied));
  expect(takes(tied, 'z', CTRL)).toBe(true);
  await waitFor(() => expect(now().model.tied).toBe(DEFAULTS_V1.model.tied));
  const selection = at('[data-path="router.selection"] select');
  fireEvent.change(selection, { target: { value: 'topp' } });
  await waitFor(() => expect(now().router.selection).toBe('topp'));
  expect(takes(selection, 'z', CTRL)).toBe(true);
  await waitFor(() => expect(now()).toEqual(DEFAULTS_V1));
});

it('leaves a field what it types, chooses or presses by', async () => {
  const { lab, called } = await renderPage();
  act(() => lab.view.getState().set({ collapsed: [] }));
  const taken = (selector: string) => {
    const keys: readonly [string, object][] = [
      [' ', {}],
      ['.', {}],
      ['z', CTRL],
    ];
    return keys.map(([key, more]) => takes(at(selector), key, more));
  };
  expect(taken('[data-path="optimizer.lr"] input:not([type])')).toEqual([false, false, false]);
  expect(taken('.samples textarea')).toEqual([false, false, false]);
  expect(taken('[data-path="router.selection"] select')).toEqual([false, false, true]);
  expect(called()).toEqual(['probe']);
  expect(taken('[data-path="model.tied"] [role="switch"]')).toEqual([false, true, true]);
  expect(taken('[data-path="optimizer.lr"] [type="range"]')).toEqual([false, true, true]);
});
