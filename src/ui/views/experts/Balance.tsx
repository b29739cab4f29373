import { memo, useMemo } from 'react';
import { LOAD_QUANTILES } from '../../../analysis/figures/load.ts';
import { FIGURES } from '../../../analysis/figures.ts';
import { overLayers } from '../../../analysis/slotLoads.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Bars, type BarsProps } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import type { ExpertsFields } from './fields.ts';
import type { LoadResult } from './quantities.ts';

const rows = FIGURES.load.layerRows;
const BALANCES = [
  'maxVio',
  'minVio',
  'maxVioBatch',
  'cv',
  'entropy',
  'effective',
  'dead',
  'maxMin',
] as const satisfies readonly ExpertsFields['balance'][];

const NAMES = Object.fromEntries(BALANCES.map((id) => [id, rows[id].label])) as Record<
  ExpertsFields['balance'],
  string
>;

const QUANTILE_NAMES = ['least', '25%', 'median', '75%', '90%', 'most'] as const;

/** Every balance figure of every layer; below them their quantiles over the layers. */
export function balanceTable({ layers }: LoadResult): FigureTable {
  const values = BALANCES.map((id) => layers.map((layer) => layer.values[id]));
  const over = values.map(overLayers);
  return {
    columns: [
      { title: 'layer' },
      ...BALANCES.map((id) => ({ title: rows[id].label, format: rows[id].format })),
    ],
    rows: [
      ...layers.map(({ layer }, at) => [`${layer}`, ...values.map((one) => one[at] ?? null)]),
      ...QUANTILE_NAMES.map((name, q) => [
        `${name} over layers`,
        ...over.map((one) => one[q] ?? null),
      ]),
    ],
  };
}

interface BalanceProps extends Pick<ViewProps<ExpertsFields>, 'set'> {
  load: LoadResult;
  of: string;
  balance: ExpertsFields['balance'];
}

/** How even every layer is, and how the layers differ. */
export const Balance = memo(function Balance({ load, of, balance, set }: BalanceProps) {
  const { label, format, formula, meaning, source } = rows[balance];
  const values = useMemo(() => load.layers.map(({ values }) => values[balance]), [load, balance]);
  const bars = useMemo(
    (): BarsProps => ({
      categories: load.layers.map(({ layer }) => ({
        label: `L${layer}`,
        title: `layer ${layer}`,
      })),
      series: [{ label, color: 'var(--figure-1)', values }],
      ...{ format, direction: 'vertical', quantity: label.toLowerCase(), along: 'MoE layer' },
    }),
    [load, label, format, values],
  );
  const told = overLayers(values);
  const quantiles = LOAD_QUANTILES.map(
    (_, q) => [QUANTILE_NAMES[q] ?? '', formatValue(told[q] ?? null, format)] as const,
  );
  const words = quantiles.map(([name, value]) => `${name} ${value}`).join(', ');
  return (
    <FigureFrame
      name="switchyard-balance"
      title={`${label} by layer`}
      caption={() => `${of} ${label}, ${formula}; over layers: ${words}.`}
      table={() => balanceTable(load)}
      tools={
        <Picker
          label="Balance"
          value={balance}
          options={NAMES}
          choose={(id) => set({ balance: id })}
        />
      }
    >
      <Bars {...bars} />
      <dl className="experts-quantiles">
        <div>
          <dt>
            <Explain about={{ label, formula, meaning, source }}>over layers</Explain>
          </dt>
        </div>
        {quantiles.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </FigureFrame>
  );
});
