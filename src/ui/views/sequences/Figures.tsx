import { memo, useMemo } from 'react';
import { sequences } from '../../../analysis/figures/sequences.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Distributions, type FiveQuantiles } from '../../kit/figure/Distributions.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { lookSentence, slotLabels } from '../../kit/lookWords.ts';
import { Picker } from '../../kit/Picker.tsx';
import { useLab } from '../../kit/useLab.tsx';
import type { SequencesFields } from './fields.ts';
import {
  type LayerSequences,
  loadsTable,
  nameOf,
  ratioAt,
  type Sequences,
  scopesTable,
  sequencesOf,
} from './shown.ts';

const vio = (value: number) => formatValue(value, 'decimal');

const five = ([least, low, median, high, , most]: ArrayLike<number> & Iterable<number>) =>
  [least, low, median, high, most] as unknown as FiveQuantiles;

/** How uneven sequences are, beside the batches that they make. */
export const Scopes = memo(function Scopes({ look, result }: { look: Look; result: Sequences }) {
  const { view } = useLab();
  const row = sequences.layerRows.quantiles;
  const { layers } = result;
  const words = layers.map(
    ({ layer, values }) =>
      `layer ${layer}: a sequence ${vio(values.mean)}, a batch ${vio(values.batch)}, all ${vio(values.all)}`,
  );
  const Q = look.n * look.B;
  return (
    <FigureFrame
      name="switchyard-sequences-maxvio"
      title="MaxVio of sequences and of batches"
      caption={() =>
        `${sequences.layerRows.mean.meaning} Means by ${words.join('; ')}. ${Q} sequences in ${look.n} batches. ${lookSentence(look)}`
      }
      table={() => scopesTable(result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Distributions
        of={layers.flatMap(({ layer, values }) => [
          {
            category: { label: `L${layer} sequence`, short: `L${layer} seq.` },
            quantiles: five(values.quantiles.data),
            mean: values.mean,
            count: Q,
          },
          {
            category: { label: `L${layer} batch`, short: `L${layer} batch` },
            quantiles: five(values.batchQuantiles.data),
            mean: values.batch,
            count: look.n,
          },
        ])}
        format="decimal"
        quantity="MaxVio"
        onSelect={(at) => view.getState().set({ layer: layers[Math.floor(at / 2)]?.layer ?? 0 })}
        selects="show the layer"
      />
    </FigureFrame>
  );
});

const ORDER_NAMES = {
  domain: 'by domain',
  vio: 'most uneven first',
  text: 'as they came',
} as const satisfies Record<SequencesFields['order'], string>;

interface LoadsProps {
  look: Look;
  of: LayerSequences;
  order: SequencesFields['order'];
  set: (part: Partial<SequencesFields>) => void;
}

/** Sequence × slot: what each sequence of the text sends where. */
export const Loads = memo(function Loads({ look, of, order, set }: LoadsProps) {
  const layer = look.layers.find((one) => one.layer === of.layer);
  const shown = useMemo(() => sequencesOf(look, of, order), [look, of, order]);
  if (layer === undefined) return null;
  const at = (row: number) => shown[row]?.q ?? 0;
  return (
    <FigureFrame
      name={`switchyard-sequences-layer-${of.layer}`}
      title={`Load by sequence, layer ${of.layer}`}
      caption={() =>
        `Assignments of each sequence to each slot, in units of an even load. MaxVio of a sequence ${vio(of.values.mean)} on average, of a batch ${vio(of.values.batch)}. ${lookSentence(look)}`
      }
      table={() => loadsTable(look, of, shown)}
      tools={
        <>
          <Picker
            label="Order of the sequences"
            value={order}
            options={ORDER_NAMES}
            choose={(order) => set({ order })}
          />
          <Explain about={sequences.layerRows.counts}>?</Explain>
        </>
      }
    >
      <HeatMap
        rows={shown.map((one) => ({ label: nameOf(one), title: `sequence ${nameOf(one)}` }))}
        columns={slotLabels(layer)}
        value={(row, slot) => ratioAt(of, at(row), slot)}
        mark={(row, slot) => (ratioAt(of, at(row), slot) === 0 ? 'dead' : null)}
        more={(row) => [['MaxVio', vio(of.values.maxVio.data[at(row)] ?? Number.NaN)]]}
        color="ratio"
        format="ratio"
        quantity="load / even"
        axes={['sequence', 'slot']}
      />
    </FigureFrame>
  );
});
