import { memo, useMemo } from 'react';
import { FIGURES } from '../../../analysis/figures.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap, type HeatMapProps } from '../../kit/figure/HeatMap.tsx';
import { formatCount } from '../../kit/format.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookSides } from '../../kit/LookSides.tsx';
import { areRanked, lookSentence, NO_RANKS, slotLabels } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import type { FlowFields } from './fields.ts';
import { Ribbons } from './Ribbons.tsx';
import { type FlowResult, type FlowStep, flowSteps, flowTable, largestOf } from './steps.ts';
import './flow.css';

/** Slots of a layer that ribbons can still be told apart for. */
const MOST_SLOTS = 16;
/** Steps that are drawn beside each other. */
const MOST_STEPS = 7;

function captionOf(look: Look, steps: readonly FlowStep[]): string {
  const { meaning, formula } = FIGURES.flow.layerRows.counts;
  const best = largestOf(look, steps);
  const most =
    best === null
      ? ''
      : ` Largest: ${best.from} to ${best.to}, ${formatCount(best.tokens)} tokens.`;
  return `${meaning} ${formula}.${most} ${lookSentence(look)}`;
}

const Matrix = memo(function Matrix({ look, step }: { look: Look; step: FlowStep }) {
  const [here, there] = [look.layers[step.from], look.layers[step.to]];
  const cells = useMemo((): HeatMapProps | null => {
    if (here === undefined || there === undefined) return null;
    const R = there.kinds.length;
    return {
      rows: slotLabels(here),
      columns: slotLabels(there),
      value: (row, column) => step.counts.data[row * R + column] ?? null,
      format: 'count',
      color: 'sequential',
      quantity: 'tokens; from rows to columns',
      axes: ['from', 'to'],
    };
  }, [here, there, step]);
  if (cells === null) return null;
  return (
    <FigureFrame
      name="switchyard-flow-matrix"
      title={`Flow from layer ${here?.layer} to layer ${there?.layer}`}
      caption={() => captionOf(look, [step])}
      table={() => flowTable(look, [step])}
    >
      <HeatMap {...cells} />
    </FigureFrame>
  );
});

const widestOf = ({ layers }: Look) => Math.max(0, ...layers.map(({ kinds }) => kinds.length));

/** Whether all layers are shown at once. */
function isWhole(look: Look, form: FlowFields['form']): boolean {
  const isNarrow = form === 'ribbons' && widestOf(look) <= MOST_SLOTS;
  return isNarrow && look.layers.length <= MOST_STEPS + 1;
}

function Shown({
  look,
  result,
  form,
}: {
  look: Look;
  result: FlowResult;
  form: FlowFields['form'];
}) {
  const place = useLookPlace(look);
  const steps = useMemo(() => flowSteps(result), [result]);
  const widest = widestOf(look);
  const last = Math.max(0, steps.length - 1);
  const first = Math.max(0, Math.min(place, steps.length - MOST_STEPS));
  const shown = useMemo(() => steps.slice(first, first + MOST_STEPS), [steps, first]);
  const [step] = steps.slice(Math.min(place, last));
  if (!areRanked(look)) return <p className="empty">{NO_RANKS}</p>;
  if (step === undefined) return <p className="empty">This model has one MoE layer only.</p>;
  if (form === 'matrix' || widest > MOST_SLOTS)
    return (
      <>
        {form === 'ribbons' && (
          <p className="flow-note">
            A layer has {widest} slots: above {MOST_SLOTS} a matrix takes the ribbons’ place.
          </p>
        )}
        <Matrix look={look} step={step} />
      </>
    );
  return (
    <FigureFrame
      name="switchyard-flow"
      title="Flow of first choices from layer to layer"
      caption={() => captionOf(look, shown)}
      table={() => flowTable(look, shown)}
    >
      <Ribbons look={look} steps={shown} />
    </FigureFrame>
  );
}

export const about: Explanation = {
  label: 'Flow between layers',
  meaning:
    'Tokens by the slot that they choose first in a MoE layer and in the next one; dense layers between are skipped. Slots stand in their own order.',
  formula: '#{u : rank-0 slot is i here and j in the next MoE layer}',
};

/** Tokens between neighbouring MoE layers. */
export default function FlowPanel({ value: { form }, set }: ViewProps<FlowFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'flow' }]);
  const look = sides[0]?.look ?? null;
  return (
    <PanelFrame
      className="flow"
      beside={look !== null && !isWhole(look, form) && <LookLayerPicker look={look} />}
      sub="first choices"
      tools={
        <Picker
          label="Form of the flow"
          value={form}
          options={{ ribbons: 'Ribbons', matrix: 'Matrix' }}
          choose={(form) => set({ form })}
        />
      }
    >
      <LookSides of={sides} moe>
        {({ look, results: [result] }) => <Shown {...{ look, result, form }} />}
      </LookSides>
    </PanelFrame>
  );
}
