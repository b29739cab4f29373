/** What a link brought of a run, as a row of the library; loaded when it is asked for. */
import { hash64 } from '../../config/hash.ts';
import { encodeLink } from '../../config/permalink.ts';
import { freeColor } from '../../runs/newRow.ts';
import { NO_REPORTS, type RunCurves } from '../../runs/record.ts';
import { rowOfCurves } from '../../runs/rowOfCurves.ts';
import type { Curve } from '../curve.ts';
import type { LibraryStore } from '../library.ts';
import type { ReceivedRun } from '../received.ts';

const seriesOf = ({ firstStep, steps, values }: Curve) => ({
  firstStep,
  steps,
  values: Float32Array.from(values),
});

/** The same for the same experiment with the same results, so that it is there once. */
function idOf(digest: string, link: string): string {
  const words = hash64(link.length, (i) => link.charCodeAt(i));
  return `received-${digest}-${[...words].map((word) => word.toString(16)).join('')}`;
}

/** Keeps a run that came by link. @returns what came of it, in a sentence */
export async function keepReceived(library: LibraryStore, run: ReceivedRun): Promise<string> {
  const { name, experiment, result, training, validation } = run;
  if (result === null || training === null) return `${name} has no curve to keep.`;
  const curves: RunCurves = {
    ce: seriesOf(training),
    ...(validation && { validation: seriesOf(validation) }),
  };
  await library.getState().read();
  const { rows, put } = library.getState();
  const id = idOf(result.digest, encodeLink(experiment));
  const there = rows.find((row) => row.id === id);
  if (there !== undefined) return `${there.name} is in the library already.`;
  const row = rowOfCurves(curves, {
    id,
    name,
    origin: 'link',
    color: freeColor(rows),
    version: result.version,
    adapter: result.adapter,
    experiment,
    steps: result.lastStep,
    tokensPerStep: experiment.batch.B * experiment.batch.S,
  });
  await put(row, { curves, records: [], ...NO_REPORTS });
  const isThere = library.getState().rows.some((one) => one.id === id);
  return isThere ? `${name} is in the library, marked as received.` : `${name} was not kept.`;
}
