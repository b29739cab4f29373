import { type AtStep, RECORD_FORMAT, type RunCurves, type RunRow } from './record.ts';
import { summaryOf } from './summary.ts';

type Own = Pick<RunRow, 'id' | 'name' | 'origin' | 'color'> & Partial<RunRow>;

/** The row of curves that were not trained into the library: what nobody knows of them is null. */
export function rowOfCurves(curves: RunCurves, own: Own): RunRow {
  const summary = summaryOf(curves);
  const now = Date.now();
  const last: AtStep[] = Object.values(summary.last);
  return {
    format: RECORD_FORMAT,
    note: '',
    tags: [],
    status: 'done',
    begunAt: now,
    changedAt: now,
    exportedAt: null,
    version: '',
    experiment: null,
    parent: null,
    text: null,
    adapter: null,
    steps: Math.max(0, ...last.map(({ step }) => step)),
    seconds: 0,
    tokensPerStep: null,
    ...summary,
    isVisible: false,
    checkpoints: [],
    bytes: 0,
    ...own,
  };
}
