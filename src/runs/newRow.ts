/** The row of a run that was opened for training. */
import { memoryNeeds } from '../accounting/needs.ts';
import { PRODUCT_VERSION } from '../config/product.ts';
import type { SessionReport } from '../train/session/events.ts';
import type { Parent } from '../train/session/recording.ts';
import { RECORD_FORMAT, type RecordedAdapter, type RecordedText, type RunRow } from './record.ts';

/** Looks that runs take in turn: six colours, each with four dashes. */
export const RUN_COLORS = 24;

function textOf(report: SessionReport): RecordedText {
  const { data } = report.experiment;
  return {
    hash: data.hash,
    isOwn: (data.mix.own ?? 0) > 0,
    vocabulary: report.vocabulary,
    unigramEntropy: report.unigramEntropy,
    charactersPerToken: report.charactersPerToken,
    domains: report.domains,
  };
}

function adapterOf({ adapter, experiment, vocabulary, domains }: SessionReport): RecordedAdapter {
  const { buffer, binding, total } = memoryNeeds(experiment, vocabulary, domains.length, adapter);
  const { description, isSoftware } = adapter;
  const needs = { buffer: buffer.bytes, binding: binding.bytes, total };
  return { description, isSoftware, needs };
}

/** "Run 3", with a number behind those of all others. */
function nextName(rows: readonly RunRow[]): string {
  const numbers = rows.map(({ name }) => Number(/^Run (\d+)\b/.exec(name)?.[1] ?? 0));
  return `Run ${Math.max(0, ...numbers) + 1}`;
}

/** The first colour that the fewest rows have. */
export function freeColor(rows: readonly Pick<RunRow, 'color'>[]): number {
  const uses = Array.from(
    { length: RUN_COLORS },
    (_, color) => rows.filter((row) => row.color === color).length,
  );
  return uses.indexOf(Math.min(...uses));
}

/** @param beside the other rows, and the step that it begins after */
export function newRow(
  id: string,
  report: SessionReport,
  beside: { parent: Parent | null; rows: readonly RunRow[]; step: number; now: number },
): RunRow {
  const { parent, rows, step, now } = beside;
  const { experiment } = report;
  return {
    format: RECORD_FORMAT,
    id,
    name: nextName(rows),
    note: '',
    tags: [],
    origin: 'trained',
    status: 'open',
    begunAt: now,
    changedAt: now,
    exportedAt: null,
    version: PRODUCT_VERSION,
    experiment,
    parent,
    text: textOf(report),
    adapter: adapterOf(report),
    steps: step,
    seconds: 0,
    tokensPerStep: experiment.batch.B * experiment.batch.S,
    last: {},
    best: {},
    thumbnail: [],
    color: freeColor(rows),
    isVisible: false,
    checkpoints: [],
    bytes: 0,
  };
}
