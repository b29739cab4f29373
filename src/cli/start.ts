/** What every start of a command has in common, from npm and from a packed runner. */
import { readFile } from 'node:fs/promises';
import { isPacked } from '../data/productFiles.ts';
import { COMMANDS } from './commands.ts';
import type { CliIo } from './io.ts';

const io: CliIo = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  // As browsers read text: a byte order mark is no part of it.
  readFile: async (path) => new TextDecoder().decode(await readFile(path)),
};

/**
 * Runs the command of that name on this process's streams. Standard output carries what the command
 * writes and nothing else.
 *
 * @returns its exit code; 2 where there is no such command
 */
export async function runCommand([name = '', ...argv]: readonly string[]): Promise<number> {
  const rows = COMMANDS.filter(({ needsSources }) => !(isPacked && needsSources));
  const row = rows.find((one) => one.name === name);
  if (row === undefined) {
    const list = rows.map((one) => `  ${one.name.padEnd(12)}${one.about}\n`).join('');
    io.stderr(
      `${name === '' ? 'No command given' : `Unknown command '${name}'`}; there are:\n${list}`,
    );
    return 2;
  }
  const { main, USAGE } = await row.load();
  if (!argv.includes('--help') && !argv.includes('-h')) return main(argv, io);
  io.stdout(USAGE);
  return 0;
}
