import { useEffect } from 'react';
import { counted } from '../../../config/plural.ts';
import { RECIPES } from '../../../recipes/recipes.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Loaded } from '../../kit/Loaded.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { usePapers, usePapersState, useQueue } from '../../kit/papers.ts';
import { useLab } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Cards } from './Cards.tsx';
import type { ClaimsFields } from './fields.ts';
import { Opened } from './Opened.tsx';
import { claimName } from './words.ts';
import './claims.css';

export const about: Explanation = {
  label: 'Claims of the papers',
  meaning:
    'Small runs over several seeds, a figure, and a verdict by statistics. That a small model disagrees with a paper is a finding.',
};

/** Leads to the list, and to the claims before and after. */
function Ways({ at, open }: { at: number; open: (name: string) => void }) {
  const [before, after] = [RECIPES[at - 1], RECIPES[at + 1]];
  return (
    <nav className="claims-ways" aria-label="Claims">
      <button type="button" className="btn small" onClick={() => open('')}>
        All claims
      </button>
      {before !== undefined && (
        <button type="button" className="btn quiet small" onClick={() => open(before.name)}>
          ‹ {claimName(before)}
        </button>
      )}
      {after !== undefined && (
        <button type="button" className="btn quiet small" onClick={() => open(after.name)}>
          {claimName(after)} ›
        </button>
      )}
    </nav>
  );
}

/** Every claim of the five papers and of balancing with its verdicts; one of them with all that it rests on. */
export default function ClaimsPanel({ value, set }: ViewProps<ClaimsFields>) {
  useQueue();
  const { view } = useLab();
  const papers = usePapers();
  const index = usePapersState((s) => s.index);
  const unread = usePapersState((s) => s.unread);
  useEffect(() => void papers.readIndex(), [papers]);
  const at = RECIPES.findIndex(({ name }) => name === value.claim);
  const recipe = RECIPES[at];
  const open = (claim: string) => {
    set({ claim });
    view.getState().set({ sought: { view: 'claims' } });
  };
  const recorded = Object.keys(index ?? {}).length;
  return (
    <PanelFrame
      className="claims"
      sub={
        recipe === undefined
          ? `${counted(RECIPES.length, 'recipe')}${recorded > 0 ? `, ${recorded} recorded` : ''}`
          : claimName(recipe)
      }
    >
      {unread !== null && (
        <p role="alert" className="claims-line">
          What is recorded could not be read: {unread}
          <button type="button" className="btn small" onClick={() => void papers.readIndex()}>
            Try again
          </button>
        </p>
      )}
      {recipe === undefined ? (
        <Cards open={open} />
      ) : (
        <article aria-label={claimName(recipe)}>
          <Ways at={at} open={open} />
          <h3 className="claims-heading">
            <span className="tag">{claimName(recipe)}</span> {recipe.title}
          </h3>
          <Loaded key={recipe.name} name={claimName(recipe)} fallback={null}>
            <Opened recipe={recipe} value={value} set={set} />
          </Loaded>
        </article>
      )}
    </PanelFrame>
  );
}
