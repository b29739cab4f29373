// @ts-check
/** `npm start`: assembles the corpora, builds, serves the result and prints its address. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { serve } from './serve.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const corpora = spawnSync(process.execPath, ['scripts/assembleCorpora.mjs'], {
  cwd: root,
  stdio: 'inherit',
});
if (corpora.status !== 0) process.exit(1);

await build({ root, logLevel: 'warn' });
const server = await serve();
console.log('\nSwitchyard is ready:\n');
server.printUrls();
