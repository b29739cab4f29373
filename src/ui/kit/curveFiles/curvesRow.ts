import { NO_REPORTS, type RunParts, type RunRow } from '../../../runs/record.ts';
import { rowOfCurves } from '../../../runs/rowOfCurves.ts';
import type { FileRun } from './readAway.ts';

/** Longer names are cut: a column of a file may have a name of any length. */
const MAX_NAME = 200;

/** What a person should know of curves before comparing them; '' for nothing. */
function noteOf({ resumedAt, repeated }: FileRun): string {
  if (resumedAt.length > 0)
    return `The file goes back to step ${resumedAt.join(', ')}: what it had logged from there on before is left out.`;
  if (repeated === 0) return '';
  return `${repeated} rows stand at the step of the row before: the later value counts.`;
}

/** A run of another program as the library has it. @param file name of the file that it came from */
export function curvesRun(
  file: string,
  run: FileRun,
  look: Pick<RunRow, 'color' | 'isVisible'>,
): { row: RunRow; parts: RunParts } {
  const entries = Object.entries(run.columns).map(([name, { firstStep, steps, values }]) => [
    name,
    { firstStep, steps, values: Float32Array.from(values) },
  ]);
  const curves: RunParts['curves'] = Object.fromEntries(entries);
  const row = rowOfCurves(curves, {
    id: crypto.randomUUID(),
    name: (run.name ?? file.replace(/\.(csv|tsv|txt)$/i, '')).slice(0, MAX_NAME),
    note: noteOf(run),
    origin: 'curves',
    ...look,
  });
  return { row, parts: { curves, records: [], ...NO_REPORTS } };
}
