import { memo } from 'react';
import { difficultByLayer, reductions, sums } from '../../../analysis/papers/modse.ts';
import { isComputing } from '../../../config/slots.ts';
import { type BarSeries, Bars } from '../../kit/figure/Bars.tsx';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatCount, formatLoss } from '../../kit/format.ts';
import { lookSentence, slotColumns, slotLabels } from '../../kit/lookWords.ts';
import { shownPlace } from './fields.ts';
import {
  type Answered,
  lossTable,
  printedAt,
  routingTable,
  shownRank,
  sumsTable,
  thresholdNames,
} from './shown.ts';

interface FiguresProps extends Answered {
  /** The run and its baseline. */
  runs: readonly FigureRun[];
}

/** Table 5: losses of the baseline and of the run on the same difficult tokens. */
function Losses({ runs, ...of }: FiguresProps) {
  const { count, baselineCe, ce, reduction } = of.result.values;
  const names = thresholdNames(of);
  const printed = printedAt(of, 'reduction');
  const series = (i: number, label: string, values: ArrayLike<number>): BarSeries => {
    return { label, values: Array.from(values), ...categoryLook(i) };
  };
  const texts = Array.from(
    reduction.data,
    (nats, i) => `${names[i]}: ${formatLoss(nats)} (${formatCount(count.data[i] ?? 0)} tokens)`,
  );
  const words = `Reduction of the loss from ${runs[1]?.name} to ${runs[0]?.name}, mean over the tokens whose loss under the baseline is above a threshold, in nats: ${texts.join(', ')}. ${lookSentence(of.look)}`;
  return (
    <>
      <FigureFrame
        name="switchyard-difficult-reduction"
        title="Reduction of the loss by threshold"
        caption={() => words}
        table={() => lossTable(of)}
        runs={runs}
      >
        <Bars
          categories={names}
          series={[
            series(0, 'reduction here', reduction.data),
            ...(printed.some((value) => value !== null)
              ? [{ label: 'MoDSE Table 5', values: printed, ...categoryLook(1) }]
              : []),
          ]}
          format="nats"
          quantity="nats per token"
        />
      </FigureFrame>
      <FigureFrame
        name="switchyard-difficult-loss"
        title="Loss on difficult tokens"
        caption={() => words}
        table={() => lossTable(of)}
        runs={runs}
      >
        <Bars
          categories={names}
          series={[series(7, 'baseline', baselineCe.data), series(0, 'this run', ce.data)]}
          format="nats"
          quantity="nats per token"
        />
      </FigureFrame>
    </>
  );
}

/** Figure 4 and Table 9: which slots the difficult tokens of one threshold take, layer by layer. */
function Routing({ runs, ...of }: FiguresProps) {
  const { result, look, value } = of;
  const place = shownPlace(value);
  const name = thresholdNames(of)[place];
  const isFirst = shownRank(value, look) === 'first';
  const ranks = isFirst ? 'at rank 0' : 'at all ranks';
  return (
    <FigureFrame
      name="switchyard-difficult-routing"
      title={`Routing of difficult tokens, ${ranks}`}
      caption={() =>
        `Tokens whose loss under the baseline is ${name} nats, by layer and slot ${ranks}. ${lookSentence(look)}`
      }
      table={() => routingTable(of, place)}
      runs={runs}
    >
      <HeatMap
        rows={result.layers.map(({ layer }) => `L${layer}`)}
        columns={slotColumns(look.layers.map(slotLabels))}
        value={(row, column) => {
          const counts = result.layers[row]?.values[isFirst ? 'rank0' : 'all'];
          if (counts === undefined || column >= (counts.shape[1] ?? 0)) return null;
          return elementAt(counts, place, column);
        }}
        format="count"
        color="sequential"
        quantity="tokens"
        axes={['layer', 'slot']}
      />
    </FigureFrame>
  );
}

/** Table 6: difficult tokens in wider and in narrower experts. */
function Sums({ runs, ...of }: FiguresProps) {
  const { result, look, value } = of;
  const hasWidths = look.layers.some(({ kinds, hidden }) => {
    const widths = hidden.filter((_, slot) => isComputing(kinds[slot] ?? 'zero'));
    return new Set(widths).size > 1;
  });
  if (!hasWidths)
    return (
      <p className="muted difficult-note">
        The experts of this model are all of one width: none is wider or narrower than the others.
      </p>
    );
  const { widerRank0, narrowerRank0, widerAll, narrowerAll } = result.values;
  const isFirst = shownRank(value, look) === 'first';
  const [wider, narrower] = isFirst ? [widerRank0, narrowerRank0] : [widerAll, narrowerAll];
  const names = thresholdNames(of);
  const ranks = isFirst ? 'at rank 0' : 'at all ranks';
  const texts = names.map((name, i) => `${name}: ${wider.data[i]} and ${narrower.data[i]}`);
  return (
    <FigureFrame
      name="switchyard-difficult-width"
      title={`Difficult tokens by width of the expert, ${ranks}`}
      caption={() =>
        `Assignments of difficult tokens to experts wider and narrower than the mean of their layer ${ranks}, summed over layers: ${texts.join(', ')}. ${lookSentence(look)}`
      }
      table={() => sumsTable(of)}
      runs={runs}
    >
      <Bars
        categories={names}
        series={[
          { label: 'wider', values: Array.from(wider.data), ...categoryLook(0) },
          { label: 'narrower', values: Array.from(narrower.data), ...categoryLook(1) },
        ]}
        format="count"
        quantity="assignments of difficult tokens, summed over layers"
      />
    </FigureFrame>
  );
}

/** Drawn anew with another answer only. */
export const Figures = memo(function Figures(props: FiguresProps) {
  return (
    <>
      <Losses {...props} />
      <Routing {...props} />
      <Sums {...props} />
    </>
  );
});

/** What the paper prints. */
export function Printed() {
  return (
    <div className="figure-sides two">
      <PrintedData of={reductions} />
      <PrintedData of={sums} />
      <PrintedData of={difficultByLayer} />
    </div>
  );
}
