import { useMemo } from 'react';
import type { Recipe } from '../../../recipes/recipe.ts';
import { RECIPES } from '../../../recipes/recipes.ts';
import { type Summary, summaryOf } from '../../../recipes/recordedIndex.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { SOURCES } from '../../../recipes/sources.ts';
import { ownResult } from '../../../state/papers/papers.ts';
import type { QueueItem } from '../../../worker/api.ts';
import { formatDuration, formatWholePercent } from '../../kit/format.ts';
import { Loaded } from '../../kit/Loaded.tsx';
import { usePapersState } from '../../kit/papers.ts';
import { useLab } from '../../kit/useLab.tsx';
import { VerdictWords } from './VerdictWords.tsx';
import { claimName, headlineText, seedsText } from './words.ts';

/** A verdict with its effect, or that there is none. */
function Said({
  whose,
  summary,
  none,
}: { whose: string; summary: Summary | null } & {
  none: string;
}) {
  return (
    <span className="claims-said">
      <span className="claims-whose">{whose}</span>
      {summary === null ? (
        <span className="muted">{none}</span>
      ) : (
        <>
          <VerdictWords {...summary} />
          <span className="num claims-effect">
            {summary.headline === null ? '' : headlineText(summary.headline)}
          </span>
          <span className="muted num">{seedsText(summary)}</span>
        </>
      )}
    </span>
  );
}

interface CardProps {
  recipe: Recipe;
  recorded: Summary | null;
  /** What this browser ran of it. */
  own: RecipeResult | null;
  item: QueueItem | undefined;
  open: (name: string) => void;
}

function Card({ recipe, recorded, own, item, open }: CardProps) {
  const summary = useMemo(() => (own === null ? null : summaryOf(recipe, own)), [recipe, own]);
  return (
    <button
      type="button"
      className="claims-card"
      data-claim={recipe.name}
      onClick={() => open(recipe.name)}
    >
      <span className="claims-title">
        <span className="tag">{claimName(recipe)}</span> <b>{recipe.title}</b>
      </span>
      <Said whose="Recorded" summary={recorded} none="nothing yet" />
      <Said
        whose="Yours"
        summary={summary}
        none={
          item === undefined
            ? 'not run'
            : `${item.state}, ${formatWholePercent(item.progress.share)}`
        }
      />
    </button>
  );
}

/** What the queue has to do, and the way to it. */
function QueueLine({ items }: { items: readonly QueueItem[] }) {
  const { view } = useLab();
  const left = usePapersState((s) => s.queue?.secondsLeft ?? null);
  const isPaused = usePapersState((s) => s.queue?.isPaused === true);
  const isElsewhere = usePapersState((s) => s.queue?.isElsewhere === true);
  const open = items.filter(({ state }) => state === 'waiting' || state === 'running');
  if (open.length === 0) return null;
  return (
    <p className="claims-line">
      <span className="tag accent num">
        {open.length} in the queue{isElsewhere ? ' of another tab' : ''}
        {isPaused ? ', paused' : ''}
        {left === null ? '' : `, ${formatDuration(left)} left`}
      </span>
      <button
        type="button"
        className="link-btn"
        onClick={() => view.getState().set({ sought: { view: 'queue' } })}
      >
        See the queue
      </button>
    </p>
  );
}

/** All claims, paper by paper, and then those of balancing. */
export function Cards({ open }: { open: (name: string) => void }) {
  const index = usePapersState((s) => s.index);
  const items = usePapersState((s) => s.queue?.items) ?? [];
  const own = usePapersState((s) => s.own);
  const itemOf = (name: string) =>
    items.find(
      ({ request, state }) =>
        request.kind === 'recipe' &&
        request.name === name &&
        (state === 'waiting' || state === 'running'),
    );
  const papers = SOURCES.map(({ id, name, title }) => (
    <section key={id} className="claims-paper" aria-label={`Claims of ${name}`}>
      <h3>
        {name} <span className="muted">{title}</span>
      </h3>
      <div className="claims-cards">
        {RECIPES.filter(({ paper }) => paper === id).map((recipe) => (
          // A result that cannot be judged takes no other claim with it.
          <Loaded key={recipe.name} name={claimName(recipe)} fallback={null}>
            <Card
              recipe={recipe}
              recorded={index?.[recipe.name] ?? null}
              own={ownResult(own, recipe.name)}
              item={itemOf(recipe.name)}
              open={open}
            />
          </Loaded>
        ))}
      </div>
    </section>
  ));
  return (
    <>
      <QueueLine items={items} />
      {papers}
    </>
  );
}
