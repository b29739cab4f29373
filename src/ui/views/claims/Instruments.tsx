import type { Recipe } from '../../../recipes/recipe.ts';
import { useLab } from '../../kit/useLab.tsx';

type Place = readonly [room: string, view: string, title: string];

const DIFFICULT: Place = ['papers', 'difficult', 'Difficult tokens'];
const KINDS: Place = ['layers', 'kinds', 'Expert kinds by layer'];
const PRINTED: Place = ['papers', 'printed', 'The papers’ own tables'];

/** Where a claim is looked at in one model, of any run. */
const PLACES: Readonly<Record<string, readonly Place[]>> = {
  'modse-2': [['layers', 'experts', 'Tokens per expert']],
  'modse-3': [DIFFICULT],
  'modse-4': [DIFFICULT],
  'modse-5': [['cost', 'placement', 'Experts on devices']],
  'moepp-1': [['cost', 'profiler', 'Profiler']],
  'moepp-4': [['papers', 'scores', 'Routing scores']],
  'moepp-6': [
    ['data', 'classes', 'Token classes'],
    ['text', 'passage', 'A passage'],
  ],
  'tcmoe-2': [['routing', 'overtime', 'Over training time']],
  'tcmoe-3': [['papers', 'contribution', 'Contribution']],
  'tcmoe-4': [KINDS],
  'tcmoe-5': [KINDS],
  'equalres-1': [['cost', 'solver', 'Equal resources'], PRINTED],
  'equalres-1a': [PRINTED],
  'ladimo-6': [['papers', 'maxweights', 'Maximal routing weights']],
};

/** Ways to the instruments that look at the same in one model. */
export function Instruments({ recipe }: { recipe: Recipe }) {
  const { view } = useLab();
  const places = PLACES[recipe.name] ?? [];
  if (places.length === 0) return null;
  return (
    <p className="claims-line muted">
      In one model:
      {places.map(([room, id, title]) => (
        <button
          key={id}
          type="button"
          className="link-btn"
          onClick={() => view.getState().set({ room, sought: { view: id } })}
        >
          {title}
        </button>
      ))}
    </p>
  );
}
