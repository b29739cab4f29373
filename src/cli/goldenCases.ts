/** `npm run golden` without its device: which cases are run, and what is said of them. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { FEATURES, type Features } from '../golden/drawConfig.ts';
import { type GoldenCase, parseCase } from '../golden/format.ts';
import { generateCase } from '../golden/generate.ts';
import { type GoldenReport, runCase } from '../golden/run.ts';
import type { GoldenSubject } from '../golden/subject.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

/** Cases that are generated at most. */
const MAX_GENERATED = 100_000;

export const USAGE = `Usage: npm run golden -- [DIR…] [options]
  DIR           the folder of a golden case, or a folder of such folders
  --generate N  also N random configurations, up to ${MAX_GENERATED.toLocaleString('en')}, compared with the reference
  --seed S      seed of the first of them, the others follow (default 1)
  --features F  lab: what the lab offers first; all: everything; balance: and the balancing
                lab's settings (default all)
  --verbose     also, on standard error, all that is out of tolerance, and where errors arose
One line per case: its name, pass or fail, the worst tensor, its error and what is allowed. Exit code
1 when a case fails, 2 for wrong usage.
`;

export interface GoldenArguments {
  folders: string[];
  generate: number;
  seed: number;
  features: Features;
  verbose: boolean;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} ${text} is not a whole number from 0`);
}

/** Folders of the cases that a folder is or holds. @throws RangeError where there is none */
function caseFolders(folder: string): string[] {
  const isCase = (path: string) => existsSync(join(path, 'case.json'));
  if (isCase(folder)) return [folder];
  const children = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = children.map((name) => join(folder, name)).filter(isCase);
  if (found.length === 0) throw new RangeError(`${folder} holds no golden case (case.json)`);
  return found;
}

/** @throws TypeError or RangeError for wrong usage */
export function parseArguments(argv: readonly string[]): GoldenArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      generate: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      features: { type: 'string', default: 'all' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const { features, verbose } = values;
  if (!isFeatures(features))
    throw new RangeError(`--features ${features} is not one of ${FEATURES.join(', ')}`);
  const generate = wholeNumber('generate', values.generate);
  if (generate > MAX_GENERATED)
    throw new RangeError(
      `--generate ${values.generate} is more than ${MAX_GENERATED.toLocaleString('en')}`,
    );
  const folders = positionals.flatMap(caseFolders);
  if (folders.length + generate === 0) throw new RangeError('no case to run');
  return { folders, generate, seed: wholeNumber('seed', values.seed), features, verbose };
}

function isFeatures(name: string): name is Features {
  return FEATURES.some((features) => features === name);
}

async function readCase(folder: string): Promise<GoldenCase> {
  const json: unknown = JSON.parse(await readFile(join(folder, 'case.json'), 'utf8'));
  const tensors = join(folder, 'tensors.safetensors');
  return parseCase(json, existsSync(tensors) ? await readFile(tensors) : null);
}

/** Cases by name, each made when its turn comes. */
function cases(given: GoldenArguments): { name: string; load(): Promise<GoldenCase> }[] {
  const { folders, generate, seed, features } = given;
  const read = folders.map((folder) => ({ name: basename(folder), load: () => readCase(folder) }));
  const generated = Array.from({ length: generate }, (_, i) => ({
    name: `generated-${features}-${seed + i}`,
    load: async () => generateCase(seed + i, { features }),
  }));
  return [...read, ...generated];
}

const short = (x: number) => (Number.isFinite(x) ? x.toExponential(2) : String(x));

/** `name pass|fail worst-tensor error/allowed` */
function line({ name, passed, comparisons: [worst] }: GoldenReport): string {
  const verdict = passed ? 'pass' : 'fail';
  if (worst === undefined) return `${name} ${verdict} nothing-compared\n`;
  return `${name} ${verdict} ${worst.name} ${short(worst.error)}/${short(worst.allowed)}\n`;
}

/** Everything of a case that is out of tolerance, worst first. */
function failures({ name, comparisons }: GoldenReport): string {
  const wrong = comparisons.filter(({ passed }) => !passed);
  return wrong.map((one) => `${name} ${one.name}: ${one.detail}\n`).join('');
}

/** Runs the command on a subject that is made once it is needed; resolves to its exit code. */
export async function goldenCommand(
  argv: readonly string[],
  io: CliIo,
  makeSubject: () => Promise<GoldenSubject>,
): Promise<number> {
  let given: GoldenArguments;
  try {
    given = parseArguments(argv);
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  const subject = await makeSubject();
  let failed = 0;
  const all = cases(given);
  for (const { name, load } of all) {
    try {
      const report = await runCase(await load(), subject);
      // A case in which nothing was compared has not passed.
      const passed = report.passed && report.comparisons.length > 0;
      if (!passed) failed++;
      io.stdout(line({ ...report, name, passed }));
      if (given.verbose) io.stderr(failures({ ...report, name }));
    } catch (error) {
      failed++;
      io.stdout(`${name} fail error ${errorMessage(error)}\n`);
      if (given.verbose && error instanceof Error) io.stderr(`${error.stack}\n`);
    }
  }
  io.stderr(`${all.length - failed} of ${all.length} cases pass\n`);
  return failed > 0 ? 1 : 0;
}
