/** Time that a page which goes waits for its worker to write. */
export const GOING_MS = 150;

/**
 * Has the worker store what it recorded when the page goes, or may go without another word. The worker goes
 * with the page: where something is not stored yet, the page stays for a moment longer.
 */
export function storeOnLeave(
  page: Window,
  flush: () => Promise<void>,
  hasUnstored: () => boolean,
): void {
  const store = () => {
    flush().catch(() => undefined);
  };
  page.addEventListener('beforeunload', store);
  page.addEventListener('pagehide', () => {
    store();
    // No answer reaches a page that goes; the worker writes beside this loop.
    if (hasUnstored()) for (const end = Date.now() + GOING_MS; Date.now() < end; );
  });
  page.document.addEventListener('visibilitychange', () => {
    if (page.document.visibilityState === 'hidden') store();
  });
}
