import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { POLICY } from './scripts/policy.mjs';
import { RECIPES } from './src/recipes/recipes.ts';
import { recordedIndex } from './src/recipes/recordedIndex.ts';
import type { RecipeResult } from './src/recipes/result.ts';

/** Ships shaders without comments and indentation; lines keep their numbers, which errors name. */
function leanShaders(): Plugin {
  return {
    name: 'lean-shaders',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.wgsl?raw')) return null;
      const text = await readFile(id.replace(/\?raw$/, ''), 'utf8');
      const lean = text.replace(/\/\/.*$/gm, '').replace(/^[ \t]+|[ \t]+$/gm, '');
      return { code: `export default ${JSON.stringify(lean)};`, moduleType: 'js' };
    },
  };
}

/** Writes the content security policy into the built page; hot reload needs inline scripts. */
function policyInPage(): Plugin {
  const attrs = { 'http-equiv': 'Content-Security-Policy', content: POLICY };
  return {
    name: 'policy-in-page',
    apply: 'build',
    // Before all else in the head: a policy binds what comes behind it.
    transformIndexHtml: () => [{ tag: 'meta', attrs, injectTo: 'head-prepend' }],
  };
}

const INDEX = 'recorded/index.json';

/** What is recorded, in short: verdicts of all files in public/recorded. */
async function indexText(publicDir: string): Promise<string> {
  const folder = join(publicDir, 'recorded');
  const names = await readdir(folder).catch(() => []);
  const results = names
    .filter((name) => name.endsWith('.json'))
    .map(async (name): Promise<RecipeResult> => {
      return JSON.parse(await readFile(join(folder, name), 'utf8'));
    });
  return JSON.stringify(recordedIndex(RECIPES, await Promise.all(results)));
}

/** Puts that file beside the recorded results, so that a list of claims reads no result. */
function indexOfRecorded(): Plugin {
  let publicDir = '';
  return {
    name: 'index-of-recorded',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    configureServer(server) {
      server.middlewares.use(`/${INDEX}`, async (_, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(await indexText(publicDir));
      });
    },
    async generateBundle() {
      const source = await indexText(publicDir);
      this.emitFile({ type: 'asset', fileName: INDEX, source });
    },
  };
}

export default defineConfig({
  // Relative addresses: the built files work from any path of any static host.
  base: './',
  plugins: [react(), leanShaders(), policyInPage(), indexOfRecorded()],
  worker: { format: 'es', plugins: () => [leanShaders()] },
  build: { target: 'es2023' },
});
