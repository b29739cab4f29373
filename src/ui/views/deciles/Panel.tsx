import { deciles } from '../../../analysis/figures/deciles.ts';
import { groupRows } from '../../../analysis/figures/groups.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Gradually } from '../../kit/figure/Gradually.tsx';
import { GroupMatrix } from '../../kit/GroupMatrix.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookPanel } from '../../kit/LookPanel.tsx';
import { NoExperts } from '../../kit/NoExperts.tsx';
import { useGroupTensors } from '../../kit/useGroupTensors.ts';
import type { ViewProps } from '../view.ts';
import { Losses, Work } from './Figures.tsx';
import type { DecilesFields } from './fields.ts';
import { DECILE_LABELS, type Result } from './tables.ts';
import './deciles.css';

const ROWS = { counts: deciles.layerRows.counts, ...groupRows('decile') };

interface ShownProps extends Pick<ViewProps<DecilesFields>, 'value' | 'set'> {
  look: Look;
  result: Result;
}

function Shown({ look, result, value, set }: ShownProps) {
  const place = useLookPlace(look);
  const counts = result.layers[place]?.values.counts;
  const tensors = useGroupTensors(counts, result.values.tokens);
  return (
    <div className="deciles-figures">
      <Gradually>
        <Losses look={look} result={result} />
        {tensors === null ? (
          <NoExperts />
        ) : (
          <Gradually>
            <Work {...{ look, result, place }} of="width" />
            <GroupMatrix
              {...{ look, place, set, tensors }}
              group="decile"
              groups={DECILE_LABELS}
              rows={ROWS}
              name="switchyard-deciles"
              cells={value.cells}
            />
            <Work {...{ look, result, place }} of="computing" />
          </Gradually>
        )}
      </Gradually>
    </div>
  );
}

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
      {({ look, results: [result] }) => <Shown {...{ look, result, value, set }} />}
    </LookPanel>
  );
}
