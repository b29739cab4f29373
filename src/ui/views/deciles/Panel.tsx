import { deciles } from '../../../analysis/figures/deciles.ts';
import { groupRows } from '../../../analysis/figures/groups.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { GroupFigures } from '../../kit/GroupFigures.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookPanel } from '../../kit/LookPanel.tsx';
import type { ViewProps } from '../view.ts';
import { Losses, Work } from './Figures.tsx';
import type { DecilesFields } from './fields.ts';
import { DECILE_LABELS } from './tables.ts';
import './deciles.css';

const ROWS = { counts: deciles.layerRows.counts, ...groupRows('decile') };

export const about: Explanation = {
  label: 'Deciles by loss',
  meaning:
    'Tokens in ten parts by their loss: what width and how many experts the easy and the difficult ones are given, and which slots take them.',
  source: 'MoDSE, difficult tokens; MoE++, simple tokens',
};

/** What easy tokens are given, and what difficult ones. */
export default function DecilesPanel({ value, set }: ViewProps<DecilesFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'deciles' }]);
  return (
    <LookPanel className="deciles" sides={sides}>
      {({ look, results: [result] }) => (
        <GroupFigures
          className="deciles-figures"
          {...{ look, set }}
          counts={result.layers.map(({ values }) => values.counts)}
          tokens={result.values.tokens}
          group="decile"
          groups={DECILE_LABELS}
          rows={ROWS}
          name="switchyard-deciles"
          cells={value.cells}
          losses={<Losses {...{ look, result }} />}
          before={(place) => <Work {...{ look, result, place }} of="width" />}
          behind={(place) => <Work {...{ look, result, place }} of="computing" />}
        />
      )}
    </LookPanel>
  );
}
