import { useCallback, useMemo } from 'react';
import { residuals } from '../../../analysis/papers/moepp.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { PrintedData } from '../../kit/figure/PrintedData.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { allAnswered, answeredOf } from '../../kit/LookSides.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import type { ViewProps } from '../view.ts';
import { Figures } from './Figures.tsx';
import type { Measure, ScoresFields } from './fields.ts';
import { REQUESTS } from './shown.ts';
import './scores.css';

export const about: Explanation = {
  label: 'Routing scores',
  meaning:
    'How the highest and the second-highest probability of the router are spread over the tokens, and how sure it is, layer by layer. A run with gating residuals beside one without shows what they do: in MoE++ they lower the variance, not the mean.',
  formula: 'p₍₀₎ ≥ p₍₁₎ over all slots of a layer',
  source: 'MoE++ Figure 6',
};

/** Highest and second-highest routing scores, and what tells how sure the router is. */
export default function ScoresPanel({ value: { measure }, set }: ViewProps<ScoresFields>) {
  const sides = useFigures(useLookText(), REQUESTS);
  const runs = useMemo(() => allAnswered(sides), [sides]);
  const choose = useCallback((measure: Measure) => set({ measure }), [set]);
  const look = runs[0]?.look ?? null;
  const place = useLookPlace(look);
  const layer = look?.layers[place]?.layer;
  const lacks = sides.flatMap((of) => {
    const answered = answeredOf(of);
    return typeof answered === 'string' ? [{ name: of.side.name, text: answered }] : [];
  });
  return (
    <PanelFrame className="scores" sub={runs.map(({ side }) => side.name).join(' · ')}>
      {lacks.map(({ name, text }) => (
        <p key={name} className="empty">
          {sides.length > 1 && `${name}: `}
          {text}
        </p>
      ))}
      {layer !== undefined && (
        <Figures runs={runs} layer={layer} measure={measure} choose={choose} />
      )}
      <PrintedData of={residuals} />
    </PanelFrame>
  );
}
