import { memo, useMemo } from 'react';
import { vocabulary } from '../../../analysis/figures/vocabulary.ts';
import { counted } from '../../../config/plural.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Gradually } from '../../kit/figure/Gradually.tsx';
import { formatPercent } from '../../kit/format.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookPanel } from '../../kit/LookPanel.tsx';
import { areRanked, lookSentence, NO_RANKS, slotLabels } from '../../kit/lookWords.ts';
import { Picker } from '../../kit/Picker.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { MOST, type VocabularyFields } from './fields.ts';
import { TokenGrid } from './TokenGrid.tsx';
import { ideal, type LayerValues, listsOf, listTable, meanTable, type Result } from './tables.ts';
import './vocabulary.css';

const BY = { input: 'the token itself', target: 'the token to come' } as const;

const Means = memo(function Means({
  look,
  result,
  least,
}: {
  look: Look;
  result: Result;
  least: number;
}) {
  const row = vocabulary.layerRows.mean;
  const { layers } = result;
  return (
    <FigureFrame
      name="switchyard-vocabulary-mean"
      title="Vocabulary specialisation by layer"
      caption={() =>
        `${row.meaning} ${layers
          .map(
            ({ layer, values: { mean } }, place) =>
              `layer ${layer} ${formatPercent(mean)} (1/R ${formatPercent(ideal(look, place))})`,
          )
          .join(', ')}; ids that occur ${least} times or more. ${lookSentence(look)}`
      }
      table={() => meanTable(look, result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Bars
        categories={layers.map(({ layer }) => `layer ${layer}`)}
        series={[
          {
            label: 'mean share',
            color: 'var(--figure-1)',
            values: layers.map(({ values }) => values.mean),
          },
        ]}
        ideal={(place) => ideal(look, place)}
        idealLabel="1/R"
        format={row.format}
        quantity="share of an id’s tokens that its most frequent slot gets, mean over ids"
      />
    </FigureFrame>
  );
});

const Lists = memo(function Lists({
  look,
  place,
  values,
}: {
  look: Look;
  place: number;
  values: LayerValues;
}) {
  const layer = look.layers[place];
  const lists = useMemo(() => listsOf(look, values), [look, values]);
  if (layer === undefined) return null;
  const row = vocabulary.layerRows.bySlot;
  return (
    <FigureFrame
      name={`switchyard-vocabulary-layer-${layer.layer}`}
      title={`Tokens of each slot, layer ${layer.layer}`}
      caption={() => `${row.meaning} Below each: its share and its lift. ${lookSentence(look)}`}
      table={() => listTable(look, place, lists)}
      tools={<Explain about={vocabulary.layerRows.lift}>?</Explain>}
    >
      <p className="vocabulary-key">
        Below each token: the share of its occurrences that this slot gets (its shade), and that
        share over the slot’s share of all tokens (lift).
      </p>
      <TokenGrid slots={slotLabels(layer)} lists={lists} />
    </FigureFrame>
  );
});

function Shown({ look, result, least }: { look: Look; result: Result; least: number }) {
  const place = useLookPlace(look);
  const layer = result.layers[place];
  if (!areRanked(look)) return <p className="empty">{NO_RANKS}</p>;
  if (layer === undefined || result.values.ids.data.length === 0)
    return (
      <p className="empty">
        No token id occurs {counted(least, 'time')} or more in this text: look at more of it, or ask
        for fewer.
      </p>
    );
  return (
    <Gradually>
      <Means {...{ look, result, least }} />
      <Lists {...{ look, place }} values={layer.values} />
    </Gradually>
  );
}

function Controls({ value, set }: Pick<ViewProps<VocabularyFields>, 'value' | 'set'>) {
  return (
    <div className="panel-fields">
      <span>
        By
        <Picker label="Ids of" value={value.by} options={BY} choose={(by) => set({ by })} />
      </span>
      <span>
        at least
        <WholeNumber
          label="Fewest occurrences"
          value={value.least}
          min={1}
          max={MOST.least}
          change={(least) => set({ least })}
        />
        times
      </span>
      <span>
        <WholeNumber
          label="Tokens of each slot"
          value={value.top}
          min={1}
          max={MOST.top}
          change={(top) => set({ top })}
        />
        of each slot
      </span>
    </div>
  );
}

export const about: Explanation = {
  label: 'Vocabulary specialisation',
  meaning:
    'How surely a token’s id alone tells its first slot, and the ids that each slot takes most surely. OLMoE takes every id for the mean, and those that occur ten times for its lists.',
  source: 'OLMoE, section 5',
};

/** How surely a token's id tells its first slot, and which ids each slot takes. */
export default function VocabularyPanel({ value, set }: ViewProps<VocabularyFields>) {
  const { by, least, top } = value;
  const sides = useFigures(useLookText(), [{ figure: 'vocabulary', by, minCount: least, top }]);
  return (
    <LookPanel
      className="vocabulary"
      sides={sides}
      moe
      controls={<Controls value={value} set={set} />}
    >
      {({ look, results: [result] }) => <Shown {...{ look, result, least }} />}
    </LookPanel>
  );
}
