import { memo, useMemo } from 'react';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap, type HeatMapProps } from '../../kit/figure/HeatMap.tsx';
import { formatPercent, formatRatio } from '../../kit/format.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookSides } from '../../kit/LookSides.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import type { CoactivationFields } from './fields.ts';
import { type Matrix, matrixOf, matrixTable, ROWS, type Values } from './matrix.ts';
import './coactivation.css';

interface ShownProps {
  look: Look;
  place: number;
  values: Values;
  value: CoactivationFields['value'];
}

const LABELS = {
  conditional: ROWS.conditional.label,
  lift: ROWS.lift.label,
  both: ROWS.both.label,
} as const;
const COLORS = { conditional: 'sequential', lift: 'ratio', both: 'sequential' } as const;
/** Below the slots: any token, whatever it keeps. */
const ANY = { label: 'any token', short: 'any', title: 'any token (independent)' };

/** The most off the diagonal, and where; the first of equal ones. */
function mostOf({ R }: Matrix, data: ArrayLike<number>) {
  let best = { i: -1, j: -1, value: Number.NaN };
  for (let at = 0; at < data.length; at++) {
    const [i, j, value] = [Math.floor(at / R), at % R, data[at]!];
    if (i !== j && !Number.isNaN(value) && !(value <= best.value)) best = { i, j, value };
  }
  return best;
}

function cellsOf(matrix: Matrix, values: Values, value: ShownProps['value']): HeatMapProps {
  const { slots, R, independent, even, tokens } = matrix;
  const { data } = values[value];
  const { label, format } = ROWS[value];
  const hasAny = value === 'conditional';
  const offDiagonal = mostOf(matrix, data).value;
  const most = Math.max(offDiagonal || 0, ...(hasAny ? independent : []));
  return {
    rows: hasAny ? [...slots, ANY] : slots,
    columns: slots,
    value: (i, j) => (i < R ? data[i * R + j] : independent[j]) ?? null,
    ...{ format, color: COLORS[value], quantity: `${label}; rows: i, columns: j` },
    axes: ['i:', 'j:'],
    ...(COLORS[value] === 'sequential' && most > 0 ? { span: [0, most] as const } : {}),
    more(i, j) {
      if (i === R || tokens[i] === 0) return [];
      if (value === 'conditional')
        return [['independent', formatPercent(independent[j] ?? Number.NaN)]];
      if (value === 'both') return [['of i alone', formatValue(tokens[i] ?? null, 'count')]];
      const likely = i === j ? [] : [['equally likely sets', formatRatio(even)] as const];
      return [['independent', formatRatio(1)], ...likely];
    },
  };
}

const Shown = memo(function Shown({ look, place, values, value }: ShownProps) {
  const matrix = useMemo(() => matrixOf(look, place, values), [look, place, values]);
  const cells = useMemo(() => cellsOf(matrix, values, value), [matrix, values, value]);
  const { label, formula, format, meaning } = ROWS[value];
  const { slots, even, tokens } = matrix;

  function caption(): string {
    const { i, j, value: most } = mostOf(matrix, values[value].data);
    const pair = i < 0 ? '' : ` Most: i = ${i}, j = ${j}, ${formatValue(most, format)}.`;
    const likely =
      value === 'lift' && Number.isFinite(even)
        ? ` Independent: 1; equally likely sets: ${formatRatio(even)}.`
        : '';
    const never = tokens.flatMap((n, slot) => (n === 0 ? [slot] : []));
    const undefinedRows = never.length === 0 ? '' : ` Never kept: slot ${never.join(', ')}.`;
    return `${meaning} ${label} = ${formula}.${pair}${likely}${undefinedRows} ${lookSentence(look)}`;
  }

  return (
    <FigureFrame
      name="switchyard-coactivation"
      title={`${label}, layer ${look.layers[place]?.layer}`}
      caption={caption}
      table={() => matrixTable(matrix, values, value)}
    >
      {slots.length > 0 && <HeatMap {...cells} />}
    </FigureFrame>
  );
});

function Side({
  look,
  layers,
  value,
}: {
  look: Look;
  layers: readonly { values: Values }[];
  value: ShownProps['value'];
}) {
  const place = useLookPlace(look);
  const values = layers[place]?.values;
  return values === undefined ? null : <Shown {...{ look, place, values, value }} />;
}

export const about: Explanation = {
  label: 'Co-activation',
  meaning:
    'Which slots of a layer the same tokens keep: of the tokens of slot i the part that keep slot j too, beside the part of all tokens that keep j. A slot that no token keeps has no row.',
  formula: 'P(j | i) = both_ij / a_i; lift = both_ij·U / (a_i·a_j)',
  source: 'FLAME-MoE',
};

/** Which slots of a layer work together. */
export default function CoactivationPanel({ value: own, set }: ViewProps<CoactivationFields>) {
  const { value } = own;
  const sides = useFigures(useLookText(), [{ figure: 'coactivation' }]);
  return (
    <PanelFrame
      className="coactivation"
      beside={<LookLayerPicker look={sides[0]?.look ?? null} />}
      sub="kept assignments"
      tools={
        <Picker
          label="Value"
          value={value}
          options={LABELS}
          choose={(chosen) => set({ value: chosen })}
        />
      }
    >
      <LookSides of={sides} moe>
        {({ look, results: [{ layers }] }) => <Side {...{ look, layers, value }} />}
      </LookSides>
    </PanelFrame>
  );
}
