/** Text that would act if it ever became markup, and a watch over what a page does. */
import { createServer } from 'node:http';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect } from 'vitest';

declare global {
  interface Window {
    /** Set by text that was run. */
    attacked?: number;
  }
}

export interface Elsewhere {
  /** Host and port of another origin, `127.0.0.1:N`. */
  host: string;
  /** Addresses that were asked for so far. */
  asked: readonly string[];
}

/** A host of another origin that answers everything and notes who asks. */
export function useElsewhere(): () => Elsewhere {
  const asked: string[] = [];
  let host = '';
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('taken');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    host = `127.0.0.1:${address.port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return () => ({ host, asked });
}

export interface Watch {
  /** Fails when text was run, or when page or workers asked another origin for anything. */
  expectCalm(): Promise<void>;
}

/** Watches a page and its workers; `elsewhere` must have been asked for nothing. */
export function watch(page: Page, { asked }: Elsewhere): Watch {
  const before = asked.length;
  const events: string[] = [];
  page.on('dialog', (dialog) => {
    events.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => events.push(`popup: ${popup.url()}`));
  const { origin } = new URL(page.url());
  page.on('request', (request) => {
    const url = new URL(request.url());
    const isOnNetwork = /^(https?|wss?):$/.test(url.protocol);
    if (isOnNetwork && url.origin !== origin) events.push(`request: ${url.href}`);
  });
  return {
    async expectCalm() {
      // What is to run does so in a task of its own.
      await page.waitForTimeout(300);
      expect(await page.evaluate(() => window.attacked)).toBeUndefined();
      expect(events).toEqual([]);
      expect(asked.slice(before)).toEqual([]);
    },
  };
}

/** Text that runs, asks another origin and shows a dialog as soon as it is markup; `place` is in it. */
export function attackAt(place: string, { host }: Elsewhere): string {
  return `"><img src=//${host}/${place} onerror=attacked=alert()>`;
}
