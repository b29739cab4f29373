/** `npm run link -- decode LINK` and `npm run link -- encode FILE`. */
import { checkConstraints } from '../config/constraints.ts';
import type { Experiment, Problem } from '../config/experiment.ts';
import { readExperimentFile } from '../config/experimentFile.ts';
import { decodeLink, encodeLink } from '../config/permalink.ts';
import type { CliIo } from './io.ts';

const USAGE = `Usage:
  npm run link -- decode LINK   experiment of a link (fragment or whole URL) as JSON
  npm run link -- encode FILE   link fragment of an experiment file (JSON)
Problems go to standard error; the exit code is 1 when a value was refused
or a rule is broken, 2 for wrong usage.
`;

function reportProblems(experiment: Experiment, problems: readonly Problem[], io: CliIo): number {
  const all = [...problems, ...checkConstraints(experiment)];
  for (const { severity, path, message } of all)
    io.stderr(`${severity}${path === '' ? '' : ` ${path}`}: ${message}\n`);
  return all.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/**
 * Runs the command.
 * @returns exit code: 0, 1 when a value or a file was refused, or a rule is broken, 2 for wrong usage
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const [command, argument, ...rest] = argv;
  if (argument === undefined || rest.length > 0 || !['decode', 'encode'].includes(command ?? '')) {
    io.stderr(USAGE);
    return 2;
  }
  if (command === 'decode') {
    const { experiment, problems } = decodeLink(argument);
    io.stdout(`${JSON.stringify(experiment, null, 2)}\n`);
    return reportProblems(experiment, problems, io);
  }
  try {
    const { experiment, problems } = readExperimentFile(argument, await io.readFile(argument));
    io.stdout(`${encodeLink(experiment)}\n`);
    return reportProblems(experiment, problems, io);
  } catch (cause) {
    io.stderr(`error: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    return 1;
  }
}
