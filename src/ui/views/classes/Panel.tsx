import { classes } from '../../../analysis/figures/classes.ts';
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
import { Computing, Kinds, Losses } from './Figures.tsx';
import type { ClassesFields } from './fields.ts';
import { CLASS_NAMES, type Result } from './tables.ts';
import './classes.css';

const ROWS = { counts: classes.layerRows.counts, ...groupRows('class') };

interface ShownProps extends Pick<ViewProps<ClassesFields>, 'value' | 'set'> {
  look: Look;
  result: Result;
}

function Shown({ look, result, value, set }: ShownProps) {
  const place = useLookPlace(look);
  const counts = result.layers[place]?.values.counts;
  const tensors = useGroupTensors(counts, result.values.tokens);
  return (
    <div className="classes-figures">
      <Gradually>
        <Losses look={look} result={result} />
        {tensors === null ? (
          <NoExperts />
        ) : (
          <Gradually>
            <Computing look={look} result={result} />
            <GroupMatrix
              {...{ look, place, set, tensors }}
              group="class"
              groups={CLASS_NAMES}
              rows={ROWS}
              name="switchyard-classes"
              cells={value.cells}
            />
            <Kinds look={look} result={result} />
          </Gradually>
        )}
      </Gradually>
    </div>
  );
}

export const about: Explanation = {
  label: 'Token classes',
  meaning:
    'White space, digits, punctuation, beginnings and insides of words: how hard each class is, how many experts compute for it, and which slots take it.',
  source: 'MoE++ Fig. 5, A',
};

/** Which classes of tokens are hard, and which experts take them. */
export default function ClassesPanel({ value, set }: ViewProps<ClassesFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'classes' }]);
  return (
    <LookPanel className="classes" sides={sides}>
      {({ look, results: [result] }) => <Shown {...{ look, result, value, set }} />}
    </LookPanel>
  );
}
