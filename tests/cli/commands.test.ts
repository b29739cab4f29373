import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/cli/commands.ts';
import { textOf } from '../support/sourceTree.ts';

const scripts: Readonly<Record<string, string>> = packageJson.scripts;
/** Commands with a row in the README's table. */
const documented = [...textOf('README.md').matchAll(/^\| `npm run (\w+)/gm)].map(
  ([, name]) => name,
);

it.each(COMMANDS)('npm, the README and the code know $name', async ({ name, load }) => {
  expect(scripts[name]).toBe(`node src/cli/run.mjs ${name}`);
  expect(documented).toContain(name);
  const { main, USAGE } = await load();
  expect(main).toBeTypeOf('function');
  // What `--help` writes.
  expect(USAGE).toMatch(/^Usage:/);
  expect(USAGE).toContain(`npm run ${name}`);
});

it('starts nothing through npm that has no row', () => {
  const names = Object.values(scripts).flatMap(
    (script) => /^node src\/cli\/run\.mjs (\w+)$/.exec(script)?.[1] ?? [],
  );
  expect(names.sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});
