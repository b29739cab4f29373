// @ts-check
/** Runs the project's TypeScript in Node through Vite, so that `.wgsl?raw` imports work there too. */
import { fileURLToPath } from 'node:url';
import { createServer, isRunnableDevEnvironment } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Imports one module, hands it to `use`, and stops Vite when `use` is done.
 * Vite itself prints nothing on standard output.
 *
 * @template R
 * @param {string} path relative to the project's root, e.g. `src/cli/golden.ts`
 * @param {(module: any) => Promise<R>} use
 * @returns {Promise<R>}
 */
export async function withModule(path, use) {
  const server = await createServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'silent',
    optimizeDeps: { noDiscovery: true },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  try {
    const { ssr } = server.environments;
    if (!isRunnableDevEnvironment(ssr))
      throw new Error('Vite has no environment to run modules in');
    return await use(await ssr.runner.import(`/${path}`));
  } finally {
    await server.close();
  }
}
