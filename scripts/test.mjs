// @ts-check
/**
 * Everything that must hold, in one run: format and lint, types, tests; and how long the code is. Arguments go to Vitest,
 * e.g. `--project node` or a file name. The last line sums up: `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCLI, startVitest } from 'vitest/node';
import { lineReport } from './lines.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const CHECKS = [
  { name: 'format and lint', tool: 'biome', argv: ['check', '--error-on-warnings'] },
  { name: 'types', tool: 'tsc', argv: ['--noEmit', '-p', '.'] },
];

/** @param {typeof CHECKS[number]} check */
function passes({ name, tool, argv }) {
  console.log(`\n${name}: ${[tool, ...argv].join(' ')}`);
  const shell = process.platform === 'win32';
  const path = `${root}node_modules/.bin/${tool}`;
  return spawnSync(path, argv, { cwd: root, stdio: 'inherit', shell }).status === 0;
}

/**
 * Runs Vitest and counts. A file or hook that fails before its tests counts as one failure, and so
 * does an error outside of all tests: nothing that went wrong is left out.
 *
 * @param {string[]} argv
 */
async function runTests(argv) {
  const { filter, options } = parseCLI(['vitest', 'run', ...argv]);
  const vitest = await startVitest('test', filter, { ...options, watch: false });
  const count = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 };
  const modules = vitest.state.getTestModules();
  for (const module of modules) {
    const suites = [module, ...module.children.allSuites()];
    count.failed += suites.filter((suite) => suite.errors().length > 0).length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      count[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  if (modules.length === 0) count.failed += 1;
  await vitest.close();
  return count;
}

const checks = CHECKS.map(passes);
console.log(`\nlines per folder\n${lineReport().join('\n')}`);
const count = await runTests(process.argv.slice(2));
count.passed += checks.filter((passed) => passed).length;
count.failed += checks.filter((passed) => !passed).length;

const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
const line = `${count.passed} passed, ${count.failed} failed${skipped}\n`;
const code = count.failed > 0 || process.exitCode ? 1 : 0;
process.stdout.write(line, () => process.exit(code));
