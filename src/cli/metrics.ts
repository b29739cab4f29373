import { type MemoryNeeds, memoryNeeds } from '../accounting/needs.ts';
import type { Experiment } from '../config/experiment.ts';
import {
  type LayerLoads,
  type LayerSpace,
  SCALAR_COUNT,
  SCALARS,
  type ScalarName,
  TELEMETRY_FIELDS,
  type TelemetryAxis,
  type TelemetryName,
} from '../config/telemetry.ts';
import type { BatchRouting } from '../train/engine/inspections.ts';
import type {
  AdapterReport,
  Sample,
  SessionEvent,
  SessionReport,
  StopReason,
  ValidationLoss,
} from '../train/session/events.ts';
import type { LadimoMetrics } from './ladimo.ts';

/** Recorded fields of one MoE layer as lists [n][…shape]; the first index is the step, from `firstStep`. */
export type LoadMetrics = { layer: number } & {
  [N in TelemetryName]: N extends 'assignments' | 'domains' ? number[][][] : number[][];
};

/** One batch, token by token; t = b·S + s. */
export interface RoutingMetrics {
  /** The step that trained on the batch; routed at the parameters before it. */
  step: number;
  /** [T] */
  tokens: number[];
  /** Index of each token's domain [T]. */
  domains: number[];
  layers: {
    layer: number;
    /** Chosen slots by rank, −1 where none [T][W]. */
    selected: number[][];
    /** [T][W] */
    gates: number[][];
    /** 1 where capacity drops the assignment [T][W]. */
    dropped: number[][];
  }[];
}

/** What `npm run experiment` writes. Losses in nats; numbers that are not finite are null. */
export interface Metrics {
  format: 'switchyard-metrics-1';
  /** With all events: the same run again from here. */
  experiment: Experiment;
  adapter: AdapterReport;
  vocabulary: number;
  parameters: number;
  gpuBytes: number;
  /** What the run needs of an adapter, from its experiment alone; sizes in bytes. */
  needs: MemoryNeeds;
  tokens: SessionReport['tokens'];
  unigramEntropy: number;
  charactersPerToken: number;
  domains: string[];
  layers: LayerSpace[];
  firstStep: number;
  /** One value per step under each name. */
  scalars: Record<ScalarName, number[]>;
  loads: LoadMetrics[];
  validation: ({ step: number } & ValidationLoss)[];
  samples: Sample[];
  /** Why the run stopped by itself, null when it was taken to the step asked for. */
  stopped: StopReason | null;
  routing?: RoutingMetrics;
  ladimo?: LadimoMetrics;
}

/** Consecutive pieces of `length`, as plain lists. */
function rows(data: ArrayLike<number>, length: number): number[][] {
  const all = Array.from(data);
  return Array.from({ length: all.length / length }, (_, i) =>
    all.slice(i * length, (i + 1) * length),
  );
}

/** Lists [n][…shape] of a field of n steps. */
function nested(
  data: ArrayLike<number>,
  n: number,
  inner: number | null,
): number[][] | number[][][] {
  const steps = rows(data, data.length / n);
  return inner === null ? steps : steps.map((step) => rows(step, inner));
}

/** Length of a field's last axis, null where the slots are its only one. */
function innerLength(shape: readonly TelemetryAxis[], { R, W, domains }: LayerLoads, n: number) {
  const axes = { R, W, domains: domains.length / (n * R) };
  return shape.length === 1 ? null : axes[shape[1] ?? 'R'];
}

function appendLoads(metrics: LoadMetrics, loads: LayerLoads, n: number): void {
  for (const { name, shape } of TELEMETRY_FIELDS) {
    const list: unknown[] = metrics[name];
    for (const row of nested(loads[name], n, innerLength(shape, loads, n))) list.push(row);
  }
}

export function routingMetrics({ step, batch, layers }: BatchRouting): RoutingMetrics {
  return {
    step,
    tokens: [...batch.tokens],
    domains: [...batch.domains],
    layers: layers.map(({ layer, W, selected, gates, dropped }) => ({
      layer,
      selected: rows(selected, W),
      gates: rows(gates, W),
      dropped: rows(dropped, W),
    })),
  };
}

/** Collects the events of one session. */
export class MetricsLog {
  firstStep: number | null = null;
  readonly scalars = Object.fromEntries(SCALARS.map((name) => [name, []])) as unknown as Record<
    ScalarName,
    number[]
  >;
  readonly loads = new Map<number, LoadMetrics>();
  readonly validation: Metrics['validation'] = [];
  readonly samples: Sample[] = [];
  stopped: StopReason | null = null;

  add(event: SessionEvent): void {
    if (event.type === 'validation') {
      const { type, ...validation } = event;
      this.validation.push(validation);
    } else if (event.type === 'sample') this.samples.push(event.sample);
    else if (event.type === 'stopped') this.stopped = event.reason;
    else if (event.type === 'steps') {
      const { firstStep, n, scalars, layers } = event.records;
      this.firstStep ??= firstStep;
      for (const [c, name] of SCALARS.entries()) {
        for (let i = 0; i < n; i++) this.scalars[name].push(scalars[i * SCALAR_COUNT + c]!);
      }
      for (const layer of layers) appendLoads(this.#loadsOf(layer.layer), layer, n);
    }
  }

  toMetrics(report: SessionReport, experiment: Experiment): Metrics {
    const { adapter, vocabulary, parameters, gpuBytes, tokens, domains, layers } = report;
    const { unigramEntropy, charactersPerToken } = report;
    return {
      format: 'switchyard-metrics-1',
      experiment,
      adapter,
      vocabulary,
      parameters,
      gpuBytes,
      needs: memoryNeeds(experiment, vocabulary, domains.length, adapter),
      tokens,
      unigramEntropy,
      charactersPerToken,
      domains,
      layers,
      firstStep: this.firstStep ?? 1,
      scalars: this.scalars,
      loads: [...this.loads.values()],
      validation: this.validation,
      samples: this.samples,
      stopped: this.stopped,
    };
  }

  #loadsOf(layer: number): LoadMetrics {
    const known = this.loads.get(layer);
    if (known !== undefined) return known;
    const lists = TELEMETRY_FIELDS.map(({ name }) => [name, []]);
    const fresh = { layer, ...Object.fromEntries(lists) } as LoadMetrics;
    this.loads.set(layer, fresh);
    return fresh;
  }
}
