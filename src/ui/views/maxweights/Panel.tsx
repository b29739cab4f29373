import { useRef } from 'react';
import { policies } from '../../../analysis/papers/ladimo.ts';
import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { type Answered, LookSides } from '../../kit/LookSides.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { Figures } from './Figures.tsx';
import type { MaxWeightsFields } from './fields.ts';
import { type Policy, policyRequest, WEIGHTS } from './shown.ts';
import { UsePolicy } from './UsePolicy.tsx';
import './maxweights.css';

type Props = Pick<ViewProps<MaxWeightsFields>, 'value' | 'set'>;

function Fields({ value, set, look }: Props & { look: Look | null }) {
  const names = look?.domainNames ?? [];
  const domains = Object.fromEntries([
    ['all', 'all domains'],
    ...names.map((name, d) => [String(d), name] as const),
  ]);
  return (
    <div className="maxweights-fields">
      {(['pu', 'pe'] as const).map((name) => (
        <span key={name}>
          {name === 'pu' ? 'p_u' : 'p_e'}{' '}
          <WholeNumber
            label={name === 'pu' ? 'Part of uneven weights, p_u' : 'Part of even weights, p_e'}
            value={value[name]}
            min={0}
            max={1}
            isFloat
            change={(part) => set({ [name]: part })}
          />
        </span>
      ))}
      <LookLayerPicker look={look} />
      {names.length > 1 && (
        <Picker
          label="Domain"
          value={value.domain in names ? String(value.domain) : 'all'}
          options={domains}
          choose={(domain) => set({ domain: domain === 'all' ? -1 : Number(domain) })}
        />
      )}
    </div>
  );
}

interface OfRunProps extends Props {
  of: Answered<readonly [typeof WEIGHTS]>;
  /** Null while it is computed anew. */
  policy: Policy | null;
  layer: number;
  text: string;
}

/** One run; while the quantiles are moved the policy before stays, with what it was asked for. */
function OfRun({ of: { side, look, results }, policy, layer, text, value, set }: OfRunProps) {
  const kept = useRef<{ look: Look; policy: Policy; value: MaxWeightsFields } | null>(null);
  if (policy !== null) kept.current = { look, policy, value };
  const shown = kept.current;
  if (shown === null || shown.look !== look) return <p className="empty">Looking at the text …</p>;
  const run = { side, look, weights: results[0], policy: shown.policy, value: shown.value };
  return (
    <>
      <UsePolicy run={run} />
      <Figures {...run} layer={layer} text={text} set={set} />
    </>
  );
}

export const about: Explanation = {
  label: 'Maximal routing weights',
  meaning:
    'The largest routing weight of every token, layer by layer, before any renormalisation. Its quantiles over all layers and in each layer say how many experts the adaptive router gives: a layer that is often sure needs one, one that is often unsure three. No training is involved.',
  formula: 'P(w ≥ α) = p_u, P(w ≤ β) = p_e, and α_i, β_i in layer i alike',
  source: 'LaDiMo 4.4, Table 1, Figures 8, 9, 10',
};

/** How sure the router is of each token's first expert, and the policy that follows from it. */
export default function MaxWeightsPanel({ value, set }: ViewProps<MaxWeightsFields>) {
  const text = useLookText();
  // Watched by itself: what is looked at stays while the quantiles are moved.
  const sides = useFigures(text, [WEIGHTS]);
  const policySides = useFigures(text, [policyRequest(value)]);
  const look = sides[0]?.look ?? null;
  const place = useLookPlace(look);
  const layer = look?.layers[place]?.layer ?? 0;
  const words = 'validation' in text ? 'validation text' : 'your own text';
  return (
    <PanelFrame className="maxweights" sub={`taken on ${words}`}>
      <Fields value={value} set={set} look={look} />
      <LookSides of={sides} moe>
        {(answered) => (
          <OfRun
            of={answered}
            policy={
              policySides.find(({ side }) => side.key === answered.side.key)?.answers[0].result ??
              null
            }
            {...{ layer, text: words, value, set }}
          />
        )}
      </LookSides>
      <PrintedData of={policies} />
    </PanelFrame>
  );
}
