import { type ReactNode, useEffect, useMemo } from 'react';
import type { BudgetName, Recipe } from '../../../recipes/recipe.ts';
import { recordedFile, summaryOf } from '../../../recipes/recordedIndex.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { verdictOf } from '../../../recipes/verdict.ts';
import { ownResults, type Recorded } from '../../../state/papers/papers.ts';
import { LevelContext } from '../../kit/figure/context.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { usePapers, usePapersState } from '../../kit/papers.ts';
import { Decide } from './Decide.tsx';
import { Effect } from './Effect.tsx';
import type { ClaimsFields } from './fields.ts';
import { Held, Provenance, RunColumns } from './Ground.tsx';
import { Instruments } from './Instruments.tsx';
import { OwnFigure } from './OwnFigure.tsx';
import { Printed, printsWordsAlone } from './Printed.tsx';
import { Start, StartNow } from './Start.tsx';
import { VerdictWords } from './VerdictWords.tsx';
import { headlineText, seedsText } from './words.ts';

interface OpenedProps {
  recipe: Recipe;
  value: ClaimsFields;
  set: (part: Partial<ClaimsFields>) => void;
}

/** Budgets that are recorded of a recipe, the smallest first; null before the index was read. */
function useBudgets(name: string): readonly BudgetName[] | null {
  const index = usePapersState((s) => s.index);
  return index && (index[name]?.budgets ?? ONLY_QUICK);
}

const ONLY_QUICK: readonly BudgetName[] = ['quick'];

/** The recorded result of a recipe, read when it is opened. */
function useRecorded(name: string, budget: BudgetName | null): Recorded | undefined {
  const papers = usePapers();
  useEffect(() => {
    if (budget !== null) void papers.readRecorded(name, budget);
  }, [papers, name, budget]);
  return usePapersState((s) => budget && s.recorded.get(recordedFile(name, budget))) ?? undefined;
}

/** Which of several budgets is shown. */
function BudgetsThere({
  label,
  budgets,
  shown,
  show,
}: { label: string; budgets: readonly BudgetName[]; shown: BudgetName | null } & {
  show: (budget: BudgetName) => void;
}) {
  if (budgets.length < 2) return null;
  return (
    <fieldset className="segments" aria-label={label}>
      {budgets.map((budget) => (
        <button
          key={budget}
          type="button"
          className="btn small"
          aria-pressed={budget === shown}
          onClick={() => show(budget)}
        >
          {budget}
        </button>
      ))}
    </fieldset>
  );
}

interface SideProps {
  recipe: Recipe;
  /** Below the verdict. */
  children?: ReactNode;
  whose: string;
  result: RecipeResult | null;
  none: string;
  isShown: boolean;
  show: () => void;
}

/** A verdict in short, and whether its figures are the ones below. */
function VerdictSide({ recipe, whose, result, none, isShown, show, children }: SideProps) {
  const summary = useMemo(
    () => (result === null ? null : summaryOf(recipe, result)),
    [recipe, result],
  );
  return (
    <div className="claims-side" data-whose={whose}>
      <h4>{whose}</h4>
      {summary === null ? (
        <p className="muted">{none}</p>
      ) : (
        <>
          <p className="claims-line">
            <VerdictWords {...summary} />
          </p>
          {summary.headline !== null && <p className="num">{headlineText(summary.headline)}</p>}
          <p className="claims-line">
            <span className="muted num">{seedsText(summary)}</span>
            <button type="button" className="btn small" aria-pressed={isShown} onClick={show}>
              {isShown ? 'Shown below' : 'Show below'}
            </button>
          </p>
        </>
      )}
      {children}
    </div>
  );
}

/** Experiments behind a result, of its first seed. */
function runsOf(recipe: Recipe, result: RecipeResult): FigureRun[] {
  const seed = result.units[0]?.seed;
  const runs = result.units.filter((unit) => unit.seed === seed).flatMap((unit) => unit.runs);
  return runs.map(({ variant, experiment }) => ({
    name: recipe.variants.find(({ id }) => id === variant)?.label ?? variant,
    experiment,
  }));
}

interface ResultProps {
  recipe: Recipe;
  result: RecipeResult;
  isOwn: boolean;
}

/** Figures of a result beside what the paper prints, then its effects and what they rest on. */
function Result({ recipe, result, isOwn }: ResultProps) {
  const verdict = useMemo(() => verdictOf(recipe, result), [recipe, result]);
  const runs = useMemo(() => runsOf(recipe, result), [recipe, result]);
  const name = `switchyard-${recipe.name}`;
  // A few sentences leave the width to the figures.
  const isShort = printsWordsAlone(recipe);
  return (
    <>
      {isShort && <Printed recipe={recipe} />}
      <div className={isShort ? undefined : 'claims-beside'}>
        <div className={isShort ? 'claims-own wide' : 'claims-own'}>
          <h4>
            <span className={isOwn ? 'tag accent' : 'tag'}>{isOwn ? 'yours' : 'recorded'}</span>{' '}
            {isOwn ? 'run in this browser' : 'run before, shipped with the page'}
          </h4>
          {recipe.figures.map((spec) => (
            <OwnFigure key={spec.id} recipe={recipe} spec={spec} result={result} runs={runs} />
          ))}
        </div>
        {!isShort && <Printed recipe={recipe} />}
      </div>
      {verdict.primary !== null && (
        <Effect
          effect={verdict.primary}
          name={`${name}-effect`}
          onPapersSide={verdict.onPapersSide}
          runs={runs}
          isPrimary
        />
      )}
      <Decide recipe={recipe} verdict={verdict} result={result} isOwn={isOwn} />
      {verdict.shown.length > 0 && (
        <div className="claims-shown">
          {verdict.shown.map((effect) => (
            <Effect
              key={effect.id}
              effect={effect}
              name={`${name}-${effect.id}`}
              onPapersSide={false}
              runs={runs}
              isPrimary={false}
            />
          ))}
        </div>
      )}
      <RunColumns recipe={recipe} result={result} runs={runs} />
      <Provenance recipe={recipe} result={result} isOwn={isOwn} />
    </>
  );
}

function recordedText(recorded: Recorded | undefined): string {
  if (recorded?.state === 'failed') return `Could not be read: ${recorded.reason}`;
  if (recorded?.state === 'read') return 'Nothing is recorded of this claim yet.';
  return 'Being read…';
}

/** A claim: what the paper says, verdicts, figures beside the printed numbers, and how to run it. */
export function Opened({ recipe, value, set }: OpenedProps) {
  const budgets = useBudgets(recipe.name);
  const chosen = budgets?.find((budget) => budget === value.recorded);
  const kept = chosen ?? budgets?.at(-1) ?? null;
  const recorded = useRecorded(recipe.name, kept);
  const all = usePapersState((s) => s.own);
  const mine = useMemo(() => ownResults(all, recipe.name), [all, recipe.name]);
  const own = mine.find(({ budget }) => budget === value.mine) ?? mine.at(-1) ?? null;
  const stored = recorded?.state === 'read' ? recorded.result : null;
  const isOwn = own !== null && (value.shown === 'own' || stored === null);
  const result = isOwn ? own : stored;
  return (
    <LevelContext value="h4">
      <p className="claims-claim">{recipe.claim}</p>
      {recipe.remark !== '' && <p className="muted">Here: {recipe.remark}</p>}
      <div className="claims-sides">
        <VerdictSide
          recipe={recipe}
          whose="Recorded"
          result={stored}
          none={recordedText(recorded)}
          isShown={result !== null && !isOwn}
          show={() => set({ shown: 'recorded' })}
        >
          <BudgetsThere
            label="Recorded budget"
            budgets={budgets ?? []}
            shown={kept}
            show={(budget) => set({ recorded: budget, shown: 'recorded' })}
          />
        </VerdictSide>
        <VerdictSide
          recipe={recipe}
          whose="Yours"
          result={own}
          none="Not run in this browser yet."
          isShown={isOwn}
          show={() => set({ shown: 'own' })}
        >
          <BudgetsThere
            label="Budget of yours"
            budgets={mine.map(({ budget }) => budget)}
            shown={own?.budget ?? null}
            show={(budget) => set({ mine: budget, shown: 'own' })}
          />
          <StartNow recipe={recipe} budget={value.budget} />
        </VerdictSide>
      </div>
      {result === null ? (
        <Printed recipe={recipe} />
      ) : (
        <Result recipe={recipe} result={result} isOwn={isOwn} />
      )}
      <Start
        recipe={recipe}
        pilots={[own, stored]}
        budget={value.budget}
        choose={(budget) => set({ budget })}
      />
      <Held recipe={recipe} result={result} budget={value.budget} />
      <Instruments recipe={recipe} />
    </LevelContext>
  );
}
