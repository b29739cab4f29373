/** What a stored run recorded, in the logs of the page: as if it had been reported just now. */
import { type Counted, countedAt, slotsSince } from '../analysis/slotsSince.ts';
import { sameValue } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { surgerySteps } from '../config/surgery.ts';
import type { RunParts } from '../runs/record.ts';
import { cutAt, recordsUpTo } from '../runs/records.ts';
import { MetricLog } from './metricLog.ts';
import type { RunStore } from './runStore.ts';

/** Scalars of a stored run, for a faint line behind another one's. */
export function metricsOf({ records }: Pick<RunParts, 'records'>): MetricLog {
  const log = new MetricLog();
  for (const one of records) log.append(one);
  return log;
}

/**
 * Fills the logs of a run that was just opened with what was recorded up to a step.
 * @param experiment with its events, which tell where other slots are counted
 */
export function refill(
  run: RunStore,
  experiment: Experiment,
  { records, validation, samples, figures, probes }: RunParts,
  step: number,
): void {
  const { report, receive } = run.getState();
  if (report === null) return;
  const { runId, layers, parameters, gpuBytes } = report;
  const opened: Counted = { since: slotsSince(experiment, step + 1), spaces: layers };
  let shown = opened;
  const show = (next: Counted, at: number) => {
    if (sameValue(next, shown)) return;
    shown = next;
    // Steps are counted together while their space is one object.
    const spaces = next.spaces.map((space) => ({ ...space }));
    receive({ runId, type: 'model', step: at, model: { parameters, gpuBytes, layers: spaces } });
  };
  for (const one of cutAt(recordsUpTo(records, step), surgerySteps(experiment))) {
    show(countedAt(experiment, one.firstStep), one.firstStep);
    receive({ runId, type: 'steps', records: one, tokensPerSec: 0, stepsPerSec: 0 });
  }
  for (const one of validation)
    if (one.step <= step)
      receive({ runId, type: 'validation', ...one, perDomain: { ...one.perDomain } });
  for (const sample of samples) if (sample.step <= step) receive({ runId, type: 'sample', sample });
  for (const row of figures)
    if (row.step <= step) receive({ runId, type: 'figures', figures: row });
  for (const one of probes) if (one.step <= step) receive({ runId, type: 'probes', probes: one });
  show(opened, step + 1);
  run.getState().set({ report });
}
