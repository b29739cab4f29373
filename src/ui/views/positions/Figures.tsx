import { memo } from 'react';
import { drops } from '../../../analysis/figures/drops.ts';
import { positions } from '../../../analysis/figures/positions.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Curves } from '../../kit/figure/Curves.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { categoryLook } from '../../kit/figure/scales.ts';
import { formatPercent } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import { computingTable, type Drops, dropTable, lossTable, type Positions } from './tables.ts';

interface OfLook {
  look: Look;
  result: Positions;
}

/** "1.2 at the first position, 0.9 at the last." */
function ends(values: ArrayLike<number>, format: 'nats' | 'decimal'): string {
  const at = (s: number) => formatValue(values[s] ?? Number.NaN, format);
  return `${at(0)} at the first position, ${at(values.length - 1)} at the last.`;
}

export const Loss = memo(function Loss({ look, result }: OfLook) {
  const row = positions.rows.ce;
  const { data } = result.values.ce;
  return (
    <FigureFrame
      name="switchyard-positions-loss"
      title={row.label}
      caption={() => `${row.meaning} ${ends(data, 'nats')} ${lookSentence(look)}`}
      table={() => lossTable(result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Curves
        curves={[{ label: 'loss, nats', color: 'var(--figure-1)', values: data }]}
        format={row.format}
        along="position"
      />
    </FigureFrame>
  );
});

export const Computing = memo(function Computing({
  look,
  result,
  place,
}: OfLook & { place: number }) {
  const row = positions.rows.computing;
  const { data } = result.values.computing;
  const layer = result.layers[place];
  return (
    <FigureFrame
      name="switchyard-positions-computing"
      title={row.label}
      caption={() =>
        `${row.meaning} Over all layers: ${ends(data, 'decimal')} ${lookSentence(look)}`
      }
      table={() => computingTable(result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Curves
        curves={[
          { label: 'all layers', color: 'var(--figure-1)', values: data },
          ...(layer === undefined
            ? []
            : [
                {
                  label: `layer ${layer.layer}`,
                  color: 'var(--figure-2)',
                  values: layer.values.computing.data,
                },
              ]),
        ]}
        format={row.format}
        along="position"
        fromZero
      />
    </FigureFrame>
  );
});

/** Drops of every layer by position; a sentence where nothing was dropped. */
export const Dropped = memo(function Dropped({ look, result }: { look: Look; result: Drops }) {
  const row = drops.layerRows.positionRate;
  const { layers } = result;
  if (layers.every(({ values }) => values.dropped === 0))
    return (
      <p className="empty">
        Nothing is dropped in this pass: evaluation drops only where its capacity is on.
      </p>
    );
  return (
    <FigureFrame
      name="switchyard-positions-drops"
      title="Drop rate by position"
      caption={() =>
        `${row.meaning} ${drops.layerRows.byPosition.meaning} Of all: ${layers
          .map(({ layer, values }) => `layer ${layer} ${formatPercent(values.rate)}`)
          .join(', ')}. ${lookSentence(look)}`
      }
      table={() => dropTable(result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Curves
        curves={layers.map(({ layer, values }, i) => ({
          label: `layer ${layer}`,
          color: categoryLook(i).color,
          values: values.positionRate.data,
        }))}
        format={row.format}
        along="position"
        fromZero
      />
    </FigureFrame>
  );
});
