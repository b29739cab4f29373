/** The live run as views read it: the run store behind `RunSource`. */
import type { Inspections, Line, LineName, RunHead, RunSource } from '../analysis/source.ts';
import { layerSpaces } from '../config/layerSpaces.ts';
import { SLOT_KINDS } from '../config/slots.ts';
import { isScalarName } from '../config/telemetry.ts';
import type { ConfigStore } from './configStore.ts';
import { generatedLine } from './generatedLine.ts';
import type { RunState, RunStore } from './runStore.ts';

const STATUS: Readonly<Record<RunState['phase'], RunHead['status']>> = {
  empty: 'planned',
  opening: 'planned',
  ready: 'open',
  running: 'open',
  paused: 'open',
  finished: 'done',
  failed: 'failed',
};

function validationLine({ validation, metrics }: RunState): Line {
  return {
    owner: metrics,
    firstStep: validation[0]?.step ?? 0,
    steps: validation.map(({ step }) => step),
    values: validation.map(({ ce }) => ce),
  };
}

/** Values of a line that the routing log works out. */
function routingValues({ routing }: RunState, name: LineName): Float32Array {
  if (name === 'drops') return routing.drops;
  const [, of = ''] = name.split('.');
  const kind = SLOT_KINDS.find((kind) => kind === of);
  if (kind !== undefined) return routing.share(kind);
  return routing.computing(of === 'mean' ? of : Number(of));
}

function lineOf(state: RunState, name: LineName): Line {
  if (name === 'validation') return validationLine(state);
  if (name === 'generated') return generatedLine(state.validation, state.metrics);
  const { metrics, routing } = state;
  if (isScalarName(name))
    return { owner: metrics, firstStep: metrics.firstStep, values: metrics.column(name) };
  return { owner: routing, firstStep: routing.firstStep, values: routingValues(state, name) };
}

export function createLiveSource(run: RunStore, config: ConfigStore): RunSource {
  const experimentNow = () => {
    const { running, experiment } = config.getState();
    return running ?? experiment;
  };

  function headNow(): RunHead {
    const { report, phase, seams } = run.getState();
    return {
      id: String(report?.runId ?? ''),
      experiment: experimentNow(),
      status: STATUS[phase],
      text: report === null ? null : report,
      seams,
    };
  }

  let head = headNow();
  return {
    /** The same object until something of it changes. */
    get head() {
      const now = headNow();
      const isSame =
        now.id === head.id &&
        now.experiment === head.experiment &&
        now.status === head.status &&
        now.seams === head.seams &&
        now.text === head.text;
      if (!isSame) head = now;
      return head;
    },
    get step() {
      return run.getState().step;
    },
    get version() {
      return run.getState().version;
    },
    subscribe(listener) {
      const stops = [run.subscribe(listener), config.subscribe(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    line: (name) => lineOf(run.getState(), name),
    spaces(step) {
      const { report, loads } = run.getState();
      const now = report?.layers ?? layerSpaces(experimentNow());
      if (step === null) return now;
      return now.map((space) => loads.get(space.layer)?.binAt(step)?.space ?? space);
    },
    loads(layer, steps) {
      const history = run.getState().loads.get(layer);
      return (steps === null ? history?.latest : history?.binAt(steps[0])) ?? null;
    },
    history: (layer) => run.getState().loads.get(layer) ?? null,
    figuresOver: () => run.getState().figures,
    probesOver: () => run.getState().probes,
    inspection<K extends keyof Inspections>(kind: K): Inspections[K]['answer'] {
      const { samples } = run.getState();
      const answers: Inspections = { samples: { answer: samples } };
      return answers[kind].answer;
    },
  };
}
