import { useCallback, useMemo } from 'react';
import type { SlotKind } from '../../../config/experiment.ts';
import { layerSpaces } from '../../../config/layerSpaces.ts';
import { SLOT_KINDS } from '../../../config/slots.ts';
import type { RoutingLog } from '../../../state/routingLog.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Series } from '../../kit/charts/series.ts';
import { formatCount, formatPercent, formatShort } from '../../kit/format.ts';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';

const KIND_COLORS: Readonly<Record<SlotKind, string>> = {
  ffn: 'var(--train)',
  negated: 'var(--valid)',
  zero: 'var(--ref-1)',
  copy: 'var(--aux)',
  constant: 'var(--ref-2)',
};

const NAMES: Readonly<Record<SlotKind, string>> = {
  ffn: 'FFN',
  negated: 'negated',
  zero: 'zero',
  copy: 'copy',
  constant: 'constant',
};
/** Names of the expert spaces of TC-MoE, where every zero slot is a null slot. */
const TERNARY_NAMES: Readonly<Record<SlotKind, string>> = {
  ...NAMES,
  ffn: 'E+',
  negated: 'E−',
  zero: 'E0',
};

/** Most layers that get a line of their own. */
const MAX_LAYERS = 8;

/** What there is to see of an experiment's routing beside its loads. */
function useWorthShowing() {
  const experiment = useConfig((s) => s.running ?? s.experiment);
  const reported = useRun((s) => s.report?.layers);
  return useMemo(() => {
    const layers = reported ?? layerSpaces(experiment);
    const kinds = SLOT_KINDS.filter((kind) => layers.some((layer) => layer.kinds.includes(kind)));
    const { selection, capacity } = experiment.router;
    const mayDrop = layers.length > 0 && capacity !== null;
    return {
      layers: layers.map(({ layer }) => layer),
      kinds,
      hasKinds: kinds.length > 1,
      mayDrop,
      varies: layers.length > 0 && (kinds.length > 1 || mayDrop || selection !== 'topk'),
    };
  }, [experiment, reported]);
}

function computingSeries(log: RoutingLog, layers: readonly number[]): Series[] {
  const { firstStep } = log;
  const perLayer = layers.slice(0, MAX_LAYERS).map(
    (layer, place): Series => ({
      key: `layer${layer}`,
      label: `L${layer}`,
      color: 'var(--train)',
      isFaint: true,
      isUnlisted: true,
      owner: log,
      firstStep,
      values: log.computing(place),
    }),
  );
  const mean: Series = {
    key: 'mean',
    label: 'all layers',
    color: 'var(--train)',
    owner: log,
    firstStep,
    values: log.computing('mean'),
  };
  return [...perLayer, mean];
}

/** Computing experts per token, kinds of slots and drops over steps, where there is something to show. */
export function RoutingCharts() {
  const { run } = useLab();
  const { layers, kinds, hasKinds, mayDrop, varies } = useWorthShowing();
  const names = kinds.includes('negated') ? TERNARY_NAMES : NAMES;

  const computing = useCallback(
    () => computingSeries(run.getState().routing, layers),
    [run, layers],
  );
  const shares = useCallback(() => {
    const { routing } = run.getState();
    return kinds.map(
      (kind): Series => ({
        key: kind,
        label: names[kind],
        color: KIND_COLORS[kind],
        owner: routing,
        firstStep: routing.firstStep,
        values: routing.share(kind),
      }),
    );
  }, [run, kinds, names]);
  const drops = useCallback((): Series[] => {
    const { routing } = run.getState();
    return [
      {
        key: 'dropped',
        label: 'assignments dropped',
        color: 'var(--bad)',
        owner: routing,
        firstStep: routing.firstStep,
        values: routing.drops,
      },
    ];
  }, [run]);

  if (!varies) return null;
  return (
    <section className="small-charts" aria-label="Routing over steps">
      <StepChart
        title="Computing experts"
        hint="Kept assignments to FFN and negated slots per token: bold for the mean of all MoE layers, faint for each layer"
        name="switchyard-computing-experts"
        height={112}
        lines={computing}
        format={formatShort}
        isSmall
      />
      {hasKinds && (
        <StepChart
          title="Kinds of slots"
          hint="Part of all assignments, dropped ones included, that goes to slots of a kind"
          name="switchyard-kinds"
          height={112}
          lines={shares}
          format={formatPercent}
          isSmall
        />
      )}
      {mayDrop && (
        <StepChart
          title="Drops per step"
          hint="Assignments over capacity, in all MoE layers"
          name="switchyard-drops"
          height={112}
          lines={drops}
          format={formatCount}
          isSmall
        />
      )}
    </section>
  );
}
