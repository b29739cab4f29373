import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { readingOrder, roomById } from '../../src/ui/views/rooms.ts';
import { renderPage } from './render.tsx';

/** Views move between columns as the window becomes wider or narrower. */

/** A screen of which tests say whether it is wide. */
class Screen extends EventTarget {
  isWide = true;

  query(query: string): MediaQueryList {
    const screen = this;
    const list = {
      media: query,
      get matches() {
        return query.includes('min-width') && screen.isWide;
      },
      addEventListener: screen.addEventListener.bind(screen),
      removeEventListener: screen.removeEventListener.bind(screen),
    };
    return list as unknown as MediaQueryList;
  }

  become(isWide: boolean): void {
    act(() => {
      this.isWide = isWide;
      this.dispatchEvent(new Event('change'));
    });
  }
}

afterEach(() => vi.restoreAllMocks());

const columns = () =>
  [...document.querySelectorAll('[data-room="train"] > .column')].map((column) =>
    [...column.children].map((place) => place.getAttribute('data-view')),
  );

it('keeps what was typed, the focus and the views themselves when columns become one and two again', async () => {
  const media = new Screen();
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => media.query(query));
  await renderPage();
  const room = roomById('train');
  expect(columns()).toEqual(room.columns);
  const prompts = screen.getByRole<HTMLTextAreaElement>('textbox', { name: /prompt/i });
  fireEvent.change(prompts, { target: { value: 'Once upon a time' } });
  prompts.focus();

  media.become(false);
  expect(columns()).toEqual([readingOrder(room), []]);
  expect(screen.getByRole('textbox', { name: /prompt/i })).toBe(prompts);
  expect(prompts.value).toBe('Once upon a time');
  expect(document.activeElement).toBe(prompts);

  media.become(true);
  expect(columns()).toEqual(room.columns);
  expect(screen.getByRole('textbox', { name: /prompt/i })).toBe(prompts);
  expect(document.activeElement).toBe(prompts);
});
