import { memo } from 'react';
import { deciles } from '../../../analysis/figures/deciles.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { formatLoss } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import { DECILE_LABELS, lossTable, type Result, workTable } from './tables.ts';

interface OfLook {
  look: Look;
  result: Result;
}

const ALONG = 'tenth of the tokens, from the easiest (0) to the hardest (9)';
const QUANTITIES = {
  width: 'hidden units per assignment',
  computing: 'computing experts per token',
} as const;

export const Losses = memo(function Losses({ look, result: { values } }: OfLook) {
  const { thresholds, ce } = values;
  const [easy, hard] = [thresholds.data[0], thresholds.data.at(-1)];
  return (
    <FigureFrame
      name="switchyard-deciles-loss"
      title={deciles.rows.ce.label}
      caption={() =>
        `${deciles.rows.ce.meaning} The easiest tenth ends at ${formatLoss(easy ?? Number.NaN)} nats, the hardest begins at ${formatLoss(hard ?? Number.NaN)}. ${lookSentence(look)}`
      }
      table={() => lossTable(values)}
      tools={<Explain about={deciles.rows.thresholds}>?</Explain>}
    >
      <Bars
        categories={DECILE_LABELS}
        series={[{ label: 'mean loss, nats', color: 'var(--figure-1)', values: [...ce.data] }]}
        format="nats"
        direction="vertical"
        quantity="mean loss, nats per token"
        along={ALONG}
      />
    </FigureFrame>
  );
});

const TITLES = { width: 'width', computing: 'computing experts' } as const;

/** Width or computing experts by decile: over all layers, and in the one that is chosen. */
export const Work = memo(function Work({
  look,
  result,
  place,
  of,
}: OfLook & { place: number; of: 'width' | 'computing' }) {
  const row = deciles.rows[of];
  const all = result.values[of].data;
  const layer = result.layers[place];
  const first = formatValue(all[0] ?? Number.NaN, row.format);
  const last = formatValue(all.at(-1) ?? Number.NaN, row.format);
  return (
    <FigureFrame
      name={`switchyard-deciles-${of}`}
      title={row.label}
      caption={() =>
        `${row.meaning} Over all layers: easiest tenth ${first}, hardest ${last}. ${lookSentence(look)}`
      }
      table={() => workTable(result, of, TITLES[of])}
      tools={<Explain about={row}>?</Explain>}
    >
      <Bars
        categories={DECILE_LABELS}
        series={[
          { label: 'all layers', color: 'var(--figure-1)', values: [...all] },
          ...(layer === undefined
            ? []
            : [
                {
                  label: `layer ${layer.layer}`,
                  color: 'var(--figure-2)',
                  values: [...layer.values[of].data],
                },
              ]),
        ]}
        format={row.format}
        direction="vertical"
        quantity={QUANTITIES[of]}
        along={ALONG}
      />
    </FigureFrame>
  );
});
