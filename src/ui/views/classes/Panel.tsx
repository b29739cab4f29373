import { classes } from '../../../analysis/figures/classes.ts';
import { groupRows } from '../../../analysis/figures/groups.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { GroupFigures } from '../../kit/GroupFigures.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookPanel } from '../../kit/LookPanel.tsx';
import type { ViewProps } from '../view.ts';
import { Computing, Kinds, Losses } from './Figures.tsx';
import type { ClassesFields } from './fields.ts';
import { CLASS_NAMES } from './tables.ts';
import './classes.css';

const ROWS = { counts: classes.layerRows.counts, ...groupRows('class') };

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
      {({ look, results: [result] }) => (
        <GroupFigures
          className="classes-figures"
          {...{ look, set }}
          counts={result.layers.map(({ values }) => values.counts)}
          tokens={result.values.tokens}
          group="class"
          groups={CLASS_NAMES}
          rows={ROWS}
          name="switchyard-classes"
          cells={value.cells}
          losses={<Losses {...{ look, result }} />}
          before={() => <Computing {...{ look, result }} />}
          behind={() => <Kinds {...{ look, result }} />}
        />
      )}
    </LookPanel>
  );
}
