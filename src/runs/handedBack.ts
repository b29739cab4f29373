/** A run that came back from another program: its parent's record, and the steps that were taken there. */
import type { Seam } from '../analysis/seams.ts';
import { MAX_RUN_NAME } from '../config/settings.ts';
import type { StepRecords } from '../config/telemetry.ts';
import { inDomains } from '../train/session/elsewhere.ts';
import type { Parent } from '../train/session/recording.ts';
import type { Library } from './library.ts';
import { NO_REPORTS, type RunParts, type RunReports, type RunRow } from './record.ts';
import { lastStepOf, recordsUpTo } from './records.ts';
import { Summary } from './summary.ts';

/** What such a run begins with, before its first step here. */
export interface HandedBack {
  parts: RunParts;
  /** Of them. */
  summary: Summary;
  /** What its row tells of them; its name where the parent's is known. */
  row: Partial<RunRow> & { seams: readonly Seam[] };
}

function reportsUpTo({ validation, samples, figures, probes }: RunReports, step: number) {
  const isBefore = (one: { step: number }) => one.step <= step;
  return {
    validation: validation.filter(isBefore),
    samples: samples.filter(isBefore),
    figures: figures.filter(isBefore),
    probes: probes.filter(isBefore),
  };
}

/** Where steps were taken elsewhere, behind the seams of the run that they go on from. */
export function seamsAround(elsewhere: StepRecords, before: readonly Seam[] = []): Seam[] {
  const start = elsewhere.firstStep - 1;
  return [
    ...before.filter(({ step }) => step < start),
    { step: start, by: 'pytorch' },
    { step: lastStepOf(elsewhere), by: 'here' },
  ];
}

const SUFFIX = ', continued in PyTorch';

/** A name that says so once, however often it went there, and is no longer than names may be. */
function continued(name: string): string {
  const own = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  return own.slice(0, MAX_RUN_NAME - SUFFIX.length) + SUFFIX;
}

/**
 * Joins what was trained elsewhere to the record of its parent, where the library has that.
 * @param domains kinds of text that the run's records tell apart
 */
export async function handedBack(
  library: Library | null,
  elsewhere: StepRecords,
  parent: Parent | null,
  domains: number,
): Promise<HandedBack> {
  const row = parent && library ? await library.row(parent.id).catch(() => null) : null;
  const start = elsewhere.firstStep - 1;
  const before = row && library ? await library.parts(row.id) : { ...NO_REPORTS, records: [] };
  const { validation, ...reports } = reportsUpTo(before, start);
  const curve = {
    firstStep: validation[0]?.step ?? 0,
    steps: Float64Array.from(validation, ({ step }) => step),
    values: Float32Array.from(validation, ({ ce }) => ce),
  };
  const records = [...recordsUpTo(before.records, start), inDomains(elsewhere, domains)];
  const summary = new Summary();
  for (const one of records) summary.addRecords(one);
  for (const { step, ce } of validation) summary.add('validation', step, ce);
  const name = row?.name ?? parent?.name;
  return {
    // Curves of the scalars are in the records.
    parts: {
      curves: validation.length === 0 ? {} : { validation: curve },
      records,
      validation,
      ...reports,
    },
    summary,
    row: {
      ...summary.row(),
      seams: seamsAround(elsewhere, row?.seams),
      ...(name !== undefined && { name: continued(name) }),
    },
  };
}
