/** What `npm run experiment -- … --run FILE` writes: the run as the page's library would have it. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { memoryNeeds } from '../accounting/needs.ts';
import type { Experiment } from '../config/experiment.ts';
import { SCALAR_COUNT, SCALARS, type StepRecords, scalarColumn } from '../config/telemetry.ts';
import type { OwnText } from '../data/ownText.ts';
import { productFile } from '../data/productFiles.ts';
import { runsZip } from '../runs/files/writeRuns.ts';
import {
  type AtStep,
  type MetricName,
  RECORD_FORMAT,
  type RunParts,
  type RunRow,
  type RunStatus,
  type SampleRecord,
  type ValidationRecord,
} from '../runs/record.ts';
import type { RunState, SessionEvent, SessionReport } from '../train/session/events.ts';

/** Points of a thumbnail at most. */
const THUMBNAIL = 48;

type Metrics = Partial<Record<MetricName, AtStep>>;

const STATUS: Readonly<Partial<Record<RunState, RunStatus>>> = {
  finished: 'done',
  failed: 'failed',
};

function adapterOf({ adapter, experiment, vocabulary, domains }: SessionReport): RunRow['adapter'] {
  const { buffer, binding, total } = memoryNeeds(experiment, vocabulary, domains.length);
  const { description, isSoftware } = adapter;
  return {
    description,
    isSoftware,
    needs: { buffer: buffer.bytes, binding: binding.bytes, total },
  };
}

function textOf(report: SessionReport): RunRow['text'] {
  const { vocabulary, unigramEntropy, charactersPerToken, domains } = report;
  const { hash, mix } = report.experiment.data;
  const isOwn = (mix.own ?? 0) > 0;
  return { hash, isOwn, vocabulary, unigramEntropy, charactersPerToken, domains };
}

function productVersion(): string {
  return JSON.parse(readFileSync(productFile('package.json'), 'utf8')).version;
}

/** Collects what a session reports of a run, and its checkpoints. */
export class RunLog {
  readonly #records: StepRecords[] = [];
  readonly #validation: ValidationRecord[] = [];
  readonly #samples: SampleRecord[] = [];
  readonly #checkpoints = new Map<number, { bytes: Uint8Array; at: number }>();
  readonly #begunAt = Date.now();
  #state: RunState = 'ready';
  #last: Metrics = {};
  #best: Metrics = {};
  /** Milliseconds of training, and since when it goes on. */
  #trained = 0;
  #runningSince: number | null = null;

  add(event: SessionEvent): void {
    if (event.type === 'steps') {
      const { records } = event;
      this.#records.push(records);
      for (let i = 0; i < records.n; i++)
        SCALARS.forEach((name, c) => {
          this.#note(name, records.firstStep + i, records.scalars[i * SCALAR_COUNT + c]!);
        });
    } else if (event.type === 'validation') {
      const { step, ce, perDomain } = event;
      this.#validation.push({ step, ce, perDomain });
      this.#note('validation', step, ce);
    } else if (event.type === 'sample') this.#samples.push(event.sample);
    else if (event.type === 'state') this.#hearState(event.state);
    else if (event.type === 'stopped')
      this.#state = event.reason.kind === 'finished' ? 'finished' : 'failed';
  }

  keep(step: number, bytes: Uint8Array): void {
    this.#checkpoints.set(step, { bytes, at: Date.now() });
  }

  #hearState(state: RunState): void {
    this.#state = state;
    if (state === 'running') this.#runningSince ??= performance.now();
    else if (this.#runningSince !== null) {
      this.#trained += performance.now() - this.#runningSince;
      this.#runningSince = null;
    }
  }

  #note(name: MetricName, step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.#last[name] = { step, value };
    if (value < (this.#best[name]?.value ?? Number.POSITIVE_INFINITY))
      this.#best[name] = { step, value };
  }

  /** Cross entropy at up to `THUMBNAIL` steps, evenly spaced, the first and the last among them. */
  #thumbnail(): AtStep[] {
    const points = this.#records.flatMap(({ firstStep, n, scalars }) =>
      Array.from({ length: n }, (_, i) => ({
        step: firstStep + i,
        value: scalars[i * SCALAR_COUNT + scalarColumn('ce')]!,
      })),
    );
    const n = Math.min(THUMBNAIL, points.length);
    const chosen = Array.from({ length: n }, (_, i) =>
      Math.round((i * (points.length - 1)) / Math.max(1, n - 1)),
    );
    return chosen.map((i) => points[i]!).filter(({ value }) => Number.isFinite(value));
  }

  /** @param run what the session tells of itself at its end */
  row(run: {
    name: string;
    report: SessionReport;
    experiment: Experiment;
    steps: number;
    parent: RunRow['parent'];
  }): RunRow {
    const { name, report, experiment, steps, parent } = run;
    const checkpoints = [...this.#checkpoints].map(([step, { bytes, at }]) => {
      return { step, bytes: bytes.length, isPinned: false, at };
    });
    const { B, S } = experiment.batch;
    return {
      format: RECORD_FORMAT,
      id: crypto.randomUUID(),
      name,
      note: '',
      tags: [],
      origin: 'trained',
      status: STATUS[this.#state] ?? 'open',
      begunAt: this.#begunAt,
      changedAt: Date.now(),
      exportedAt: null,
      version: productVersion(),
      experiment,
      parent,
      text: textOf(report),
      adapter: adapterOf(report),
      steps,
      seconds: this.#trained / 1000,
      tokensPerStep: B * S,
      last: this.#last,
      best: this.#best,
      thumbnail: this.#thumbnail(),
      color: 0,
      isVisible: false,
      checkpoints: checkpoints.sort((a, b) => a.step - b.step),
      bytes: checkpoints.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  parts(): RunParts {
    const validation = this.#validation;
    const curve = {
      firstStep: validation[0]?.step ?? 0,
      steps: Float64Array.from(validation, ({ step }) => step),
      values: Float32Array.from(validation, ({ ce }) => ce),
    };
    return {
      // Those of the scalars are in the records.
      curves: validation.length === 0 ? {} : { validation: curve },
      records: this.#records,
      validation,
      samples: this.#samples,
    };
  }

  /** Writes the run; what could not be written whole is not left behind. */
  async write(path: string, row: RunRow, own: OwnText | null): Promise<void> {
    const run = {
      row,
      parts: async () => this.parts(),
      checkpoint: async (step: number) => this.#checkpoints.get(step)!.bytes,
      ownText: async () => own,
    };
    try {
      await writeFile(path, runsZip([run], { checkpoints: 'all', ownText: own !== null }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }
}

/** A run's name from that of its file. */
export const nameOfFile = (path: string) => basename(path).replace(/\.zip$/i, '');
