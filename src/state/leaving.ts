/** Has the worker store what it recorded when the page goes, or may go without another word. */
export function storeOnLeave(page: Window, flush: () => Promise<void>): void {
  const store = () => {
    flush().catch(() => undefined);
  };
  // The worker goes with the page: before it is unloaded there is still time to write.
  page.addEventListener('beforeunload', store);
  page.addEventListener('pagehide', store);
  page.document.addEventListener('visibilitychange', () => {
    if (page.document.visibilityState === 'hidden') store();
  });
}
