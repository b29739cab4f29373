import { memo } from 'react';
import { SCORE_EDGES } from '../../../analysis/figures/scores.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { binsTable } from '../../kit/figure/binsTable.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { Histogram } from '../../kit/figure/Histogram.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import { LookLayerPicker } from '../../kit/LookLayerPicker.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { Picker } from '../../kit/Picker.tsx';
import { MEASURES, type Measure } from './fields.ts';
import { layerOf, layersOf, measuresTable, ROWS, type Run, runName, sharedIdeal } from './shown.ts';

interface ScoreProps {
  runs: readonly Run[];
  /** Index of the layer. */
  layer: number;
}

const SCORES = {
  first: { histogram: 'top1Histogram', mean: 'top1Mean', variance: 'top1Variance' },
  second: { histogram: 'top2Histogram', mean: 'top2Mean', variance: 'top2Variance' },
} as const;

const runsOf = (runs: readonly Run[]) =>
  runs.map((run) => ({ name: runName(run), experiment: run.side.source.head.experiment }));

/** Figure 6: one score of all tokens in a layer, of two runs the second over the first. */
const Score = memo(function Score({
  runs,
  layer,
  score,
}: ScoreProps & { score: keyof typeof SCORES }) {
  const { histogram, mean, variance } = SCORES[score];
  const has = runs.filter((run) => layerOf(run, layer) !== null);
  const title = `${ROWS[mean].label}, layer ${layer}`;
  const series = has.map((run) => ({
    label: runName(run),
    counts: layerOf(run, layer)?.values[histogram].data ?? [],
  }));
  const moments = has.map((run) => {
    const values = layerOf(run, layer)?.values;
    const text = (name: typeof mean | typeof variance) =>
      formatValue(values?.[name] ?? null, ROWS[name].format);
    return `${runName(run)}: mean ${text(mean)}, variance ${text(variance)}`;
  });
  return (
    <FigureFrame
      name={`switchyard-scores-${score}`}
      title={title}
      caption={() =>
        `Tokens by the ${score === 'first' ? 'highest' : 'second-highest'} routing score. ${moments.join('; ')}. ${has.map(({ look }) => lookSentence(look)).join(' ')}`
      }
      table={() => binsTable(SCORE_EDGES, series)}
      runs={runsOf(has)}
    >
      <Histogram
        edges={SCORE_EDGES}
        series={series}
        format="decimal"
        quantity="routing score"
        asParts
      />
      <ul className="scores-moments num">
        {moments.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </FigureFrame>
  );
});

/** One number of every layer, of all runs. */
const ByLayer = memo(function ByLayer({
  runs,
  measure,
  choose,
}: {
  runs: readonly Run[];
  measure: Measure;
  choose: (measure: Measure) => void;
}) {
  const row = ROWS[measure];
  const layers = layersOf(runs);
  const ideals = layers.map((layer) => sharedIdeal(runs, measure, layer));
  const hasIdeal = ideals.some((ideal) => ideal !== null);
  const options = Object.fromEntries(MEASURES.map((name) => [name, ROWS[name].label]));
  const texts = runs.map((run) => {
    const values = run.results[0].layers.map(
      ({ layer, values }) => `L${layer} ${formatValue(values[measure], row.format)}`,
    );
    return `${runName(run)}: ${values.join(', ')}`;
  });
  return (
    <FigureFrame
      name={`switchyard-scores-${measure}`}
      title={`${row.label} by layer`}
      tools={
        <Picker
          label="Number of a layer"
          value={measure}
          options={options as Record<Measure, string>}
          choose={choose}
        />
      }
      caption={() =>
        `${row.meaning} ${row.formula}. ${texts.join('; ')}. ${runs.map(({ look }) => lookSentence(look)).join(' ')}`
      }
      table={() => measuresTable(runs)}
      runs={runsOf(runs)}
    >
      <Bars
        categories={layers.map((layer) => `L${layer}`)}
        series={runs.map((run, i) => ({
          label: runName(run),
          values: layers.map((layer) => layerOf(run, layer)?.values[measure] ?? null),
          ...categoryLook(i),
        }))}
        format={row.format}
        quantity={row.label.toLowerCase()}
        {...(hasIdeal ? { ideal: (i: number) => ideals[i] ?? Number.NaN, idealLabel: 'ln R' } : {})}
      />
      <p className="muted">
        {row.meaning.replace(/\.$/, '')} (<span className="num">{row.formula}</span>).
      </p>
    </FigureFrame>
  );
});

interface FiguresProps extends ScoreProps {
  measure: Measure;
  choose: (measure: Measure) => void;
}

export function Figures({ runs, layer, measure, choose }: FiguresProps) {
  return (
    <>
      <LookLayerPicker look={runs[0]?.look ?? null} />
      <div className="figure-sides two">
        <Score runs={runs} layer={layer} score="first" />
        <Score runs={runs} layer={layer} score="second" />
      </div>
      <ByLayer runs={runs} measure={measure} choose={choose} />
    </>
  );
}
