import { useId, useMemo, useState } from 'react';
import { PRODUCT_VERSION } from '../../../config/product.ts';
import { wholeSeedsOf } from '../../../recipes/merge.ts';
import { BUDGETS, type BudgetName, type Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { FEWEST_SEEDS } from '../../../recipes/statistics/seeds.ts';
import { nextSeeds, smallestDifference } from '../../../recipes/verdict.ts';
import type { QueueRequest } from '../../../worker/api.ts';
import { formatWholePercent } from '../../kit/format.ts';
import { usePapersState } from '../../kit/papers.ts';
import { estimateText, StartWork, useEstimate } from '../../kit/StartWork.tsx';
import { useLab } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import { claimName, valueText } from './words.ts';

/**
 * One's own results on this version and adapter, on which alone more seeds join them; on any adapter as long as
 * it is not known.
 */
export function useOwnHere(): readonly RecipeResult[] {
  const own = usePapersState((s) => s.own);
  const adapter = usePapersState((s) => s.queue?.adapter ?? null);
  return useMemo(
    () =>
      own.filter(
        (one) => one.version === PRODUCT_VERSION && (adapter === null || one.adapter === adapter),
      ),
    [own, adapter],
  );
}

/** Seeds that one's own results have whole; what a cancelled one lacks is still to be run. */
function seedsThere(recipe: Recipe, own: readonly RecipeResult[], budget: BudgetName): number[] {
  return own
    .filter((result) => result.recipe === recipe.name && result.budget === budget)
    .flatMap((result) => wholeSeedsOf(recipe, result));
}

/** Seeds to be run: those of the recipe, else those that one's own result does not have yet. */
export function seedsToRun(
  recipe: Recipe,
  own: readonly RecipeResult[],
  budget: BudgetName,
  count: number,
): number[] {
  const taken = seedsThere(recipe, own, budget);
  const planned = recipe.seeds.filter((seed) => !taken.includes(seed));
  const more = nextSeeds([...taken, ...planned], Math.max(0, count - planned.length));
  return [...planned, ...more].slice(0, count);
}

const BUDGET_WORDS: Readonly<Record<BudgetName, string>> = {
  quick: 'Quick',
  standard: 'Standard',
  long: 'Long',
};

interface BudgetProps {
  recipe: Recipe;
  budget: BudgetName;
  seeds: readonly number[];
  isChosen: boolean;
  choose: () => void;
}

function BudgetChoice({ recipe, budget, seeds, isChosen, choose }: BudgetProps) {
  const group = useId();
  const estimated = useEstimate({ kind: 'recipe', name: recipe.name, budget, seeds });
  const isRefused = estimated !== null && 'refusal' in estimated && estimated.refusal !== null;
  return (
    <label className="claims-budget" data-budget={budget}>
      <input
        type="radio"
        name={`budget-${recipe.name}`}
        aria-describedby={group}
        checked={isChosen}
        onChange={choose}
      />
      <b>{BUDGET_WORDS[budget]}</b>
      <span className="muted num">{recipe.budgets[budget].steps.toLocaleString('en')} steps</span>
      <span id={group} className={isRefused ? 'claims-refused' : 'num'}>
        {estimateText(estimated)}
      </span>
    </label>
  );
}

/** Where the recipe stands in the queue. */
function Queued({ recipe }: { recipe: Recipe }) {
  const { view } = useLab();
  const items = usePapersState((s) => s.queue?.items) ?? [];
  const own = items.filter(
    ({ request, state }) =>
      request.kind === 'recipe' &&
      request.name === recipe.name &&
      (state === 'waiting' || state === 'running'),
  );
  if (own.length === 0) return null;
  return (
    <p role="status" className="claims-line">
      {own.map(({ id, state, done, of, progress }) => (
        <span key={id} className="tag accent num">
          {state}: {done} of {of} units, {formatWholePercent(progress.share)}
        </span>
      ))}{' '}
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

interface StartProps {
  recipe: Recipe;
  /** Whose spread says what can be found: the first that has one. */
  pilots: readonly (RecipeResult | null)[];
  budget: BudgetName;
  choose: (budget: BudgetName) => void;
}

/** Starts the recipe at once: its own seeds, or as many more as it has. */
export function StartNow({ recipe, budget }: Pick<StartProps, 'recipe' | 'budget'>) {
  const own = useOwnHere();
  const seeds = seedsToRun(recipe, own, budget, recipe.seeds.length);
  const request: QueueRequest = { kind: 'recipe', name: recipe.name, budget, seeds };
  const estimated = useEstimate(request);
  return (
    <>
      <p className="claims-line">
        <StartWork request={request} name={claimName(recipe)} estimated={estimated}>
          Run it here
        </StartWork>
        <span className="muted num">
          {budget}, seeds {seeds.join(', ')}: {estimateText(estimated)}
        </span>
      </p>
      <Queued recipe={recipe} />
    </>
  );
}

const MOST_AT_ONCE = 100;

/** Starts the recipe: how long each budget takes here, and what it can find, before. */
export function Start({ recipe, pilots, budget, choose }: StartProps) {
  const own = useOwnHere();
  const [count, setCount] = useState(recipe.seeds.length);
  const seeds = seedsToRun(recipe, own, budget, count);
  const request: QueueRequest = { kind: 'recipe', name: recipe.name, budget, seeds };
  const estimated = useEstimate(request);
  const n = new Set([...seedsThere(recipe, own, budget), ...seeds]).size;
  const found =
    pilots
      .map((pilot) => pilot && smallestDifference(recipe, pilot, n))
      .find((one) => one !== null) ?? null;
  const unit = recipe.primary?.unit ?? 'none';
  return (
    <section className="claims-start" aria-label={`Run ${claimName(recipe)}`}>
      <h4>Budgets and seeds</h4>
      <div className="claims-budgets" role="radiogroup" aria-label="Budget">
        {BUDGETS.map((name) => (
          <BudgetChoice
            key={name}
            recipe={recipe}
            budget={name}
            seeds={seedsToRun(recipe, own, name, count)}
            isChosen={name === budget}
            choose={() => choose(name)}
          />
        ))}
      </div>
      <p className="claims-line">
        <span className="claims-count">
          <WholeNumber
            label="Number of seeds to run"
            value={count}
            min={1}
            max={MOST_AT_ONCE}
            change={setCount}
          />
        </span>
        <span>
          {count === 1 ? 'seed' : 'seeds'}: <span className="num">{seeds.join(', ')}</span>
        </span>
        <StartWork request={request} name={claimName(recipe)} estimated={estimated}>
          Start
        </StartWork>
      </p>
      <p className="muted">
        {n < FEWEST_SEEDS
          ? 'A verdict needs at least three seeds.'
          : found === null
            ? `${n} seeds in all. No spread is known yet that would tell what they can find.`
            : `${n} seeds in all find differences from ${valueText(found, unit)}${unit === 'nats' ? ' nats' : ''} on, at the spread of the result above.`}
      </p>
    </section>
  );
}
