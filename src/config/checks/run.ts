/** Rules about the schedule and the events of a run. */
import { layerSelection } from '../balancing.ts';
import { moeLayers } from '../conditions.ts';
import { applyChange, fixedPaths } from '../edit.ts';
import type { Experiment } from '../experiment.ts';
import { slotsOfLayer } from '../layers.ts';
import { counted } from '../plural.ts';
import { slotSources, surgeryOf } from '../surgery.ts';
import { surgeryProblems } from '../surgeryHistory.ts';
import type { Constraint, Finding } from './types.ts';

function warmup({ optimizer: { warmup: W, totalSteps: n } }: Experiment): Finding[] {
  if (W <= n) return [];
  const message = `warm-up W = ${W} is longer than the run of n = ${counted(n, 'step')}`;
  const fix = { label: `Warm up for ${counted(n, 'step')}`, change: { 'optimizer.warmup': n } };
  return [
    { path: 'optimizer.warmup', also: ['optimizer.totalSteps'], message, severity: 'error', fix },
  ];
}

function learningRates({ optimizer: { lr, minLr } }: Experiment): Finding[] {
  if (minLr <= lr) return [];
  const message = `final learning rate ${minLr} is above the peak ${lr}: the rate rises after warm-up`;
  const fix = { label: `End with ${lr}`, change: { 'optimizer.minLr': lr } };
  return [{ path: 'optimizer.minLr', also: ['optimizer.lr'], message, severity: 'warning', fix }];
}

function eventOrder({ events }: Experiment): Finding[] {
  return events.flatMap(([step], i): Finding[] => {
    const previous = events[i - 1];
    if (previous === undefined || previous[0] <= step) return [];
    const message = `event ${i + 1} at step ${step} stands after one at step ${previous[0]}`;
    const sorted = [...events].sort(([a], [b]) => a - b).map(([at, change]) => [at, change]);
    const fix = { label: 'Sort the events', change: { events: sorted } };
    return [{ path: 'events', message, severity: 'error', fix }];
  });
}

function eventPaths({ events }: Experiment): Finding[] {
  return events.flatMap(([step, change]) =>
    fixedPaths(change).map((path): Finding => {
      const message = `event at step ${step}: ${path} cannot change while a model runs`;
      return { path: 'events', message, severity: 'error' };
    }),
  );
}

/** Surgeries whose provenance does not fit the expert space before them. */
function eventSurgeries(experiment: Experiment): Finding[] {
  if (eventPaths(experiment).length > 0) return [];
  return surgeryProblems(experiment).map((message) => ({
    path: 'events',
    message,
    severity: 'error',
  }));
}

/** Events that come after the end of the run as it is set up at their time. */
function eventsInRun(experiment: Experiment): Finding[] {
  if (eventPaths(experiment).length > 0) return [];
  let now = experiment;
  return experiment.events.flatMap(([step, change]): Finding[] => {
    now = applyChange(now, change);
    const { totalSteps } = now.optimizer;
    if (step <= totalSteps) return [];
    const message = `event at step ${step} comes after the last step, ${totalSteps}`;
    return [{ path: 'events', message, severity: 'warning' }];
  });
}

/** Events that give hash layers new tables: their experts have learnt from other tokens. */
function eventHashTables(experiment: Experiment): Finding[] {
  if (eventPaths(experiment).length > 0 || eventSurgeries(experiment).length > 0) return [];
  let now = experiment;
  return experiment.events.flatMap(([step, change]): Finding[] => {
    const before = now;
    now = applyChange(now, change);
    const layers = moeLayers(now).filter((l) =>
      [before, now].every((e) => layerSelection(e, l) === 'hash'),
    );
    const R = (e: Experiment, l: number) => slotsOfLayer(e.experts, l).length;
    const W = (e: Experiment, l: number) => Math.min(e.router.K, R(e, l));
    const isOther = (of: typeof R) => layers.some((l) => of(before, l) !== of(now, l));
    const surgery = surgeryOf(change);
    const isMoved = (l: number) =>
      surgery !== null &&
      'from' in surgery &&
      slotSources(before.experts, now.experts, surgery.from, l).some((old, r) => old !== r);
    const what = isOther(W) ? 'K' : isOther(R) || layers.some(isMoved) ? 'the slots' : null;
    if (what === null) return [];
    const message = `event at step ${step}: with ${what} changed, hash layers send tokens by new tables`;
    return [{ path: 'events', message, severity: 'warning' }];
  });
}

/** Rules of values that may change while a run goes on; also checked after every event. */
export const scheduleConstraints: readonly Constraint[] = [
  { name: 'warmup', check: warmup },
  { name: 'learningRates', check: learningRates },
];

export const eventConstraints: readonly Constraint[] = [
  { name: 'eventOrder', check: eventOrder },
  { name: 'eventPaths', check: eventPaths },
  { name: 'eventSurgeries', check: eventSurgeries },
  { name: 'eventsInRun', check: eventsInRun },
  { name: 'eventHashTables', check: eventHashTables },
];
