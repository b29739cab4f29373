import { expect, it, vi } from 'vitest';
import { storeOnLeave } from '../../src/state/leaving.ts';

/** A page whose worker refuses: the page goes all the same. */
function leaving() {
  const events = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const flush = vi.fn(() => Promise.reject(new Error('gone')));
  storeOnLeave(Object.assign(events, { document }) as unknown as Window, flush);
  return { events, document, flush };
}

it.each(['beforeunload', 'pagehide'])('has what was recorded stored at %s', async (name) => {
  const { events, flush } = leaving();
  events.dispatchEvent(new Event('load'));
  expect(flush).not.toHaveBeenCalled();
  events.dispatchEvent(new Event(name));
  expect(flush).toHaveBeenCalledOnce();
});

it('and when it is hidden, not when it is shown again', () => {
  const { document, flush } = leaving();
  document.dispatchEvent(new Event('visibilitychange'));
  expect(flush).not.toHaveBeenCalled();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(flush).toHaveBeenCalledOnce();
});
