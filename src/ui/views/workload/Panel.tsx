import { memo, useMemo } from 'react';
import { experimentAtStep } from '../../../config/edit.ts';
import type { Experiment } from '../../../config/experiment.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { formatCount, formatFixed, formatPercent } from '../../kit/format.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { type Answered, LookSides } from '../../kit/LookSides.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { DROP_ROWS, type DropsValues, dropBars, droppedBy, dropTable } from './drops.ts';
import type { WorkloadFields } from './fields.ts';
import {
  histogramMap,
  histogramTable,
  histogramWords,
  WORK_ROWS,
  type WorkloadResult,
  workBars,
  workTable,
} from './work.ts';
import './workload.css';

type Own = Pick<ViewProps<WorkloadFields>, 'value' | 'set'>;
type Requests = readonly [
  { figure: 'workload' },
  { figure: 'drops' },
  { figure: 'load'; weights: 'uniform' },
];

const WORK_NAMES = {
  widthMean: WORK_ROWS.widthMean.label,
  widthPerToken: WORK_ROWS.widthPerToken.label,
  computingMean: WORK_ROWS.computingMean.label,
} as const;

interface WorkProps {
  look: Look;
  result: WorkloadResult;
}

/** Width or computing experts of every layer, and over all. */
const Widths = memo(function Widths({
  look,
  result,
  work,
  set,
}: WorkProps & { work: WorkloadFields['work'] } & Pick<Own, 'set'>) {
  const bars = useMemo(() => workBars(look, result, work), [look, result, work]);
  const { label, formula, format, source } = WORK_ROWS[work];
  const isWidth = work === 'widthMean';
  return (
    <FigureFrame
      name="switchyard-workload"
      title={`${label} by layer`}
      caption={() =>
        `${label}, ${formula} (${source}); over layers ${formatValue(result.values[work], format)}.${isWidth ? ' Dashed: equal loads.' : ''} ${lookSentence(look)}`
      }
      table={() => workTable(look, result)}
      tools={
        <Picker
          label="Work"
          value={work}
          options={WORK_NAMES}
          choose={(chosen) => set({ work: chosen })}
        />
      }
    >
      <Bars {...bars} />
      {isWidth && (
        <p className="workload-note">
          Printed, MoDSE 4.2: 4045 against 3840 of its uniform baseline, 1.05 times as wide.
        </p>
      )}
    </FigureFrame>
  );
});

/** How many slots compute for a token, layer by layer. */
const Computing = memo(function Computing({ look, result }: WorkProps) {
  const cells = useMemo(() => histogramMap(result), [result]);
  const { formula, source } = WORK_ROWS.histogram;
  return (
    <FigureFrame
      name="switchyard-computing"
      title="Tokens by computing experts"
      caption={() =>
        `${formula} (${source}). On average ${formatFixed(result.values.computingMean, 3)} computing experts per token; tokens by their number: ${histogramWords(result)}. ${lookSentence(look)}`
      }
      table={() => histogramTable(result)}
    >
      <HeatMap {...cells} />
    </FigureFrame>
  );
});

interface DropsProps extends Pick<Own, 'set'> {
  look: Look;
  place: number;
  values: DropsValues;
  total: ArrayLike<number>;
  by: WorkloadFields['by'];
  experiment: Experiment;
}

const Drops = memo(function Drops(props: DropsProps) {
  const { look, place, values, total, by, experiment, set } = props;
  const of = useMemo(
    () => droppedBy(by, { look, place, values, total, experiment }),
    [by, look, place, values, total, experiment],
  );
  const bars = useMemo(() => dropBars(of), [of]);
  const { formula, source } = DROP_ROWS.rate;
  const isSlot = by === 'slot';
  return (
    <FigureFrame
      name={`switchyard-drops-${by}`}
      title={`${isSlot ? 'Dropped and kept' : 'Drop rate'} by ${by}, layer ${look.layers[place]?.layer}`}
      caption={() =>
        `${formatCount(values.dropped)} assignments dropped, ${formatPercent(values.rate)} (${formula}, ${source}); γ = ${experiment.router.capacity}.${of.places === null ? '' : ' Dashed: places of the slot in all batches together.'} ${lookSentence(look)}`
      }
      table={() => dropTable(of)}
      tools={
        <Picker
          label="Drops"
          value={by}
          options={{ slot: 'by slot', position: 'by position', sequence: 'by sequence' }}
          choose={(chosen) => set({ by: chosen })}
        />
      }
    >
      <Bars {...bars} />
    </FigureFrame>
  );
});

function Side({ answered, value, set }: Own & { answered: Answered<Requests> }) {
  const { side, look, results } = answered;
  const [result, { layers: drops }, { layers: loads }] = results;
  const place = useLookPlace(look);
  const [values, total] = [drops[place]?.values, loads[place]?.values.total.data];
  const head = side.source.head.experiment;
  const experiment = useMemo(() => experimentAtStep(head, look.step + 1), [head, look.step]);
  const { capacity, selection } = experiment.router;
  const takesTokens = selection === 'expertChoice';
  const dropsAtAll = experiment.evaluation.capacity && capacity !== null && !takesTokens;
  return (
    <>
      <Widths {...{ look, result, set }} work={value.work} />
      <Computing {...{ look, result }} />
      {!dropsAtAll ? (
        <p className="workload-note">
          {takesTokens
            ? 'Under expert choice slots take as many tokens as they have places for: nothing is dropped.'
            : capacity === null
              ? 'This model has no capacity: nothing is dropped.'
              : 'Evaluation drops nothing: switch on capacity in evaluation to see drops.'}
        </p>
      ) : (
        values !== undefined &&
        total !== undefined && (
          <Drops {...{ look, place, values, total, experiment, set }} by={value.by} />
        )
      )}
    </>
  );
}

export const about: Explanation = {
  label: 'Work per token',
  meaning:
    'Hidden width of the chosen experts and computing experts per token, of kept assignments; and what capacity dropped, by slot, position and sequence.',
  source: 'MoDSE 4.2; MoE++ 8, Figure 5; TC-MoE Figure 9',
};

/** What tokens compute, and what is dropped. */
export default function WorkloadPanel({ value, set }: ViewProps<WorkloadFields>) {
  const sides = useFigures(useLookText(), [
    { figure: 'workload' },
    { figure: 'drops' },
    { figure: 'load', weights: 'uniform' },
  ]);
  return (
    <PanelFrame
      className="workload"
      beside={<LookLayerPicker look={sides[0]?.look ?? null} />}
      sub="kept assignments"
    >
      <LookSides of={sides} moe>
        {(answered) => <Side {...{ answered, value, set }} />}
      </LookSides>
    </PanelFrame>
  );
}
