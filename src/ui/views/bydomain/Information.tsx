import { memo } from 'react';
import { domains } from '../../../analysis/figures/domains.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatLoss, formatPercent } from '../../kit/format.ts';
import { lookSentence } from '../../kit/lookWords.ts';
import { informationTable, type Result } from './tables.ts';

/** What each layer's routing tells about the domain of a token. */
export const Information = memo(function Information({
  look,
  layers,
}: {
  look: Look;
  layers: Result['layers'];
}) {
  const row = domains.layerRows.normalised;
  if (layers.every(({ values }) => Number.isNaN(values.normalised)))
    return (
      <p className="empty">
        The text is of one domain, or each layer uses one slot: routing tells nothing about domains.
      </p>
    );
  return (
    <FigureFrame
      name="switchyard-bydomain-information"
      title="Information on the domain by layer"
      caption={() =>
        `${domains.layerRows.mutualInformation.meaning} As a part of its bound: ${layers
          .map(
            ({ layer, values }) =>
              `layer ${layer} ${formatPercent(values.normalised)} (${formatLoss(values.mutualInformation)} nats)`,
          )
          .join(', ')}. ${lookSentence(look)}`
      }
      table={() => informationTable(layers)}
      tools={<Explain about={row}>?</Explain>}
    >
      <Bars
        categories={layers.map(({ layer }) => ({ label: `layer ${layer}`, short: String(layer) }))}
        series={[
          {
            label: 'normalised',
            color: 'var(--figure-1)',
            values: layers.map(({ values }) => values.normalised),
          },
        ]}
        format={row.format}
        quantity="mutual information of domain and slot / its largest value"
      />
    </FigureFrame>
  );
});
