import { NO_REPORTS, RECORD_FORMAT, type RunParts, type RunRow } from '../../../runs/record.ts';
import { summaryOf } from '../../../runs/summary.ts';
import type { FileRun } from './readAway.ts';

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
  const summary = summaryOf(curves);
  const now = Date.now();
  const row: RunRow = {
    format: RECORD_FORMAT,
    id: crypto.randomUUID(),
    name: run.name ?? file.replace(/\.(csv|tsv|txt)$/i, ''),
    note: noteOf(run),
    tags: [],
    origin: 'curves',
    status: 'done',
    begunAt: now,
    changedAt: now,
    exportedAt: null,
    version: '',
    experiment: null,
    parent: null,
    text: null,
    adapter: null,
    steps: Math.max(0, ...Object.values(summary.last).map(({ step }) => step)),
    seconds: 0,
    tokensPerStep: null,
    ...summary,
    ...look,
    checkpoints: [],
    bytes: 0,
  };
  return { row, parts: { curves, records: [], ...NO_REPORTS } };
}
