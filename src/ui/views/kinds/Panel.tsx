import { memo, useMemo } from 'react';
import { equalPair } from '../../../analysis/figures/kinds.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { formatPercent } from '../../kit/format.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookSides } from '../../kit/LookSides.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import {
  type KindsResult,
  type KindsValues,
  kindsOf,
  layerBars,
  layerTable,
  pairBars,
  pairTable,
  ROWS,
} from './bars.ts';
import type { KindsFields } from './fields.ts';
import './kinds.css';

const TITLES = {
  ratio: 'Share of every kind by layer',
  perToken: 'Slots of every kind per token by layer',
} as const;

interface LayersProps extends KindsFields {
  look: Look;
  result: KindsResult;
}

/** Kinds of every layer, as TC-MoE's Figures 6 and 8 and MoE++'s Figure 4 show them. */
const Layers = memo(function Layers({ look, result, per }: LayersProps) {
  const bars = useMemo(() => layerBars(look, result, per), [look, result, per]);
  const { formula, format, source } = ROWS[per];

  function caption(): string {
    const told = kindsOf(look).map(({ label, at }) => {
      const values = result.layers.map(({ values }) => values[per].data[at] ?? Number.NaN);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      return `${label} ${formatValue(least, format)} to ${formatValue(most, format)}`;
    });
    return `Counted: ${formula} (${source}). Of the layers: ${told.join(', ')}. ${lookSentence(look)}`;
  }

  return (
    <FigureFrame
      name="switchyard-kinds"
      title={TITLES[per]}
      caption={caption}
      table={() => layerTable(look, result)}
    >
      <Bars {...bars} />
    </FigureFrame>
  );
});

interface PairsProps {
  look: Look;
  place: number;
  values: KindsValues;
}

/** The pairs of one layer, as TC-MoE's Figure 7 shows them. */
const Pairs = memo(function Pairs({ look, place, values }: PairsProps) {
  const bars = useMemo(() => pairBars(look, place, values), [look, place, values]);
  const { meaning, formula, source } = ROWS.pairs;
  const hasSigns = look.layers[place]?.kinds.includes('negated');
  return (
    <FigureFrame
      name="switchyard-pairs"
      title={`${hasSigns ? 'E and −E' : 'Share'} of every expert, layer ${look.layers[place]?.layer}`}
      caption={() =>
        `${meaning} ${formula} (${source}). Dashed: equal pairs, ${formatPercent(equalPair(values.pairs))}. ${lookSentence(look)}`
      }
      table={() => pairTable(look, place, values)}
    >
      <Bars {...bars} />
    </FigureFrame>
  );
});

function Side({ look, result, per }: LayersProps) {
  const place = useLookPlace(look);
  const values = result.layers[place]?.values;
  return (
    <>
      <Layers {...{ look, result, per }} />
      {values !== undefined && <Pairs {...{ look, place, values }} />}
    </>
  );
}

export const about: Explanation = {
  label: 'Activated ratio by kind',
  meaning:
    'Which kinds of slots the tokens of every layer choose: experts (E+), negated ones (E−), zero (E0), copy and constant; and of each expert how much goes to it with either sign.',
  source: 'TC-MoE Figures 6, 7, 8; MoE++ Figure 4',
};

/** Which kinds of slots tokens choose. */
export default function KindsPanel({ value: { per }, set }: ViewProps<KindsFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'kinds' }]);
  return (
    <PanelFrame
      className="kinds"
      beside={<LookLayerPicker look={sides[0]?.look ?? null} />}
      sub="all assignments"
      tools={
        <Picker
          label="Counted"
          value={per}
          options={{ ratio: 'Share of assignments', perToken: 'Slots per token' }}
          choose={(per) => set({ per })}
        />
      }
    >
      <LookSides of={sides} moe>
        {({ look, results: [result] }) => <Side {...{ look, result, per }} />}
      </LookSides>
    </PanelFrame>
  );
}
