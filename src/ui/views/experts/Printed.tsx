import { useMemo } from 'react';
import { MODSE } from '../../../analysis/papers/modse.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { CountBars, MaxMin } from './Counts.tsx';
import { printedEpochs, printedLayers } from './counted.ts';
import type { ExpertsFields } from './fields.ts';

const TABLES = { baseline: 'Table 7', modse: 'Table 8' } as const;
const NAMES = { baseline: 'MoDSE’s baseline', modse: 'MoDSE' } as const;

interface PrintedProps extends Pick<ViewProps<ExpertsFields>, 'set'> {
  printed: keyof typeof TABLES;
  epoch: number;
  rank: number | null;
  layer: number;
}

function PrintedCounts({ printed, epoch, rank, layer, set }: PrintedProps) {
  const table = MODSE.find(({ where }) => where === TABLES[printed]);
  const layers = useMemo(
    () => (table === undefined ? [] : printedLayers(table, epoch)),
    [table, epoch],
  );
  if (table === undefined) return null;
  const epochs = printedEpochs(table).map((one) => [`${one}`, `Epoch ${one}`] as const);
  const ranks = layers[0]?.W ?? 0;
  const of = `${NAMES[printed]}, epoch ${epoch}, as printed (MoDSE ${table.where}).`;
  const shown = { layers, of, name: `switchyard-${printed}`, prefix: `${NAMES[printed]}: ` };
  return (
    <section aria-label={`${NAMES[printed]}, printed`}>
      <div className="experts-choices">
        <Picker
          label="Epoch"
          value={`${epoch}`}
          options={Object.fromEntries(epochs)}
          choose={(one) => set({ epoch: Number(one) })}
        />
        <span className="experts-note">printed: MoDSE, {table.where}</span>
      </div>
      <CountBars {...shown} layer={layer} rank={rank !== null && rank < ranks ? rank : null} />
      <MaxMin {...shown} />
    </section>
  );
}

/** A paper's own counts as a data set beside the run's. */
export function Printed(props: Omit<PrintedProps, 'printed'> & Pick<ExpertsFields, 'printed'>) {
  const { printed, set } = props;
  return (
    <>
      <div className="experts-choices">
        <Picker
          label="Printed counts"
          value={printed}
          options={{
            none: 'Beside: no printed counts',
            baseline: 'Beside: MoDSE Table 7: baseline',
            modse: 'Beside: MoDSE Table 8: MoDSE',
          }}
          choose={(one) => set({ printed: one })}
        />
      </div>
      {printed !== 'none' && <PrintedCounts {...props} printed={printed} />}
    </>
  );
}
