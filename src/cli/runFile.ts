/** What `npm run experiment -- … --run FILE` writes: the run as the page's library would have it. */
import { basename } from 'node:path';
import { settingsInForce } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import type { StepRecords } from '../config/telemetry.ts';
import type { OwnText } from '../data/ownText.ts';
import { runsZip } from '../runs/files/writeRuns.ts';
import { newRow } from '../runs/newRow.ts';
import type { RunParts, RunRow, RunStatus } from '../runs/record.ts';
import { groups, joinRecords, joinsRecords } from '../runs/records.ts';
import { Reports } from '../runs/reports.ts';
import { Summary } from '../runs/summary.ts';
import type { RunState, SessionEvent, SessionReport } from '../train/session/events.ts';
import { writeOutput } from './outputFiles.ts';

const STATUS: Readonly<Partial<Record<RunState, RunStatus>>> = {
  finished: 'done',
  failed: 'failed',
};

/** Collects what a session reports of a run, and its checkpoints. */
export class RunLog {
  readonly #records: StepRecords[] = [];
  readonly #reports = new Reports();
  readonly #checkpoints = new Map<number, { bytes: Uint8Array; at: number }>();
  readonly #begunAt = Date.now();
  #state: RunState = 'ready';
  readonly #summary = new Summary();
  /** Milliseconds of training, and since when it goes on. */
  #trained = 0;
  #runningSince: number | null = null;

  add(event: SessionEvent): void {
    if (event.type === 'steps') {
      const { records } = event;
      this.#records.push(records);
      this.#summary.addRecords(records);
    } else if (this.#reports.add(event)) {
      if (event.type === 'validation') this.#summary.add('validation', event.step, event.ce);
    } else if (event.type === 'state') this.#hearState(event.state);
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

  /** @param run what the session tells of itself at its end */
  row(run: {
    name: string;
    report: SessionReport;
    experiment: Experiment;
    steps: number;
    parent: RunRow['parent'];
    seams?: RunRow['seams'];
  }): RunRow {
    const { name, report, experiment, steps, parent, seams } = run;
    const checkpoints = [...this.#checkpoints].map(([step, { bytes, at }]) => {
      return { step, bytes: bytes.length, isPinned: false, at };
    });
    const { totalSteps } = settingsInForce(experiment, steps).optimizer;
    const begun = { parent, rows: [], step: steps, now: this.#begunAt };
    return {
      ...newRow(crypto.randomUUID(), { ...report, experiment }, begun),
      ...this.#summary.row(),
      ...(seams && { seams }),
      name,
      status: STATUS[this.#state] ?? (steps >= totalSteps ? 'done' : 'open'),
      changedAt: Date.now(),
      seconds: this.#trained / 1000,
      checkpoints: checkpoints.sort((a, b) => a.step - b.step),
      bytes: checkpoints.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  parts(): RunParts {
    const { validation } = this.#reports.all;
    const curve = {
      firstStep: validation[0]?.step ?? 0,
      steps: Float64Array.from(validation, ({ step }) => step),
      values: Float32Array.from(validation, ({ ce }) => ce),
    };
    return {
      // Those of the scalars are in the records.
      curves: validation.length === 0 ? {} : { validation: curve },
      records: groups(this.#records, joinsRecords).map(joinRecords),
      ...this.#reports.all,
    };
  }

  /** Writes the run whole or not at all. */
  async write(path: string, row: RunRow, own: OwnText | null): Promise<void> {
    const run = {
      row,
      parts: async () => this.parts(),
      checkpoint: async (step: number) => this.#checkpoints.get(step)!.bytes,
      ownText: async () => own,
    };
    await writeOutput(path, runsZip([run], { checkpoints: 'all', ownText: own !== null }));
  }
}

/** A run's name from that of its file. */
export const nameOfFile = (path: string) => basename(path).replace(/\.zip$/i, '');
