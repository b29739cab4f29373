/** A stored run as views read it: its records behind `RunSource`. */

import { LoadHistory } from '../analysis/loadHistory.ts';
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import { countedAt } from '../analysis/slotsSince.ts';
import type { Inspections, Line, LineName, RunHead, RunSource } from '../analysis/source.ts';
import { sameValue } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { SLOT_KINDS } from '../config/slots.ts';
import { surgerySteps } from '../config/surgery.ts';
import type { StepRecords } from '../config/telemetry.ts';
import type { RunCurves, RunParts, RunRow } from '../runs/record.ts';
import { cutAt } from '../runs/records.ts';
import { generatedLine } from './generatedLine.ts';
import { RoutingLog } from './routingLog.ts';

const NOTHING = new Float32Array(0);

interface Logs {
  routing: RoutingLog;
  loads: ReadonlyMap<number, LoadHistory>;
}

/** Routing of all records, counted anew where other slots are, as in a live run. */
function logsOf(experiment: Experiment, records: readonly StepRecords[]): Logs {
  const { B, S } = experiment.batch;
  let counted = countedAt(experiment, records[0]?.firstStep ?? 1);
  const routing = new RoutingLog(counted.spaces, B * S);
  const loads = new Map(counted.spaces.map((space) => [space.layer, new LoadHistory(space)]));
  // What is stored is joined by its shape, over surgeries that leave it as it is.
  for (const record of cutAt(records, surgerySteps(experiment))) {
    const now = countedAt(experiment, record.firstStep);
    if (!sameValue(counted, now)) {
      counted = now;
      routing.begin(now.spaces);
      for (const space of now.spaces) loads.get(space.layer)?.begin(space);
    }
    routing.append(record);
    for (const layer of record.layers)
      loads.get(layer.layer)?.append(layer, record.firstStep, record.n);
  }
  return { routing, loads };
}

function curveLine(curves: RunCurves, name: keyof RunCurves): Line {
  const series = curves[name];
  if (series === undefined) return { owner: curves, firstStep: 1, values: NOTHING };
  const { firstStep, steps, values } = series;
  return { owner: series, firstStep, values, ...(steps === null ? {} : { steps }) };
}

function routingLine({ routing }: Logs, name: LineName): Line {
  const [, of = ''] = name.split('.');
  const kind = SLOT_KINDS.find((kind) => kind === of);
  const values =
    name === 'drops'
      ? routing.drops
      : kind !== undefined
        ? routing.share(kind)
        : routing.computing(of === 'mean' ? of : Number(of));
  return { owner: routing, firstStep: routing.firstStep, values };
}

function isRouting(name: LineName): boolean {
  return name === 'drops' || name.includes('.');
}

/** A run of the library, which may answer more while it is shown. */
export interface StoredSource extends RunSource {
  /** What it answered to probe tasks, in the place of its answers at the same step and seed. */
  hear(probes: ProbesAt): void;
}

export function createStoredSource(
  row: RunRow,
  experiment: Experiment,
  { curves, records, validation, samples, figures, probes }: RunParts,
): StoredSource {
  const logs = logsOf(experiment, records);
  const listeners = new Set<() => void>();
  let answered = probes;
  let version = 0;
  const { id, status, text, seams } = row;
  const head: RunHead = { id, experiment, status, text, seams };
  return {
    head,
    step: row.steps,
    get version() {
      return version;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    line(name) {
      if (name === 'generated') return generatedLine(validation, row);
      return isRouting(name) ? routingLine(logs, name) : curveLine(curves, name as keyof RunCurves);
    },
    spaces: (step) => {
      const last = countedAt(experiment, row.steps).spaces;
      if (step === null) return last;
      return last.map((space) => logs.loads.get(space.layer)?.binAt(step)?.space ?? space);
    },
    loads(layer, steps) {
      const history = logs.loads.get(layer);
      return (steps === null ? history?.bins.at(-1) : history?.binAt(steps[0])) ?? null;
    },
    history: (layer) => logs.loads.get(layer) ?? null,
    figuresOver: () => figures,
    probesOver: () => answered,
    hear(one) {
      const others = answered.filter(({ step, seed }) => step !== one.step || seed !== one.seed);
      answered = [...others, one].sort((a, b) => a.step - b.step || a.seed - b.seed);
      version += 1;
      for (const listener of listeners) listener();
    },
    inspection<K extends keyof Inspections>(kind: K): Inspections[K]['answer'] {
      const answers: Inspections = { samples: { answer: samples } };
      return answers[kind].answer;
    },
  };
}
