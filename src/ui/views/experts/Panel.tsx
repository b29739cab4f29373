import { useMemo } from 'react';
import type { Explanation } from '../../kit/explanation.ts';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { allAnswered, LookSides } from '../../kit/LookSides.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { Balance } from './Balance.tsx';
import { CountBars, MaxMin } from './Counts.tsx';
import { type CountedLayer, countedLayers } from './counted.ts';
import { ExpertMap, valuesOf } from './ExpertMap.tsx';
import type { ExpertsFields } from './fields.ts';
import { type ExpertsSeen, type MapRow, mapRows, ranksOf } from './map.ts';
import { Printed } from './Printed.tsx';
import { QUANTITIES, quantityOf, rankName } from './quantities.ts';
import './experts.css';

const ALL = 'all';
const named = <K extends string>(of: readonly (readonly [K, string])[]) =>
  Object.fromEntries(of) as Record<K, string>;

interface Drawn {
  rows: readonly MapRow[];
  counted: readonly CountedLayer[];
}

interface ChoicesProps extends Pick<ViewProps<ExpertsFields>, 'value' | 'set'> {
  rank: number | null;
  ranks: number;
}

function Choices({ value, set, rank, ranks }: ChoicesProps) {
  const quantity = quantityOf(value.quantity);
  return (
    <div className="experts-choices">
      <Picker
        label="Quantity"
        value={value.quantity}
        options={named(QUANTITIES.map(({ id, label }) => [id, label] as const))}
        choose={(id) => set({ quantity: id })}
      />
      <Picker
        label="Rank"
        value={rank === null ? ALL : String(rank)}
        options={named([
          ...Array.from({ length: ranks }, (_, one) => [`${one}`, rankName(one)] as const),
          [ALL, rankName(null)],
        ])}
        choose={(one) => set({ rank: one === ALL ? null : Number(one) })}
      />
      <Picker
        label="Ideal loads"
        value={value.weights}
        options={{ uniform: 'Ideal: equal loads', tau: 'Ideal: τ for computing slots' }}
        choose={(weights) => set({ weights })}
      />
      {quantity.ofRank === '' && rank !== null && (
        <span className="experts-note">{quantity.label} is of all ranks.</span>
      )}
    </div>
  );
}

export const about: Explanation = {
  label: 'Experts by layer',
  meaning:
    'What every slot of every MoE layer takes of the text: tokens, routing weight, difficult tokens; how even a layer is, and how uneven the layers are.',
  source: 'MoDSE Figure 3, Tables 7, 8',
};

/** What every slot of every layer takes. */
export default function ExpertsPanel({ value, set }: ViewProps<ExpertsFields>) {
  const { weights, balance, printed, epoch } = value;
  const quantity = quantityOf(value.quantity);
  const sides = useFigures(useLookText(), [{ figure: 'load', weights }, { figure: 'deciles' }]);
  const seen: readonly ExpertsSeen[] = useMemo(() => allAnswered(sides), [sides]);
  const first = seen[0]?.look ?? null;
  const place = useLookPlace(first);
  const layer = first?.layers[place]?.layer ?? 0;
  const ranks = ranksOf(seen.map(({ look }) => look));
  const isThere = value.rank !== null && (first === null || value.rank < ranks);
  const rank = isThere ? value.rank : null;
  const drawn = useMemo(() => {
    const ofSide = (one: ExpertsSeen): Drawn => ({
      rows: mapRows(one, weights),
      counted: countedLayers(one.look, one.results[0]),
    });
    return new Map(seen.map((one) => [one.side.key, ofSide(one)]));
  }, [seen, weights]);
  const most = useMemo(() => {
    const all = [...drawn.values()].flatMap(({ rows }) => valuesOf(rows, quantity, rank));
    const known = all.flatMap((values) => Array.from(values)).filter(Number.isFinite);
    return Math.max(0, ...known) || 1;
  }, [drawn, quantity, rank]);
  return (
    <PanelFrame
      className="experts"
      beside={<LookLayerPicker look={first} />}
      sub={`layer × slot, ${rankName(rank)}`}
    >
      <Choices {...{ value, set, rank, ranks }} />
      <LookSides of={sides} moe>
        {(one) => {
          const { rows, counted } = drawn.get(one.side.key) ?? { rows: [], counted: [] };
          const of = lookSentence(one.look);
          const shown = { layers: counted, of, name: 'switchyard-tokens' };
          return (
            <>
              <ExpertMap seen={one} {...{ rows, quantity, rank, most }} />
              <CountBars {...shown} {...{ layer, rank }} />
              <MaxMin {...shown} />
              <Balance load={one.results[0]} {...{ of, balance, set }} />
            </>
          );
        }}
      </LookSides>
      <Printed {...{ printed, epoch, rank, layer, set }} />
    </PanelFrame>
  );
}
