import { memo, useMemo } from 'react';
import type { PolicyPreview } from '../../../config/ladimo.ts';
import type { MaxWeights } from '../../../worker/api.ts';
import { binsTable } from '../../kit/figure/binsTable.ts';
import { Distributions } from '../../kit/figure/Distributions.tsx';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Histogram } from '../../kit/figure/Histogram.tsx';
import { partBelow, rounded } from '../../kit/figure/quantileParts.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatFixed } from '../../kit/format.ts';
import type { AdaptiveFields, Chosen } from './fields.ts';
import { binEdges, binned, fiveOf, meanOf, together, weightsOf } from './shown.ts';

const QUANTITY = 'largest routing weight';

export interface WeightsProps {
  weights: MaxWeights;
  preview: PolicyPreview;
  value: Chosen;
  /** The layer that is shown. */
  layer: number;
  set: (part: Partial<AdaptiveFields>) => void;
  runs: readonly FigureRun[];
}

const three = (value: number) => formatFixed(value, 3);

/** Two lines that set p_u and p_e by where they are moved to among the values. */
function linesOf(
  { set }: WeightsProps,
  sorted: ArrayLike<number>,
  at: { alpha: number; beta: number },
  names: readonly [alpha: string, beta: string],
) {
  return [
    {
      at: at.beta,
      label: names[1],
      onMove: (to: number) => set({ pe: rounded(partBelow(sorted, to)) }),
    },
    {
      at: at.alpha,
      label: names[0],
      onMove: (to: number) => set({ pu: rounded(1 - partBelow(sorted, to)) }),
    },
  ];
}

/** The weights of all converted layers, with the quantiles over all of them (Figure 10). */
export function AllLayers(props: WeightsProps) {
  const { weights, preview, value, runs } = props;
  const { sorted, edges, counts } = useMemo(() => {
    const all = together(weights.layers);
    const at = binEdges(weights.N);
    return { sorted: all, edges: at, counts: binned(all, at) };
  }, [weights]);
  const series = [{ label: 'all converted layers', counts }];
  return (
    <FigureFrame
      name="switchyard-adaptive-all"
      title="All converted layers"
      caption={() =>
        `Largest routing weights of the student’s converted layers together; α ${three(preview.alpha)} with p_u ${value.pu}, β ${three(preview.beta)} with p_e ${value.pe}. LaDiMo, Figure 10.`
      }
      table={() => binsTable(edges, series)}
      runs={runs}
    >
      <Histogram
        edges={edges}
        series={series}
        format="decimal"
        quantity={QUANTITY}
        lines={linesOf(props, sorted, preview, ['α', 'β'])}
      />
    </FigureFrame>
  );
}

/** One layer's weights, a domain's over them, with the layer's own quantiles (Figures 8, 9). */
export function OneLayer(props: WeightsProps) {
  const { weights, preview, value, layer, runs } = props;
  const own = preview.layers.find((one) => one.layer === layer);
  const edges = useMemo(() => binEdges(weights.N), [weights]);
  const all = weightsOf(weights, layer, '');
  if (own === undefined || all === null) return null;
  const ofDomain = value.domain === '' ? null : weightsOf(weights, layer, value.domain);
  const series = [
    { label: 'all tokens', counts: binned(all, edges) },
    ...(ofDomain === null ? [] : [{ label: value.domain, counts: binned(ofDomain, edges) }]),
  ];
  return (
    <FigureFrame
      name={`switchyard-adaptive-layer-${layer}`}
      title={`Layer ${layer}: ${own.kind}`}
      caption={() =>
        `Largest routing weights of layer ${layer}${ofDomain === null ? '' : `, those of ${value.domain} over those of all tokens`}; α_i ${three(own.alpha)} and β_i ${three(own.beta)}, over all layers ${three(preview.alpha)} and ${three(preview.beta)}: ${own.kind}. LaDiMo, Figures 8 and 9.`
      }
      table={() => binsTable(edges, series)}
      runs={runs}
    >
      <Histogram
        edges={edges}
        series={series}
        format="decimal"
        quantity={QUANTITY}
        asParts
        lines={linesOf(props, all, own, ['α_i', 'β_i'])}
      />
    </FigureFrame>
  );
}

/** How the weights lie, by layer or by domain; moving the lines changes nothing of it. */
export const Spread = memo(function Spread({
  weights,
  layer,
  runs,
  set,
}: Pick<WeightsProps, 'weights' | 'layer' | 'runs' | 'set'>) {
  const byLayer = weights.layers.map((one) => ({ name: `L${one.layer}`, sorted: one.weights }));
  const byDomain = weights.domains.map(({ domain }) => ({
    name: domain,
    sorted: weightsOf(weights, layer, domain) ?? new Float32Array(),
  }));
  const drawn = [
    { id: 'layers', title: 'By layer', of: byLayer, figure: 'Figure 8' },
    { id: 'domains', title: `By domain, layer ${layer}`, of: byDomain, figure: 'Figure 9' },
  ];
  const tableOf = (of: typeof byLayer): FigureTable => ({
    columns: [
      { title: 'tokens of' },
      ...['least', 'quarter', 'median', 'three quarters', 'most', 'mean'].map((title) => ({
        title,
        format: 'decimal' as const,
      })),
      { title: 'tokens', format: 'count' },
    ],
    rows: of.map(({ name, sorted }) => [
      name,
      ...(fiveOf(sorted) ?? [null, null, null, null, null]),
      meanOf(sorted),
      sorted.length,
    ]),
  });
  return drawn.map(({ id, title, of, figure }) => (
    <FigureFrame
      key={id}
      name={`switchyard-adaptive-${id}`}
      title={title}
      caption={() =>
        `Quantiles and means of the largest routing weight; medians: ${of.map(({ name, sorted }) => `${name} ${three(fiveOf(sorted)?.[2] ?? Number.NaN)}`).join(', ')}. LaDiMo, ${figure}.`
      }
      table={() => tableOf(of)}
      runs={runs}
    >
      <Distributions
        of={of.map(({ name, sorted }) => ({
          category: name,
          quantiles: fiveOf(sorted),
          mean: meanOf(sorted),
          count: sorted.length,
        }))}
        format="decimal"
        quantity={QUANTITY}
        {...(id === 'layers'
          ? {
              onSelect: (i: number) => set({ layer: weights.layers[i]?.layer ?? -1 }),
              selects: 'show the layer',
            }
          : {})}
      />
    </FigureFrame>
  ));
});
