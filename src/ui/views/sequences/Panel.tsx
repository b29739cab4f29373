import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Gradually } from '../../kit/figure/Gradually.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookPanel } from '../../kit/LookPanel.tsx';
import type { ViewProps } from '../view.ts';
import { Loads, Scopes } from './Figures.tsx';
import type { SequencesFields } from './fields.ts';
import type { Sequences } from './shown.ts';
import './sequences.css';

type Choice = Pick<ViewProps<SequencesFields>, 'value' | 'set'>;

function Shown({ look, result, value, set }: Choice & { look: Look; result: Sequences }) {
  const of = result.layers[useLookPlace(look)];
  return (
    <div className="sequences-figures">
      <Gradually>
        <Scopes look={look} result={result} />
        {of !== undefined && <Loads {...{ look, of, set }} order={value.order} />}
      </Gradually>
    </div>
  );
}

export const about: Explanation = {
  label: 'Load per sequence',
  meaning:
    'What each sequence of the text sends to each slot, and how uneven that is, beside its batch. A loss per sequence forbids experts of one domain; one per batch or window of steps leaves them room.',
  formula: 'MaxVio = max c_i·R/A − 1, within a sequence',
  source: 'Wang 2024; DeepSeek-V3 17–20; Qwen (2501.11873)',
};

/** The balance within single sequences. */
export default function SequencesPanel({ value, set }: ViewProps<SequencesFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'sequences' }]);
  return (
    <LookPanel className="sequences" sides={sides} moe>
      {({ look, results: [result] }) => <Shown {...{ look, result, value, set }} />}
    </LookPanel>
  );
}
