// @ts-check
/**
 * Entry point of the stable commands in the repository: `node src/cli/run.mjs <command> [arguments]`
 * runs `main(argv, io)` of the command's row in `commands.ts` and exits with the number that it
 * resolves to.
 */
import { withModule } from '../../scripts/loadModule.mjs';
import { leaveAfter } from './leave.mjs';

const argv = process.argv.slice(2);
// npm starts scripts in the project's folder; paths are meant from where npm was called.
if (process.env.npm_lifecycle_event === argv[0]) process.chdir(process.env.INIT_CWD ?? '.');
leaveAfter(withModule('src/cli/start.ts', ({ runCommand }) => runCommand(argv)));
