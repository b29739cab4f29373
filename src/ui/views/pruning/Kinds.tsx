import { memo } from 'react';
import { removal, removedSets } from '../../../analysis/figures/pruning.ts';
import { slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatFixed, formatLoss } from '../../kit/format.ts';
import { domainLabels, lookSentence } from '../../kit/lookWords.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { TABLE_C } from './printed.ts';
import { type Removed, removalTable, setLabel, setLabels } from './tables.ts';

/** What the loss rises by without each kind of slot: MoE++ Table C, with the loss. */
export const Removals = memo(function Removals({ look, result }: { look: Look; result: Removed }) {
  const labels = setLabels(look);
  const sets = removedSets(look.layers);
  const { change, byDomain } = result.values;
  const row = removal.rows.change;
  return (
    <FigureFrame
      name="switchyard-pruning-kinds"
      title="Loss without kinds of slots"
      caption={() =>
        `${row.meaning} Over all text, in nats: ${labels
          .map((label, set) => `${label} ${formatLoss(change.data[set] ?? Number.NaN)}`)
          .join(', ')}. ${lookSentence(look)}`
      }
      table={() => removalTable(look, result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <HeatMap
        rows={sets.map((kinds, set) => ({
          label: labels[set] ?? '',
          short: `no ${kinds.map((kind) => slotKind(kind).glyph).join(' ')}`,
        }))}
        columns={['all', ...domainLabels(look)]}
        value={(set, column) =>
          column === 0 ? (change.data[set] ?? Number.NaN) : elementAt(byDomain, set, column - 1)
        }
        color="signed"
        format="nats"
        quantity="change, nats"
      />
    </FigureFrame>
  );
});

/** The paper's own table. */
export function Printed() {
  const whole = TABLE_C[0]?.[1] ?? Number.NaN;
  return (
    <ScrollX label="MoE++ Table C as printed" className="pruning-printed">
      <table className="data">
        <caption>
          As printed in MoE++, Table C: WinoGrande accuracy of MoE++ 7B/(16+4)E. Less is worse
          there; where losses are measured, more is.
        </caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="num">
              Accuracy, %
            </th>
            <th scope="col" className="num">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {TABLE_C.map(([kinds, accuracy]) => (
            <tr key={kinds.join()}>
              <td>{kinds.length === 0 ? 'all kinds' : setLabel(kinds)}</td>
              <td className="num">{formatFixed(accuracy, 1)}</td>
              <td className="num">{kinds.length === 0 ? '' : formatFixed(accuracy - whole, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  );
}
