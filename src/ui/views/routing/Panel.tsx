import { useCallback, useMemo } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import { SLOT_KINDS } from '../../../config/slots.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Series } from '../../kit/charts/series.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatCount, formatPercent, formatShort } from '../../kit/format.ts';
import { KIND_COLORS, kindNames } from '../../kit/kinds.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import type { ViewProps } from '../view.ts';
import './routing.css';

/** Most layers that get a line of their own. */
const MAX_LAYERS = 8;

/** What there is to see of an experiment's routing beside its loads. */
function useWorthShowing(source: RunSource) {
  const head = useHead(source);
  return useMemo(() => {
    const { experiment } = head;
    const layers = source.spaces(null);
    const kinds = SLOT_KINDS.filter((kind) => layers.some((layer) => layer.kinds.includes(kind)));
    // As it began and as it is: what an edit changed has lines of its own before.
    const routers = [experiment, experimentAtStep(experiment, source.step + 1)].map(
      ({ router }) => router,
    );
    const mayDrop = layers.length > 0 && routers.some(({ capacity }) => capacity !== null);
    const isEven = routers.every(({ selection, K }) => selection === 'topk' && K === routers[0]?.K);
    return {
      layers: layers.map(({ layer }) => layer),
      kinds,
      hasKinds: kinds.length > 1,
      mayDrop,
      varies: layers.length > 0 && (kinds.length > 1 || mayDrop || !isEven),
    };
  }, [head, source]);
}

function computingSeries(source: RunSource, layers: readonly number[]): Series[] {
  const perLayer = layers.slice(0, MAX_LAYERS).map(
    (layer, place): Series => ({
      key: `layer${layer}`,
      label: `L${layer}`,
      color: 'var(--train)',
      isFaint: true,
      isUnlisted: true,
      ...source.line(`computing.${place}`),
    }),
  );
  const mean: Series = {
    key: 'mean',
    label: 'all layers',
    color: 'var(--train)',
    ...source.line('computing.mean'),
  };
  return [...perLayer, mean];
}

export const about: Explanation = {
  label: 'Routing over steps',
  meaning:
    'How much the router lets compute, and where it sends the rest: kept assignments to FFN and negated slots per token, the part of all assignments that each kind of slot gets, and those over capacity.',
};

/** Computing experts per token, kinds of slots and drops over steps, where there is something to show. */
export default function RoutingPanel({ source }: ViewProps) {
  const { layers, kinds, hasKinds, mayDrop, varies } = useWorthShowing(source);
  const names = kindNames(kinds);

  const computing = useCallback(() => computingSeries(source, layers), [source, layers]);
  const shares = useCallback(() => {
    return kinds.map(
      (kind): Series => ({
        key: kind,
        label: names[kind],
        color: KIND_COLORS[kind],
        ...source.line(`share.${kind}`),
      }),
    );
  }, [source, kinds, names]);
  const drops = useCallback((): Series[] => {
    return [
      {
        key: 'dropped',
        label: 'assignments dropped',
        color: 'var(--bad)',
        ...source.line('drops'),
      },
    ];
  }, [source]);

  if (!varies)
    return (
      <PanelFrame>
        <p className="empty">
          Every token computes with the same number of experts and none is dropped: there is nothing
          to draw until the router may vary them.
        </p>
      </PanelFrame>
    );
  return (
    <PanelFrame className="routing">
      <div className="routing-charts">
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
      </div>
    </PanelFrame>
  );
}
