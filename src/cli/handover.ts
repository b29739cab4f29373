/** `npm run handover`: a model goes on in PyTorch or `transformers`, or begins there at another size. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsInForce } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { fileSource } from '../data/fileSource.ts';
import type { OwnText } from '../data/ownText.ts';
import { prepareText } from '../data/prepare.ts';
import { handoverFiles } from '../handover/ask.ts';
import { CLASS_IDS, type ClassId, isClassId, MAX_BATCHES } from '../handover/options.ts';
import { sizeFigures } from '../handover/scale/figures.ts';
import { type ScaledOptions, scaledFolder } from '../handover/scale/folder.ts';
import { fullSizeExperiment } from '../handover/scale/fullSize.ts';
import { type Size, widened } from '../handover/scale/widened.ts';
import type { HandoverFiles } from '../handover/settings.ts';
import { errorMessage } from '../train/session/errors.ts';
import { readSource } from './experimentSource.ts';
import type { CliIo } from './io.ts';
import { openRunOrCheckpoint } from './openRunOrCheckpoint.ts';
import { readOwnText } from './ownFile.ts';
import { writeWhole } from './workFiles.ts';

export const USAGE = `Usage: npm run handover -- CHECKPOINT|RUN.zip --out DIR [options]
       npm run handover -- SOURCE --scale FACTOR [--layers L] --out DIR [--text FILE]
       npm run handover -- --preset NAME --out DIR
  CHECKPOINT     a run's parameters as safetensors, or a file of a run with checkpoints
  --out DIR      weights, moments, experiment, and two programs for PyTorch that train it on; a new or empty folder
  --as CLASS     a folder for transformers instead: ${CLASS_IDS.join(', ')}
  --batches N    also the next N batches of its text, 1 to ${MAX_BATCHES}; for PyTorch
  --text FILE    the own text of a run that was trained on one, where its file holds none
  --scale FACTOR a model at its start, of widths and heads times a factor; SOURCE may be an experiment or a link, too
  --layers L     with so many layers
  --preset NAME  a paper's model at full size, at its start
Exit code 1 when something failed or was refused, 2 for wrong usage.
`;

interface Arguments {
  source: string | null;
  out: string;
  as: ClassId | null;
  batches: number;
  text: string | null;
  size: Size | null;
  preset: string | null;
}

/** @throws RangeError for a text that is no whole number of a range */
function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name} ${text}: whole numbers from ${min} to ${max}`);
}

function sizeOf(scale: string | undefined, layers: string | undefined): Size | null {
  if (scale === undefined && layers === undefined) return null;
  const factor = Number(scale ?? 1);
  if (!(factor > 0 && factor <= 1000))
    throw new RangeError(`--scale ${scale}: numbers above 0 up to 1000`);
  return { factor, layers: layers === undefined ? null : wholeNumber('--layers', layers, 1, 1000) };
}

/** @throws RangeError for options that exclude each other */
function checkTogether({ source, as, batches, size, preset }: Arguments): void {
  if ((source === null) === (preset === null))
    throw new RangeError('one checkpoint is named, or --preset NAME');
  const isNew = size !== null || preset !== null;
  if (isNew && (as !== null || batches > 0))
    throw new RangeError('--as and --batches are for a model that was trained');
  if (size !== null && preset !== null)
    throw new RangeError('--preset NAME has a size of its own, without --scale and --layers');
  if (as !== null && batches > 0) throw new RangeError('--batches N is not for --as CLASS');
}

/** @throws RangeError for a class that is not among them */
function classOf(as: string | undefined): ClassId | null {
  if (as === undefined) return null;
  if (isClassId(as)) return as;
  throw new RangeError(`--as ${as} is none of ${CLASS_IDS.join(', ')}`);
}

/** @throws TypeError or RangeError for wrong usage */
function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      as: { type: 'string' },
      batches: { type: 'string', default: '0' },
      text: { type: 'string' },
      scale: { type: 'string' },
      layers: { type: 'string' },
      preset: { type: 'string' },
    },
  });
  if (positionals.length > 1)
    throw new RangeError(`one checkpoint is named, not ${positionals.length}`);
  if (values.out === undefined) throw new RangeError('--out DIR is missing');
  const given: Arguments = {
    source: positionals[0] ?? null,
    out: values.out,
    as: classOf(values.as),
    batches: wholeNumber('--batches', values.batches, 0, MAX_BATCHES),
    text: values.text ?? null,
    size: sizeOf(values.scale, values.layers),
    preset: values.preset ?? null,
  };
  checkTogether(given);
  return given;
}

/** @param path of another own text than came along */
async function textOf(experiment: Experiment, path: string | null, own: OwnText | null) {
  const used = path === null ? own : await readOwnText(path);
  return prepareText(experiment, fileSource(), used, () => undefined, undefined);
}

/** @throws RangeError for a folder with files: those of another model would be taken for this one's */
async function checkUnused(folder: string): Promise<void> {
  const [found] = existsSync(folder) ? (await readdir(folder)).sort() : [];
  if (found !== undefined)
    throw new RangeError(`${folder} holds "${found}" already; name a folder that is new or empty`);
}

/** A model at its start: the experiment, and what is said of it. */
async function scaled(
  { source, size, preset, text }: Arguments,
  io: CliIo,
): Promise<{ experiment: Experiment; options: ScaledOptions }> {
  if (preset !== null) {
    const { experiment, label, remark } = fullSizeExperiment(preset);
    return { experiment, options: { label, remark, tokenizer: null } };
  }
  const asked = { source: source ?? '', experiment: null, from: null, side: null };
  const { experiment: of, state, own } = await readSource(asked, io);
  const { factor, layers } = size ?? { factor: 1, layers: null };
  const experiment = widened(settingsInForce(of, state?.step ?? 0), { factor, layers });
  const { tokenizer } = await textOf(experiment, text, own);
  const label = `A model of Switchyard, ${factor} times as wide, of ${experiment.model.L} layers`;
  const remark = 'All other settings are those of the run that it was made from.';
  return { experiment, options: { label, remark, tokenizer } };
}

/** Files, and lines to print beside their names. */
async function made(
  given: Arguments,
  io: CliIo,
): Promise<{ files: HandoverFiles; lines: readonly string[] }> {
  const { source, size, preset, as, batches, text } = given;
  if (size !== null || preset !== null) {
    const { experiment, options } = await scaled(given, io);
    const { files, config } = scaledFolder(experiment, options);
    return { files, lines: sizeFigures(config).map(([name, value]) => `${name}: ${value}`) };
  }
  const checkpoint = await openRunOrCheckpoint(source ?? '', io);
  const prepared = await textOf(checkpoint.experiment, text, checkpoint.own);
  return { files: handoverFiles(checkpoint, prepared, { as, batches }), lines: [] };
}

/** @returns exit code: 0, 1 when something failed or was refused, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let given: Arguments;
  try {
    given = parseArguments(argv);
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  try {
    await checkUnused(given.out);
    const { files, lines } = await made(given, io);
    for (const [name, bytes] of files) await writeWhole(join(given.out, name), bytes);
    io.stdout([`${given.out}: ${[...files.keys()].join(', ')}`, ...lines, ''].join('\n'));
    return 0;
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n`);
    return 1;
  }
}
