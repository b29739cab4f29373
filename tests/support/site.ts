import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchOptions } from '../../scripts/browser.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Site {
  address: string;
  /**
   * A page of a fresh browser profile at the site's address; `hash` starts with '#'. `prepare` changes
   * the profile before the page is there.
   */
  open(hash?: string, prepare?: (context: BrowserContext) => Promise<void>): Promise<Page>;
}

/**
 * The built page, served from a path that is not the host's root, and a real Chromium to open it.
 * An uncaught error in any page fails the test that opened it.
 */
export function useSite(): () => Site {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-site-'));
  let server: PreviewServer | undefined;
  let browser: Browser | undefined;
  let site: Site | undefined;
  let contexts: BrowserContext[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    await build({
      root,
      logLevel: 'warn',
      build: { outDir: join(folder, 'any/path'), emptyOutDir: true },
    });
    server = await preview({
      root,
      logLevel: 'warn',
      base: '/',
      appType: 'mpa',
      build: { outDir: folder },
      preview: { port: 0, host: '127.0.0.1' },
    });
    const [origin] = server.resolvedUrls?.local ?? [];
    if (origin === undefined) throw new Error('The preview server has no address.');
    const address = `${origin}any/path/`;
    browser = await chromium.launch(launchOptions());
    const open: Site['open'] = async (hash = '', prepare) => {
      const context = await browser!.newContext();
      contexts.push(context);
      await prepare?.(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(address + hash);
      return page;
    };
    site = { address, open };
  });

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`The page threw: ${found.join('\n')}`);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return () => {
    if (!site) throw new Error('useSite: the site exists inside tests and hooks only');
    return site;
  };
}
