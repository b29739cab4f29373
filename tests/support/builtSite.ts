import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PreviewServer, preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { serve } from '../../scripts/serve.mjs';
import type { Host } from './site.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where each host serves the page that was built for all tests of the project. */
    addresses: Record<Host, string>;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The page is served from a path that is not the host's root. */
const SUBPATH = 'any/path';

function addressIn(server: PreviewServer): string {
  const [origin] = server.resolvedUrls?.local ?? [];
  if (origin === undefined) throw new Error('The preview server has no address.');
  return `${origin}${SUBPATH}/`;
}

/** Builds the page as it is shipped: in this process, which tests, React would be the one for developers. */
async function build(outDir: string): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const argv = [vite, 'build', root, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'];
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, argv, { cwd: root, env });
}

/** Builds the page once and serves it from both hosts for as long as tests run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-site-'));
  const outDir = join(folder, SUBPATH);
  await build(outDir);
  const where = { port: 0, host: '127.0.0.1' };
  const plain = await preview({
    root,
    logLevel: 'warn',
    base: '/',
    appType: 'mpa',
    build: { outDir: folder },
    preview: where,
  });
  const start = await serve(folder, where);
  project.provide('addresses', { plain: addressIn(plain), start: addressIn(start) });
  return async () => {
    await Promise.all([plain.close(), start.close()]);
    rmSync(folder, { recursive: true, force: true });
  };
}
