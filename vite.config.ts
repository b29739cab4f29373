import { readFile } from 'node:fs/promises';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { leanShader } from './scripts/leanShader.mjs';
import { POLICY } from './scripts/policy.mjs';

/** Ships shaders as short as that. */
function leanShaders(): Plugin {
  return {
    name: 'lean-shaders',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.wgsl?raw')) return null;
      const text = await readFile(id.replace(/\?raw$/, ''), 'utf8');
      return { code: `export default ${JSON.stringify(leanShader(text))};`, moduleType: 'js' };
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

export default defineConfig({
  // Relative addresses: the built files work from any path of any static host.
  base: './',
  plugins: [react(), leanShaders(), policyInPage()],
  worker: { format: 'es', plugins: () => [leanShaders()] },
  build: { target: 'es2023' },
});
