import type { Look } from '../../../state/looks/looked.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Gradually } from '../../kit/figure/Gradually.tsx';
import { useFigures, useLookText } from '../../kit/instruments.ts';
import { useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { LookPanel } from '../../kit/LookPanel.tsx';
import { NoExperts } from '../../kit/NoExperts.tsx';
import { Computing, Dropped, Loss } from './Figures.tsx';
import type { Drops, Positions } from './tables.ts';
import './positions.css';

function Shown({ look, result, dropped }: { look: Look; result: Positions; dropped: Drops }) {
  const place = useLookPlace(look);
  return (
    <div className="positions-figures">
      <Gradually>
        <Loss look={look} result={result} />
        {look.layers.length === 0 ? (
          <NoExperts />
        ) : (
          <Gradually>
            <Computing {...{ look, result, place }} />
            <Dropped look={look} result={dropped} />
          </Gradually>
        )}
      </Gradually>
    </div>
  );
}

export const about: Explanation = {
  label: 'By position',
  meaning:
    'What a token’s place in its sequence does: its loss, how many experts compute for it, and how often it finds no place in a slot.',
  source: 'MoE++ 8',
};

/** What a token's place in its sequence does to it. */
export default function PositionsPanel() {
  const sides = useFigures(useLookText(), [{ figure: 'positions' }, { figure: 'drops' }]);
  return (
    <LookPanel className="positions" sides={sides}>
      {({ look, results: [result, dropped] }) => <Shown {...{ look, result, dropped }} />}
    </LookPanel>
  );
}
