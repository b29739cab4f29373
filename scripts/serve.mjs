// @ts-check
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';
import { HEADERS } from './policy.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {import('vite').Plugin} */
function headersOnEveryAnswer() {
  return {
    name: 'headers-on-every-answer',
    configurePreviewServer({ middlewares }) {
      middlewares.use((_request, response, next) => {
        for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
        next();
      });
    },
  };
}

/**
 * Serves a built page as `npm start` does: with the headers of policy.mjs on every answer.
 * @param {string} [folder] what is served, `dist/` unless given
 * @param {import('vite').PreviewOptions} [options] where, e.g. `{ port: 0 }` for any free port
 */
export function serve(folder = 'dist', options = {}) {
  return preview({
    root,
    base: '/',
    // An address where nothing lies is told as such, rather than answered with the page.
    appType: 'mpa',
    plugins: [headersOnEveryAnswer()],
    build: { outDir: folder },
    preview: options,
  });
}
