import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { launchOptions } from '../scripts/browser.mjs';
import type { OpenSession, Runner } from './runner.ts';
import type { SubjectName } from './subject.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

const ENTRIES: Readonly<Record<SubjectName, string>> = {
  ours: 'ours/worker.ts',
  'jax-js': 'peers/jax.worker.ts',
  'tfjs-webgpu': 'peers/tfjs.worker.ts',
};

/** Builds the page and one worker per subject, each an entry of its own. */
async function buildPage(subjects: readonly SubjectName[], outDir: string): Promise<void> {
  const workers = subjects.map((subject) => [subject, join(root, ENTRIES[subject])] as const);
  await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'silent',
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: false,
      minify: false,
      rollupOptions: {
        input: { index: join(root, 'index.html'), ...Object.fromEntries(workers) },
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}

async function serve(outDir: string) {
  const server = await preview({
    root,
    configFile: false,
    logLevel: 'silent',
    build: { outDir },
    preview: {
      port: 0,
      host: '127.0.0.1',
      // An isolated page has fine clocks and may measure its memory.
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  const [address] = server.resolvedUrls?.local ?? [];
  if (address === undefined) throw new Error('The preview server has no address.');
  return { address, close: () => server.close() };
}

async function startIn(page: Page, subject: SubjectName): Promise<OpenSession> {
  const id = await page.evaluate((file) => window.bench.start(file), `${subject}.js`);
  return {
    open: () => page.evaluate((id) => window.bench.session(id).open(), id),
    prepare: (spec, runs) =>
      page.evaluate(({ id, spec, runs }) => window.bench.session(id).prepare(spec, runs), {
        id,
        spec,
        runs,
      }),
    measure: (work, times) =>
      page.evaluate(({ id, work, times }) => window.bench.session(id).measure(work, times), {
        id,
        work,
        times,
      }),
    profile: (work, steps) =>
      page.evaluate(({ id, work, steps }) => window.bench.session(id).profile(work, steps), {
        id,
        work,
        steps,
      }),
    heapBytes: () =>
      page.evaluate(async (id) => {
        await window.bench.session(id).heapBytes();
        return window.bench.workerBytes();
      }, id),
    release: (work) =>
      page.evaluate(({ id, work }) => window.bench.session(id).release(work), { id, work }),
    close: () => page.evaluate((id) => window.bench.stop(id), id),
  };
}

/** Headless Chromium: every session is a worker of one page. Time stamps are not rounded. */
export async function chromiumRunner(
  subjects: readonly SubjectName[],
  log: (text: string) => void,
): Promise<Runner & { browser: Browser }> {
  const outDir = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const undo: (() => unknown)[] = [() => rmSync(outDir, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    await buildPage(subjects, outDir);
    const server = await serve(outDir);
    undo.push(server.close);
    const { args, ...options } = launchOptions();
    const more = [
      '--enable-webgpu-developer-features',
      '--js-flags=--expose-gc',
      // On a software adapter a step of the slowest subject takes a minute.
      '--disable-gpu-watchdog',
    ];
    const browser = await chromium.launch({ ...options, args: [...args, ...more] });
    undo.push(() => browser.close());
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') log(`${message.text()}\n`);
    });
    page.on('pageerror', (error) => log(`${error.message}\n`));
    await page.goto(server.address);
    return {
      name: 'chromium',
      browser,
      start: (subject) => startIn(page, subject),
      measurePage: async (log) => (await import('./parts/page.ts')).measureBuiltPage(log),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
