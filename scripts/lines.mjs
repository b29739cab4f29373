// @ts-check
/** Lines per folder against a budget: growth is seen when it happens, and a larger budget is a decision. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lines that a folder should stay within. */
const BUDGET = /** @type {Record<string, number>} */ ({
  'src/accounting': 2700,
  'src/analysis': 1500,
  'src/cli': 2200,
  'src/config': 6200,
  'src/data': 2400,
  'src/golden': 2100,
  'src/gpu': 850,
  'src/kernels': 2800,
  'src/layout': 350,
  'src/model': 2100,
  'src/reference': 2700,
  'src/runs': 1500,
  'src/state': 4800,
  'src/train': 7500,
  'src/ui': 19500,
  'src/worker': 600,
  shaders: 4400,
  bench: 3700,
  scripts: 1400,
  tests: 28000,
});

const COUNTED = /\.(tsx?|mjs|css|wgsl)$/;

/** @param {string} folder lines of code under it, and its number of files */
function linesUnder(folder) {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() && COUNTED.test(entry.name) && !entry.parentPath.includes('node_modules'),
  );
  const lines = files.map(
    ({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').split('\n').length - 1,
  );
  return { files: lines.length, lines: lines.reduce((sum, n) => sum + n, 0) };
}

/** Folders that are counted: those of `src`, and those beside it. */
function folders() {
  const ofSource = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}`);
  return [...ofSource, 'shaders', 'bench', 'scripts', 'tests'];
}

/** One line per folder: lines, budget, files. */
export function lineReport() {
  return folders().map((folder) => {
    const { files, lines } = linesUnder(folder);
    const budget = BUDGET[folder];
    const room =
      budget === undefined ? 'no budget' : `of ${budget}${lines > budget ? ': over' : ''}`;
    return `${folder.padEnd(16)}${String(lines).padStart(6)} lines ${room}, ${files} files`;
  });
}
