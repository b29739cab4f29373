/** The open run as a run to be shared. */
import { memoryNeeds } from '../accounting/needs.ts';
import { PRODUCT_VERSION } from '../config/product.ts';
import type { FinalLoad, RunToShare } from '../links/digest.ts';
import type { RecordedAdapter, RunCurves } from '../runs/record.ts';
import { experimentToShare } from './configStore.ts';
import type { RunState } from './runStore.ts';
import type { Stores } from './stores.ts';

/** Losses of the open run so far, in arrays of their own. */
export function liveCurves({ metrics, validation }: RunState): RunCurves {
  return {
    ce: { firstStep: metrics.firstStep, steps: null, values: metrics.column('ce').slice() },
    validation: {
      firstStep: validation[0]?.step ?? 0,
      steps: Float64Array.from(validation, ({ step }) => step),
      values: Float32Array.from(validation, ({ ce }) => ce),
    },
  };
}

function adapterOf({ report }: RunState): RecordedAdapter | null {
  if (report === null) return null;
  const { adapter, experiment, vocabulary, domains } = report;
  const { buffer, binding, total } = memoryNeeds(experiment, vocabulary, domains.length, adapter);
  return {
    description: adapter.description,
    isSoftware: adapter.isSoftware,
    needs: { buffer: buffer.bytes, binding: binding.bytes, total },
  };
}

function loadsOf({ loads }: RunState, sharesOf: (counts: Float64Array) => number[]): FinalLoad[] {
  return [...loads].flatMap(([layer, { latest }]) =>
    latest === null ? [] : [{ layer, shares: sharesOf(latest.counts) }],
  );
}

/** @param sharesOf from the code of links, which is loaded when something is shared */
export function liveRun(
  { config, run }: Pick<Stores, 'config' | 'run'>,
  sharesOf: (counts: Float64Array) => number[],
): RunToShare {
  const state = run.getState();
  const experiment = experimentToShare(config.getState());
  return {
    row: {
      name: 'Shared run',
      version: PRODUCT_VERSION,
      adapter: adapterOf(state),
      experiment,
    },
    curves: liveCurves(state),
    loads: loadsOf(state, sharesOf),
  };
}
