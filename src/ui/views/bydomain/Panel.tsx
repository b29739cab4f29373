import { memo } from 'react';
import { domains } from '../../../analysis/figures/domains.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Gradually } from '../../kit/figure/Gradually.tsx';
import { formatCount, formatLoss } from '../../kit/format.ts';
import { GroupMatrix } from '../../kit/GroupMatrix.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookPanel } from '../../kit/LookPanel.tsx';
import { lookSentence } from '../../kit/lookWords.ts';
import { NoExperts } from '../../kit/NoExperts.tsx';
import type { ViewProps } from '../view.ts';
import type { ByDomainFields } from './fields.ts';
import { Information } from './Information.tsx';
import { KindByLayer, KindsOfLayer } from './Kinds.tsx';
import { lossTable, type Result } from './tables.ts';
import './bydomain.css';

const Loss = memo(function Loss({ look, values }: { look: Look; values: Result['values'] }) {
  const { tokens, ce } = values;
  return (
    <FigureFrame
      name="switchyard-bydomain-loss"
      title="Loss by domain"
      caption={() =>
        `${domains.rows.ce.meaning} ${look.domainNames
          .map((name, d) => `${name} ${formatLoss(ce.data[d] ?? Number.NaN)} nats`)
          .join(', ')}. ${lookSentence(look)}`
      }
      table={() => lossTable(look, values)}
      tools={<Explain about={domains.rows.ce}>?</Explain>}
    >
      <Bars
        categories={look.domainNames.map((name, d) => ({
          label: `${name} (${formatCount(tokens.data[d] ?? Number.NaN)})`,
          short: name,
          title: `${name}, ${formatCount(tokens.data[d] ?? Number.NaN)} tokens`,
        }))}
        series={[{ label: 'loss, nats', color: 'var(--figure-1)', values: [...ce.data] }]}
        format="nats"
        quantity="nats per token"
      />
    </FigureFrame>
  );
});

interface ShownProps extends Pick<ViewProps<ByDomainFields>, 'value' | 'set'> {
  look: Look;
  result: Result;
}

function Shown({ look, result, value, set }: ShownProps) {
  const place = useLookPlace(look);
  const layer = result.layers[place];
  return (
    <div className="bydomain-figures">
      <Gradually>
        <Loss look={look} values={result.values} />
        {layer === undefined ? (
          <NoExperts />
        ) : (
          <Gradually>
            <GroupMatrix
              {...{ look, place, set }}
              group="domain"
              groups={look.domainNames}
              tensors={layer.values}
              rows={domains.layerRows}
              name="switchyard-bydomain"
              cells={value.cells}
            />
            <Information look={look} layers={result.layers} />
            <KindsOfLayer {...{ look, place }} layers={result.layers} per={value.per} set={set} />
            <KindByLayer
              look={look}
              layers={result.layers}
              per={value.per}
              kind={value.kind}
              set={set}
            />
          </Gradually>
        )}
      </Gradually>
    </div>
  );
}

export const about: Explanation = {
  label: 'Experts by domain',
  meaning:
    'Which slots the tokens of each kind of text choose, on the text that is looked at, at one step; how much a slot tells about the domain; and how many slots of each kind a token of the domain chooses.',
  source: 'OLMoE, section 5; MoE++ Fig. 4, B to F; TC-MoE Fig. 10',
};

/** Which experts each kind of text uses, at one step, on the text that is looked at. */
export default function ByDomainPanel({ value, set }: ViewProps<ByDomainFields>) {
  const sides = useFigures(useLookText(), [{ figure: 'domains' }]);
  return (
    <LookPanel className="bydomain" sides={sides}>
      {({ look, results: [result] }) => <Shown {...{ look, result, value, set }} />}
    </LookPanel>
  );
}
