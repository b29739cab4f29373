import { createStore, type StoreApi } from 'zustand/vanilla';
import { layerSpaces } from '../config/layerSpaces.ts';
import type {
  AdapterReport,
  AdapterSpeed,
  OpenReport,
  RunState as Phase,
  RecordingReport,
  Sample,
  StopReason,
  TrainerEvent,
} from '../worker/api.ts';

export type { OpenReport, StopReason } from '../worker/api.ts';

import type { FiguresAt } from '../analysis/followed.ts';
import { LoadHistory } from '../analysis/loadHistory.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { Seam } from '../analysis/seams.ts';
import type { RunRow, ValidationRecord } from '../runs/record.ts';
import type { Failure } from './failure.ts';
import { MetricLog } from './metricLog.ts';
import { RoutingLog } from './routingLog.ts';

export type ValidationPoint = ValidationRecord;

export interface Progress {
  stage: Extract<TrainerEvent, { type: 'progress' }>['stage'];
  done: number;
  total: number;
}

/**
 * What the trainer reported. `metrics`, `routing` and `loads` are logs that grow in place:
 * `version` counts their changes, so select it beside them.
 */
export interface RunValues {
  adapter: AdapterReport | null;
  /** Whether an adapter is being looked for. */
  isLooking: boolean;
  /** What the adapter achieves, once it was measured. */
  speed: AdapterSpeed | null;
  isMeasuring: boolean;
  report: OpenReport | null;
  phase: Phase;
  /** Steps taken. */
  step: number;
  progress: Progress | null;
  tokensPerSec: number;
  stepsPerSec: number;
  version: number;
  metrics: MetricLog;
  routing: RoutingLog;
  /** Scalars of the run before this one, for a faint line behind its curve. */
  previous: MetricLog | null;
  /** Tokens of one of its batches. */
  previousTokens: number | null;
  /** By layer index, MoE layers in order. */
  loads: ReadonlyMap<number, LoadHistory>;
  /** Where the run went to another program and came back. */
  seams: readonly Seam[];
  validation: readonly ValidationPoint[];
  samples: readonly Sample[];
  /** Figures over training time. */
  figures: readonly FiguresAt[];
  /** Answers to the probe tasks. */
  probes: readonly ProbesAt[];
  /** Items of them that are answered, while some are asked. */
  probing: { done: number; total: number } | null;
  /** Why the last run stopped by itself. */
  stopped: StopReason | null;
  /** Step of the trainer's newest checkpoint of its own. */
  checkpointStep: number | null;
  /** What the library keeps of the run; null before its first step. */
  recording: RecordingReport | null;
  /** A run of an earlier visit that can go on, while that is offered. */
  resumable: RunRow | null;
  failure: Failure | null;
  /** What is looked at to take the open run's place, while that goes on. */
  checking: { name: string; cancel(): void } | null;
}

export interface RunState extends RunValues {
  set(values: Partial<RunValues>): void;
  /** Takes one event of the open run. */
  receive(event: TrainerEvent): void;
  /** A run that was opened or restored: its logs start empty. */
  opened(report: OpenReport): void;
  /** Back to step 0 of the same run. */
  cleared(): void;
  /** No run is open any more. */
  closed(): void;
  /** A sample that was asked for; the same one is kept once. */
  addSample(sample: Sample): void;
}

/** Samples kept; older automatic ones are forgotten. */
export const MAX_SAMPLES = 200;

type Logs = Pick<
  RunValues,
  | 'metrics'
  | 'routing'
  | 'loads'
  | 'seams'
  | 'validation'
  | 'samples'
  | 'figures'
  | 'probes'
  | 'probing'
  | 'stopped'
  | 'checkpointStep'
  | 'recording'
>;

/** Curves shorter than this are not worth a place behind the next run's. */
const LEAST_PREVIOUS = 2;

function emptyLogs(report: OpenReport | null): Logs {
  const { B, S } = report?.experiment.batch ?? { B: 1, S: 1 };
  return {
    metrics: new MetricLog(),
    routing: new RoutingLog(report?.layers ?? [], B * S),
    loads: new Map((report?.layers ?? []).map((space) => [space.layer, new LoadHistory(space)])),
    seams: [],
    validation: [],
    samples: [],
    figures: [],
    probes: [],
    probing: null,
    stopped: null,
    checkpointStep: null,
    recording: null,
  };
}

/** The last run's scalars, as the run that follows shows them. */
function previousOf({
  metrics,
  report,
  previous,
  previousTokens,
}: RunValues): Pick<RunValues, 'previous' | 'previousTokens'> {
  if (metrics.length < LEAST_PREVIOUS) return { previous, previousTokens };
  const batch = report?.experiment.batch;
  return { previous: metrics, previousTokens: batch === undefined ? null : batch.B * batch.S };
}

/** Report and logs of a run that is back at its start, where no event has changed the model. */
function restarted(report: OpenReport | null): Logs & Pick<RunValues, 'report'> {
  if (report === null) return { ...emptyLogs(null), report };
  const experiment = { ...report.experiment, events: [] };
  const start = { ...report, experiment, layers: layerSpaces(experiment) };
  return { ...emptyLogs(start), report: start };
}

const IDLE = { step: 0, tokensPerSec: 0, stepsPerSec: 0, progress: null } as const;

function isSameSample(a: Sample, b: Sample): boolean {
  return a.step === b.step && a.prompt === b.prompt && a.text === b.text;
}

function phaseAfter(reason: StopReason): Phase {
  return reason.kind === 'finished' ? 'finished' : 'failed';
}

export type RunStore = StoreApi<RunState>;

/** Takes one event of the open run into the store. */
function take(event: TrainerEvent, now: RunState): void {
  const { set } = now;
  switch (event.type) {
    case 'progress':
      set({ progress: { stage: event.stage, done: event.done, total: event.total } });
      return;
    case 'state':
      set({
        phase: event.state,
        step: event.step,
        ...(event.state === 'opening' ? {} : { progress: null }),
      });
      return;
    case 'steps': {
      const { records } = event;
      now.metrics.append(records);
      now.routing.append(records);
      for (const layer of records.layers) {
        now.loads.get(layer.layer)?.append(layer, records.firstStep, records.n);
      }
      set({
        step: Math.max(now.step, records.firstStep + records.n - 1),
        tokensPerSec: event.tokensPerSec,
        stepsPerSec: event.stepsPerSec,
        version: now.version + 1,
      });
      return;
    }
    case 'validation': {
      const { type, runId, ...point } = event;
      set({ validation: [...now.validation, point], version: now.version + 1 });
      return;
    }
    case 'figures':
      set({ figures: [...now.figures, event.figures], version: now.version + 1 });
      return;
    case 'probing':
      set({ probing: event.probing });
      return;
    case 'probes':
      set({ probes: [...now.probes, event.probes], version: now.version + 1 });
      return;
    case 'sample':
      now.addSample(event.sample);
      return;
    case 'changed':
      if (now.report !== null) {
        set({ report: { ...now.report, experiment: event.experiment } });
      }
      return;
    case 'model':
      // All steps before this one are reported: what follows counts the new slots.
      for (const space of event.model.layers) now.loads.get(space.layer)?.begin(space);
      now.routing.begin(event.model.layers);
      if (now.report !== null) set({ report: { ...now.report, ...event.model } });
      set({ step: Math.max(now.step, event.step - 1), version: now.version + 1 });
      return;
    case 'stopped':
      set({ stopped: event.reason, phase: phaseAfter(event.reason), progress: null });
      return;
    case 'checkpoint':
      set({ checkpointStep: event.step });
      return;
    case 'recording':
      set({ recording: event.recording });
      return;
    default:
      event satisfies never;
  }
}

export function createRunStore(): RunStore {
  return createStore<RunState>()((set, get) => ({
    ...emptyLogs(null),
    ...IDLE,
    adapter: null,
    isLooking: false,
    speed: null,
    isMeasuring: false,
    previous: null,
    previousTokens: null,
    report: null,
    phase: 'empty',
    version: 0,
    resumable: null,
    failure: null,
    checking: null,
    set,
    opened(report) {
      set({
        ...previousOf(get()),
        ...emptyLogs(report),
        ...IDLE,
        report,
        adapter: report.adapter,
        phase: 'ready',
        resumable: null,
        failure: null,
        version: get().version + 1,
      });
    },
    cleared() {
      set({
        ...previousOf(get()),
        ...restarted(get().report),
        ...IDLE,
        failure: null,
        version: get().version + 1,
      });
    },
    closed() {
      set({
        ...previousOf(get()),
        ...emptyLogs(null),
        ...IDLE,
        report: null,
        phase: 'empty',
        version: get().version + 1,
      });
    },
    addSample(sample) {
      const { samples } = get();
      if (samples.some((known) => isSameSample(known, sample))) return;
      set({ samples: [...samples, sample].slice(-MAX_SAMPLES) });
    },
    receive(event) {
      take(event, get());
    },
  }));
}
