import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterEach, inject } from 'vitest';
import { launchOptions } from '../../scripts/browser.mjs';

/** Who serves the built page: a host of plain files, or what `npm start` runs, with its headers. */
export type Host = 'plain' | 'start';

interface OpenOptions {
  host?: Host;
  /** The test provokes the page's policy; anywhere else a violation fails the test. */
  provokes?: boolean;
  colorScheme?: 'light' | 'dark';
}

export interface Site {
  /** Where the plain host serves the page. */
  address: string;
  addressOf(host: Host): string;
  /**
   * A page of a fresh browser profile at the site's address; `hash` starts with '#'. `prepare` changes
   * the profile before the page is there.
   */
  open(
    hash?: string,
    prepare?: (context: BrowserContext) => Promise<void>,
    options?: OpenOptions,
  ): Promise<Page>;
}

/** One browser for all files of tests: every page has a profile of its own. */
let shared: Promise<Browser> | undefined;

async function browser(): Promise<Browser> {
  if (!(await shared)?.isConnected()) shared = chromium.launch(launchOptions());
  return shared!;
}

/**
 * The built page, served from a path that is not the host's root, and a real Chromium to open it.
 * An uncaught error in any page fails the test that opened it, and so does what the page's policy had
 * to stop.
 */
export function useSite(): () => Site {
  const addresses = inject('addresses');
  let contexts: BrowserContext[] = [];
  const problems: string[] = [];

  const open: Site['open'] = async (hash = '', prepare, options = {}) => {
    const { host = 'plain', provokes = false, colorScheme = 'light' } = options;
    const context = await (await browser()).newContext({ colorScheme });
    contexts.push(context);
    await prepare?.(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      const isViolation = /content security policy/i.test(message.text());
      if (isViolation && !provokes) problems.push(message.text());
    });
    await page.goto(addresses[host] + hash);
    return page;
  };
  const site: Site = { address: addresses.plain, addressOf: (host) => addresses[host], open };

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`The page threw: ${found.join('\n')}`);
  });

  return () => site;
}
