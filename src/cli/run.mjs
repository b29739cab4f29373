// @ts-check
/**
 * Entry point of the stable commands: `node src/cli/run.mjs <command> [arguments]` runs
 * `main(argv, io)` of `src/cli/<command>.ts` and exits with the number that it resolves to.
 * Standard output carries what the command writes and nothing else.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { withModule } from '../../scripts/loadModule.mjs';

const COMMANDS = ['bench', 'experiment', 'golden', 'link'];

/** @type {import('./io.ts').CliIo} */
const io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  // As browsers read text: a byte order mark is no part of it.
  readFile: async (path) => new TextDecoder().decode(await readFile(path)),
};

/** @param {string[]} argv @returns {Promise<number>} */
async function run([command, ...argv]) {
  const present = readdirSync(new URL('.', import.meta.url));
  const known = COMMANDS.filter((name) => present.includes(`${name}.ts`));
  if (command === undefined || !known.includes(command)) {
    process.stderr.write(`Unknown command '${command ?? ''}'; there are: ${known.join(', ')}.\n`);
    return 2;
  }
  // npm starts scripts in the project's folder; paths are meant from where npm was called.
  if (process.env.npm_lifecycle_event === command) process.chdir(process.env.INIT_CWD ?? '.');
  return withModule(`src/cli/${command}.ts`, ({ main }) => main(argv, io));
}

/** Leaves only when all that was written has arrived, also through a pipe. @param {number} code */
function leave(code) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

run(process.argv.slice(2)).then(leave, (error) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  leave(1);
});
