import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { filesUnder, importsOf, reachable, textOf } from './support/sourceTree.ts';

/** What opens a device in Node. */
const OPENER = 'src/gpu/adapter.node.ts';
const TESTS = filesUnder('tests', '.test.ts', '.test.tsx').filter(
  // These drive a browser, which opens a device of its own.
  (path) => !/^tests\/(browser|page)\//.test(path),
);

const opensDevice = (path: string) => reachable([path]).has(OPENER);
const DEVICE_COMMANDS = COMMANDS.map(({ name }) => name).filter((name) =>
  opensDevice(`src/cli/${name}.ts`),
);

/** Files of tests that a test runs, itself among them. */
function ownFiles(test: string): string[] {
  const files = new Set([test]);
  for (const path of files) {
    for (const { target, isTypeOnly } of importsOf(path))
      if (!isTypeOnly && /^tests\/.*\.tsx?$/.test(target)) files.add(target);
  }
  return [...files];
}

/** Names in braces that a file imports from another. */
function namesFrom(path: string, target: string): string[] {
  const base = target.split('/').at(-1)?.replaceAll('.', '\\.');
  const names = new RegExp(`import \\{([^}]*)\\} from '[^']*/${base}'`).exec(textOf(path))?.[1];
  return (names ?? '').split(',').map((name) => name.trim());
}

/** Whether a file asks for a device: itself, through a command's `main`, or by running a command. */
function asksForDevice(path: string): boolean {
  const calls = importsOf(path).some(({ target, isTypeOnly }) => {
    if (isTypeOnly) return false;
    if (target === OPENER) return true;
    const isCommand = target.startsWith('src/cli/') && namesFrom(path, target).includes('main');
    return isCommand && opensDevice(target);
  });
  const text = textOf(path);
  const isSpawning = importsOf(path).some(({ target }) => target === 'node:child_process');
  return calls || (isSpawning && DEVICE_COMMANDS.some((name) => text.includes(`['${name}'`)));
}

describe('tests that need a device', () => {
  it('knows what opens one', () => {
    expect(DEVICE_COMMANDS.sort()).toEqual([
      'analyse',
      'bench',
      'doctor',
      'experiment',
      'golden',
      'recipe',
      'sweep',
    ]);
    expect(asksForDevice('tests/support/gpu.ts')).toBe(true);
    expect(TESTS.length).toBeGreaterThan(100);
  });

  it('have the suffix, and no others: those without run beside them', () => {
    const wrong = TESTS.filter(
      (path) => /\.gpu\.(long\.)?test\.ts$/.test(path) !== ownFiles(path).some(asksForDevice),
    );
    expect(wrong).toEqual([]);
  });
});
