import { useMemo } from 'react';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { type SideFigures, useFigures, useLookText } from '../../kit/instruments.ts';
import { LookSides } from '../../kit/LookSides.tsx';
import { areRanked } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { Figures, Printed } from './Figures.tsx';
import { DIFFICULT_FIELDS, type DifficultFields, requestOf, shownPlace } from './fields.ts';
import { shownRank } from './shown.ts';
import { Numbers } from './Thresholds.tsx';
import './difficult.css';

type Shown = SideFigures<readonly [ReturnType<typeof requestOf>]>;

const OTHER_TOKENS =
  'The two runs read other tokens: a baseline needs the same tokenizer and the same text.';

/** The side that is looked at; two looks that cannot be compared say why. */
function shownSide(sides: readonly Shown[], swapped: boolean): Shown | undefined {
  const of = sides.find(({ side }) => side.key === (swapped ? 'b' : 'a')) ?? sides[0];
  const areLooked = sides.length > 1 && sides.every(({ look }) => look !== null);
  const isRefused = of?.answers[0].refusal !== null;
  return of !== undefined && areLooked && isRefused ? { ...of, problem: OTHER_TOKENS } : of;
}

const RANKS = { first: 'rank 0', all: 'all ranks' } as const;

interface ToolsProps extends Pick<ViewProps<DifficultFields>, 'value' | 'set'> {
  look: Look | null;
}

function Tools({ value, set, look }: ToolsProps) {
  const { by } = value;
  const list = value[by];
  const unit = by === 'nats' ? 'nats' : 'quantile';
  const places = Object.fromEntries(list.map((threshold, i) => [i, `${unit} ${threshold}`]));
  return (
    <div className="difficult-fields">
      <Picker
        label="Thresholds"
        value={by}
        options={{ quantiles: 'quantiles of the baseline’s loss', nats: 'nats, as in the paper' }}
        choose={(by) => set({ by })}
      />
      <Numbers
        label={by === 'nats' ? 'Thresholds in nats' : 'Quantiles'}
        allowed={by === 'nats' ? 'up to 8 numbers from 0 to 100' : 'up to 8 numbers from 0 to 1'}
        field={DIFFICULT_FIELDS[by]}
        value={list}
        change={(numbers) => set({ [by]: numbers })}
      />
      <Picker
        label="Threshold of the routing"
        value={String(shownPlace(value))}
        options={places}
        choose={(at) => set({ at: Number(at) })}
      />
      <Picker
        label="Ranks"
        value={shownRank(value, look)}
        options={look === null || areRanked(look) ? RANKS : { all: RANKS.all }}
        choose={(rank) => set({ rank })}
      />
    </div>
  );
}

export const about: Explanation = {
  label: 'Difficult tokens',
  meaning:
    'Tokens that the baseline, the run beside, finds hard: how much better the shown run is on them, and which experts take them. MoDSE finds that wider experts do.',
  formula: 'u is difficult at θ: ce_u of the baseline > θ; reduction: mean of (baseline’s ce − ce)',
  source: 'MoDSE Tables 5, 6, 9, Figure 4',
};

/** Difficult tokens: the run's loss on them against the baseline's, and the experts that take them. */
export default function DifficultPanel({ value, set }: ViewProps<DifficultFields>) {
  const sides = useFigures(useLookText(), [requestOf(value)]);
  const shown = shownSide(sides, value.swapped);
  const other = sides.find(({ side }) => side.key !== shown?.side.key);
  const runs = useMemo(
    () =>
      [shown, other].flatMap((of): FigureRun[] =>
        of === undefined
          ? []
          : [{ name: of.side.name, experiment: of.side.source.head.experiment }],
      ),
    [shown, other],
  );
  return (
    <PanelFrame
      className="difficult"
      sub={other && `${shown?.side.name}; baseline: ${other.side.name}`}
      tools={
        other && (
          <button
            type="button"
            className="btn small"
            aria-pressed={value.swapped}
            onClick={() => set({ swapped: !value.swapped })}
          >
            Swap roles
          </button>
        )
      }
    >
      <Tools value={value} set={set} look={shown?.look ?? null} />
      <LookSides of={shown === undefined ? [] : [shown]} moe>
        {({ look, results: [result] }) => (
          <Figures result={result} look={look} value={value} runs={runs} />
        )}
      </LookSides>
      <Printed />
    </PanelFrame>
  );
}
