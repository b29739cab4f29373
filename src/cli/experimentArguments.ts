/** What `npm run experiment` is asked for. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkedStudent } from '../config/conversionLink.ts';
import { parseJson } from '../config/json.ts';
import { counted } from '../config/plural.ts';
import { MAX_RUNS } from '../links/share.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { SourceArguments } from './experimentSource.ts';
import { LADIMO_USAGE, type LadimoAsk, linkedConversion } from './ladimo.ts';
import { checkOutputs, type NamedFile } from './outputFiles.ts';

export const USAGE = `Usage: npm run experiment -- LINK_OR_FILE [--out FILE] [--run FILE.zip] [options]
  LINK_OR_FILE       a link (fragment or whole URL, '' for the default experiment), an experiment
                     as JSON, a file of metrics, or what to go on from: a checkpoint (.safetensors)
                     or a run (.zip), from its last checkpoint or that of --from STEP
  --out FILE         metrics as JSON: every step's telemetry, validation, samples, adapter; needed
                     without --run, and wherever something is converted
  --run FILE.zip     the whole run with its last checkpoint, as the page opens and writes it
  --at STEP          also the checkpoint of STEP in FILE.zip; may be given several times
  --with-text        also the own text in FILE.zip
  --experiment FILE  what a checkpoint of another program does not tell: heads, tokenizer, batch …
  --side N           which run of a link that compares several, 1 to 8 (default: the first)
  --steps N          train until N steps are taken (default: optimizer.totalSteps)
  --routing          also token ids, chosen slots, gates, drops and domains of the last batch
  --checkpoint FILE  parameters, moments, step and data cursor as safetensors
  --text FILE        the own text; used alone where the experiment's mix has none
${LADIMO_USAGE}Exit code 1 when something failed or a value was refused, 2 for wrong usage.
`;

export interface ExperimentArguments extends SourceArguments {
  /** The options that were given. */
  named: readonly string[];
  out: string | null;
  run: string | null;
  /** Steps whose checkpoints the run's file has besides the last, rising. */
  at: number[];
  withText: boolean;
  steps: number | null;
  routing: boolean;
  checkpoint: string | null;
  text: string | null;
  ladimo: string | null;
  /** What of a conversion is measured and written. */
  convert: Omit<LadimoAsk, 'own' | 'isReplayable'>;
}

/** Step of an option. @throws RangeError for anything but a whole number from 1 */
function stepOf(option: string, text: string): number {
  const step = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(step) && step >= 1) return step;
  throw new RangeError(`--${option} ${text} is not a whole number from 1`);
}

/** @throws RangeError for anything but the number of a run of a link */
function sideOf(text: string): number {
  const side = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(side) && side >= 1 && side <= MAX_RUNS) return side;
  throw new RangeError(`--side ${text} is not a whole number from 1 to ${MAX_RUNS}`);
}

const OPTIONS = {
  out: { type: 'string' },
  run: { type: 'string' },
  at: { type: 'string', multiple: true },
  'with-text': { type: 'boolean' },
  from: { type: 'string' },
  side: { type: 'string' },
  experiment: { type: 'string' },
  steps: { type: 'string' },
  routing: { type: 'boolean' },
  checkpoint: { type: 'string' },
  text: { type: 'string' },
  ladimo: { type: 'string' },
  student: { type: 'string' },
  conversion: { type: 'string' },
  probes: { type: 'string' },
  throughput: { type: 'string' },
  recover: { type: 'string', multiple: true },
  choice: { type: 'string' },
  write: { type: 'string' },
} as const;

/** @throws RangeError for what names no student */
function choiceOf(text: string): LadimoAsk['choice'] {
  try {
    return checkedStudent(parseJson(text));
  } catch (error) {
    throw new RangeError(`--choice ${text}: ${errorMessage(error)}`);
  }
}

function convertOf(values: {
  student?: string;
  conversion?: string;
  probes?: string;
  throughput?: string;
  recover?: string[];
  choice?: string;
  write?: string;
}): ExperimentArguments['convert'] {
  const count = (option: 'probes' | 'throughput') =>
    values[option] === undefined ? null : stepOf(option, values[option]);
  const { student = null, conversion = null, write = null, recover: domains = [] } = values;
  const recover = domains.map((text) => {
    const [, domain = '', steps] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
    return { domain, steps: steps === undefined ? null : stepOf('recover', steps) };
  });
  const choice = values.choice === undefined ? null : choiceOf(values.choice);
  const counts = { probes: count('probes'), throughput: count('throughput') };
  return { student, conversion, recover, choice, write, ...counts };
}

/** Of these only a conversion makes anything. */
const OF_CONVERSION = [
  'student',
  'conversion',
  'probes',
  'throughput',
  'recover',
  'choice',
  'write',
] as const satisfies (keyof typeof OPTIONS)[];

/** All others, but for --out, are of the training. */
const isOfTraining = (option: string) =>
  option !== 'out' && !OF_CONVERSION.some((name) => name === option);

/** @throws RangeError for an option that would do nothing where nothing is converted */
function refuseOfConversion(named: readonly string[]): void {
  const idle = OF_CONVERSION.find((option) => named.includes(option));
  if (idle !== undefined)
    throw new RangeError(`--${idle} needs --ladimo FILE, or a conversion link or file`);
}

/**
 * Holds the options against what a file turned out to hold.
 * @throws RangeError for an option that would do nothing
 */
export function checkOpened(
  { source, named, ladimo }: ExperimentArguments,
  isConversion: boolean,
): void {
  if (isConversion) {
    const idle = named.find(isOfTraining);
    if (idle !== undefined)
      throw new RangeError(`--${idle} is for training; ${source} is a conversion`);
  } else if (source.endsWith('.zip') && existsSync(source) && ladimo === null) {
    refuseOfConversion(named);
  }
}

/** Files that are written, by their options. */
export function outputsOf({ out, run, checkpoint, convert }: ExperimentArguments): NamedFile[] {
  const { student, conversion } = convert;
  const all = Object.entries({ out, run, checkpoint, student, conversion });
  return all.flatMap(([name, path]) => (path === null ? [] : [{ name: `--${name}`, path }]));
}

function inputsOf({ source, experiment, text, ladimo }: ExperimentArguments): NamedFile[] {
  const all = Object.entries({ '--experiment': experiment, '--text': text, '--ladimo': ladimo });
  const files = existsSync(source) ? [{ name: 'the file that is read', path: source }] : [];
  return [...files, ...all.flatMap(([name, path]) => (path === null ? [] : [{ name, path }]))];
}

/** @throws TypeError or RangeError for wrong usage */
export function parseArguments(argv: readonly string[]): ExperimentArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new RangeError(`${counted(positionals.length, 'experiment')} given; one is needed`);
  const { out = null, run = null, routing = false, checkpoint = null, text = null } = values;
  const { ladimo = null, experiment = null, at = [], 'with-text': withText = false } = values;
  const isConversionLink = linkedConversion(source) !== null;
  if (out === null && run === null) throw new RangeError('--out FILE is needed, or --run FILE.zip');
  if (out === null && (routing || ladimo !== null))
    throw new RangeError(`${routing ? '--routing' : '--ladimo FILE'} needs --out FILE`);
  if (out === null && isConversionLink)
    throw new RangeError('a link with a conversion needs --out FILE');
  if (run === null && (at.length > 0 || withText))
    throw new RangeError('--at STEP and --with-text need --run FILE.zip');
  const named = Object.keys(values);
  const convert = convertOf(values);
  // What a file holds is known once it is opened.
  if (ladimo === null && !isConversionLink && !source.endsWith('.zip')) refuseOfConversion(named);
  const given = {
    ...{ named, source, experiment, out, run, withText, routing, checkpoint, text, ladimo },
    convert,
    at: at.map((step) => stepOf('at', step)).sort((a, b) => a - b),
    steps: values.steps === undefined ? null : stepOf('steps', values.steps),
    from: values.from === undefined ? null : stepOf('from', values.from),
    side: values.side === undefined ? null : sideOf(values.side),
  };
  checkOutputs(outputsOf(given), inputsOf(given));
  return given;
}
