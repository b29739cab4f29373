import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { launchOptions } from '../../scripts/browser.mjs';
import { FILL_FILE } from '../libraryMetrics.ts';
import { measurePage, type PageMetrics } from '../pageMetrics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the page as it is shipped, and the script that fills its library: the server that runs this benchmark has set React up to be developed. */
async function buildPage(outDir: string): Promise<void> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ root, logLevel: 'silent', build: { outDir, emptyOutDir: true } });
    await build({
      root,
      logLevel: 'silent',
      build: {
        outDir,
        emptyOutDir: false,
        copyPublicDir: false,
        lib: {
          entry: join(root, 'bench/fillLibrary.ts'),
          formats: ['es'],
          fileName: () => FILL_FILE,
        },
      },
    });
  } finally {
    process.env.NODE_ENV = before;
  }
}

/** The product's own page, built and served, in a browser of its own. */
export async function measureBuiltPage(log: (line: string) => void): Promise<PageMetrics> {
  const outDir = mkdtempSync(join(tmpdir(), 'switchyard-page-'));
  try {
    await buildPage(outDir);
    const server = await preview({
      root,
      logLevel: 'silent',
      build: { outDir },
      preview: { port: 0, host: '127.0.0.1' },
    });
    const browser = await chromium.launch(launchOptions());
    try {
      const [address] = server.resolvedUrls?.local ?? [];
      if (address === undefined) throw new Error('The preview server has no address.');
      const metrics = await measurePage(browser, address);
      log(`page: ${JSON.stringify(metrics)}`);
      return metrics;
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}
