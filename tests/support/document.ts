/** What every test with a document leaves behind it is taken away. */
import { cleanup, configure } from '@testing-library/react';
import type { Window } from 'happy-dom';
import { afterAll, afterEach, vi } from 'vitest';

// The first import of the charts takes seconds on a busy machine.
configure({ asyncUtilTimeout: 15_000 });

// Files of one process share what they import, and each has a document of its own: without an address, but for the first.
(window as unknown as Window).happyDOM.setURL('http://localhost:3000/');

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  localStorage.clear();
  document.body.replaceChildren();
  history.replaceState(null, '', location.pathname);
  document.documentElement.removeAttribute('data-theme');
});
