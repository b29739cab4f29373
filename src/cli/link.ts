/** `npm run link -- decode LINK` and `npm run link -- encode FILE`. */
import { checkConstraints } from '../config/constraints.ts';
import {
  checkedConversion,
  decodeConversionLink,
  encodeConversionLink,
} from '../config/conversionLink.ts';
import type { Experiment, Problem } from '../config/experiment.ts';
import { parseJson } from '../config/json.ts';
import { isRecord } from '../config/paths.ts';
import { encodeSealed, hasRuns, viewPairs } from '../config/permalink.ts';
import { decodeShare, type Shared, writeShare } from '../links/share.ts';
import { readSharedFile } from '../links/sharedFile.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

export const USAGE = `Usage:
  npm run link -- decode LINK   experiment of a link (fragment or whole URL) as JSON;
                                of one with results or several runs, all of them;
                                of a conversion, its settings too
  npm run link -- encode FILE   link fragment, with its check sum, of an experiment
                                file (JSON) or of what decode wrote
Problems go to standard error; the exit code is 1 when a link was cut or changed,
a value was refused or a rule is broken, 2 for wrong usage.
`;

function reportProblems(
  experiments: readonly Experiment[],
  problems: readonly Problem[],
  io: CliIo,
): number {
  const broken = experiments.flatMap((experiment, i) =>
    checkConstraints(experiment).map((problem) =>
      experiments.length === 1
        ? problem
        : { ...problem, message: `run ${i + 1}: ${problem.message}` },
    ),
  );
  const all = [...problems, ...broken];
  for (const { severity, path, message } of all)
    io.stderr(`${severity}${path === '' ? '' : ` ${path}`}: ${message}\n`);
  return all.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** What a link holds as JSON: an experiment alone as such, anything more as an object around it. */
function jsonOf({ experiments, results }: Shared, fragment: string): object {
  const [experiment] = experiments;
  const { conversion } = decodeConversionLink(fragment);
  if (conversion !== null) return { ...conversion, view: Object.fromEntries(viewPairs(fragment)) };
  if (experiments.length === 1 && !hasRuns(fragment)) return experiment!;
  const view = Object.fromEntries(viewPairs(fragment));
  const shown = Object.keys(view).length > 0 ? { view } : {};
  return experiments.length === 1
    ? { experiment, result: results[0], ...shown }
    : { experiments, results, ...shown };
}

function decode(link: string, io: CliIo): number {
  const { experiments, results, problems } = decodeShare(link);
  if (experiments.length > 0)
    io.stdout(`${JSON.stringify(jsonOf({ experiments, results }, link), null, 2)}\n`);
  const ofConversion = decodeConversionLink(link).problems.filter(
    ({ message }) => !problems.some((known) => known.message === message),
  );
  return reportProblems(experiments, [...problems, ...ofConversion], io);
}

/** What a file says of a conversion, as `decode` writes it; null for one that says nothing. */
function conversionOf(name: string, text: string): ReturnType<typeof checkedConversion> | null {
  const json = parseJson(text);
  if (!isRecord(json) || !('settings' in json)) return null;
  try {
    return checkedConversion(json);
  } catch (cause) {
    throw new Error(`${name}: ${errorMessage(cause)}`, { cause });
  }
}

async function encode(name: string, io: CliIo): Promise<number> {
  try {
    const text = await io.readFile(name);
    const { experiments, results, view, problems } = readSharedFile(name, text);
    const conversion = conversionOf(name, text);
    if (conversion !== null) {
      io.stdout(`${encodeConversionLink({ ...conversion, experiment: experiments[0]! }, view)}\n`);
      return reportProblems(experiments, problems, io);
    }
    const isPlain = experiments.length === 1 && results[0] === null;
    const fragment = isPlain
      ? encodeSealed(experiments[0]!, view)
      : writeShare({ experiments, results }, view);
    io.stdout(`${fragment}\n`);
    return reportProblems(experiments, problems, io);
  } catch (cause) {
    io.stderr(`error: ${errorMessage(cause)}\n`);
    return 1;
  }
}

/**
 * Runs the command.
 * @returns exit code: 0, 1 when a link, value or file was refused, or a rule is broken, 2 for wrong usage
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const [command, argument, ...rest] = argv;
  if (argument === undefined || rest.length > 0 || !['decode', 'encode'].includes(command ?? '')) {
    io.stderr(USAGE);
    return 2;
  }
  return command === 'decode' ? decode(argument, io) : encode(argument, io);
}
