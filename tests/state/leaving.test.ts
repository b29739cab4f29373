import { expect, it, vi } from 'vitest';
import { GOING_MS, storeOnLeave } from '../../src/state/leaving.ts';

/** A page whose worker refuses: the page goes all the same. */
function leaving(hasUnstored = false) {
  const events = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const flush = vi.fn(() => Promise.reject(new Error('gone')));
  storeOnLeave(Object.assign(events, { document }) as unknown as Window, flush, () => hasUnstored);
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

it('stays a moment longer where something is not stored, after it has said so', async () => {
  let now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now++);
  const taken = async (hasUnstored: boolean) => {
    now = 0;
    const { events, flush } = leaving(hasUnstored);
    events.dispatchEvent(new Event('beforeunload'));
    expect(now).toBe(0);
    flush.mockImplementation(() => Promise.reject(new Error(`gone at ${now}`)));
    events.dispatchEvent(new Event('pagehide'));
    await expect(flush.mock.results[1]!.value).rejects.toThrow('gone at 0');
    return now;
  };
  expect(await taken(true)).toBeGreaterThan(GOING_MS);
  expect(await taken(false)).toBe(0);
});
