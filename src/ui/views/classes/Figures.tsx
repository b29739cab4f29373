import { memo, useMemo } from 'react';
import { classes } from '../../../analysis/figures/classes.ts';
import type { FigureTensor } from '../../../analysis/figures/figure.ts';
import { groupRows } from '../../../analysis/figures/groups.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatCount } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import {
  CLASS_NAMES,
  classTable,
  kindsByClass,
  kindsOf,
  kindTable,
  type Result,
} from './tables.ts';

interface OfLook {
  look: Look;
  result: Result;
}

/** "white space 1.204, digit 2.113" of the classes that have a value. */
function inWords({ data }: FigureTensor, format: 'nats' | 'decimal'): string {
  return CLASS_NAMES.flatMap((name, i) => {
    const value = data[i] ?? Number.NaN;
    return Number.isNaN(value) ? [] : [`${name} ${formatValue(value, format)}`];
  }).join(', ');
}

/** Loss behind tokens of a class, and where one was to be predicted. */
export const Losses = memo(function Losses({ look, result: { values } }: OfLook) {
  const { tokens, ce, ceOfTarget } = values;
  return (
    <FigureFrame
      name="switchyard-classes-loss"
      title="Loss by class"
      caption={() =>
        `${classes.rows.ceOfTarget.meaning} ${inWords(ceOfTarget, 'nats')}. ${lookSentence(look)}`
      }
      table={() => classTable(values)}
      tools={<Explain about={classes.rows.ceOfTarget}>?</Explain>}
    >
      <Bars
        categories={CLASS_NAMES.map((name, i) => ({
          label: `${name} (${formatCount(tokens.data[i] ?? 0)})`,
          short: name,
          title: `${name}, ${formatCount(tokens.data[i] ?? 0)} tokens`,
        }))}
        series={[
          { label: 'behind a token of the class', color: 'var(--figure-1)', values: [...ce.data] },
          {
            label: 'where the class was to be predicted',
            color: 'var(--figure-2)',
            values: [...ceOfTarget.data],
          },
        ]}
        format="nats"
        quantity="nats per token"
      />
    </FigureFrame>
  );
});

export const Computing = memo(function Computing({ look, result: { values } }: OfLook) {
  const row = classes.rows.computing;
  return (
    <FigureFrame
      name="switchyard-classes-computing"
      title={row.label}
      caption={() =>
        `${row.meaning} ${inWords(values.computing, 'decimal')}. ${lookSentence(look)}`
      }
      table={() => classTable(values)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Bars
        categories={CLASS_NAMES}
        series={[
          {
            label: 'computing experts per token',
            color: 'var(--figure-1)',
            values: [...values.computing.data],
          },
        ]}
        format={row.format}
        quantity="computing experts per token"
      />
    </FigureFrame>
  );
});

/** Which kind of slot each class takes: MoE++ Figure A, counted. */
export const Kinds = memo(function Kinds({ look, result }: OfLook) {
  const row = groupRows('class').perToken;
  const kinds = kindsOf(look);
  const of = useMemo(() => kindsByClass(look, result), [look, result]);
  return (
    <FigureFrame
      name="switchyard-classes-kinds"
      title="Kinds of slots by class"
      caption={() => `${row.meaning} ${lookSentence(look)}`}
      table={() => kindTable(kinds, of)}
      tools={<Explain about={row}>?</Explain>}
    >
      <HeatMap
        rows={CLASS_NAMES}
        columns={kinds.map((kind) => ({
          label: slotKind(kind).name,
          short: slotKind(kind).short,
        }))}
        value={(i, k) => elementAt(of, i, SLOT_KINDS.indexOf(kinds[k] ?? 'ffn'))}
        color="sequential"
        format={row.format}
        quantity="slots per token, mean over layers"
      />
    </FigureFrame>
  );
});
