import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchOptions } from '../../scripts/browser.mjs';
import { serve } from '../../scripts/serve.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

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

const SUBPATH = 'any/path';

function addressIn(server: PreviewServer): string {
  const [origin] = server.resolvedUrls?.local ?? [];
  if (origin === undefined) throw new Error('The preview server has no address.');
  return `${origin}${SUBPATH}/`;
}

/** Both hosts of a folder, each on a free port. */
async function serveBoth(folder: string): Promise<Record<Host, PreviewServer>> {
  const where = { port: 0, host: '127.0.0.1' };
  const plain = await preview({
    root,
    logLevel: 'warn',
    base: '/',
    appType: 'mpa',
    build: { outDir: folder },
    preview: where,
  });
  return { plain, start: await serve(folder, where) };
}

/**
 * The built page, served from a path that is not the host's root, and a real Chromium to open it.
 * An uncaught error in any page fails the test that opened it, and so does what the page's policy had
 * to stop.
 */
export function useSite(): () => Site {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-site-'));
  let servers: Record<Host, PreviewServer> | undefined;
  let browser: Browser | undefined;
  let site: Site | undefined;
  let contexts: BrowserContext[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    await build({
      root,
      logLevel: 'warn',
      build: { outDir: join(folder, SUBPATH), emptyOutDir: true },
    });
    const { plain, start } = await serveBoth(folder);
    servers = { plain, start };
    const addresses = { plain: addressIn(plain), start: addressIn(start) };
    browser = await chromium.launch(launchOptions());
    const open: Site['open'] = async (hash = '', prepare, options = {}) => {
      const { host = 'plain', provokes = false, colorScheme = 'light' } = options;
      const context = await browser!.newContext({ colorScheme });
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
    site = { address: addresses.plain, addressOf: (host) => addresses[host], open };
  });

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`The page threw: ${found.join('\n')}`);
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all(Object.values(servers ?? {}).map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  return () => {
    if (!site) throw new Error('useSite: the site exists inside tests and hooks only');
    return site;
  };
}
