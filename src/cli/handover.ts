/** `npm run handover -- CHECKPOINT|RUN.zip --out DIR`: a model goes on in PyTorch. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileSource } from '../data/fileSource.ts';
import { prepareText } from '../data/prepare.ts';
import { handover } from '../handover/handover.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';
import { openRunOrCheckpoint } from './openRunOrCheckpoint.ts';
import { readOwnText } from './ownFile.ts';

const MAX_BATCHES = 10_000;

const USAGE = `Usage: npm run handover -- CHECKPOINT|RUN.zip --out DIR [options]
  CHECKPOINT     a run's parameters as safetensors, or a file of a run with checkpoints
  --out DIR      weights, moments, experiment, and two programs for PyTorch that train it on
  --batches N    also the next N batches of its text, 1 to ${MAX_BATCHES}
  --text FILE    the own text of a run that was trained on one
Exit code 1 when something failed or was refused, 2 for wrong usage.
`;

interface Arguments {
  source: string;
  out: string;
  batches: number;
  text: string | null;
}

/** @throws TypeError or RangeError for wrong usage */
function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      batches: { type: 'string', default: '0' },
      text: { type: 'string' },
    },
  });
  const [source, ...more] = positionals;
  if (source === undefined || more.length > 0)
    throw new RangeError(`one checkpoint is named, not ${positionals.length}`);
  if (values.out === undefined) throw new RangeError('--out DIR is missing');
  const batches = Number(values.batches);
  if (!Number.isInteger(batches) || batches < 0 || batches > MAX_BATCHES)
    throw new RangeError(`--batches ${values.batches}: whole numbers from 1 to ${MAX_BATCHES}`);
  return { source, out: values.out, batches, text: values.text ?? null };
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
    const checkpoint = await openRunOrCheckpoint(given.source, io);
    const own = given.text === null ? null : await readOwnText(given.text);
    const options = [() => undefined, undefined] as const;
    const text = await prepareText(checkpoint.experiment, fileSource(), own, ...options);
    const files = handover(checkpoint, { text, batches: given.batches });
    await mkdir(given.out, { recursive: true });
    for (const [name, bytes] of files) await writeFile(join(given.out, name), bytes);
    io.stdout(`${given.out}: ${[...files.keys()].join(', ')}\n`);
    return 0;
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n`);
    return 1;
  }
}
