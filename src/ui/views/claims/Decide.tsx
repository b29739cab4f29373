import { counted } from '../../../config/plural.ts';
import { wholeSeedsOf } from '../../../recipes/merge.ts';
import type { Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { nextSeeds, type Verdict } from '../../../recipes/verdict.ts';
import type { QueueRequest } from '../../../worker/api.ts';
import { estimateText, StartWork, useEstimate } from '../../kit/StartWork.tsx';
import { claimName } from './words.ts';

interface DecideProps {
  recipe: Recipe;
  verdict: Verdict;
  result: RecipeResult;
  /** Whether the result is this browser's: its seeds count then, else all have to be run here. */
  isOwn: boolean;
}

/** What would decide an undecided claim: a button that queues the missing seeds. */
export function Decide({ recipe, verdict, result, isOwn }: DecideProps) {
  const { missing, words } = verdict;
  const seeds = wholeSeedsOf(recipe, result);
  const total = missing === null ? 0 : missing + (isOwn ? 0 : seeds.length);
  const request: QueueRequest | null =
    missing === null
      ? null
      : {
          ...{ kind: 'recipe', name: recipe.name, budget: result.budget },
          seeds: isOwn ? nextSeeds(seeds, total) : nextSeeds([], total),
        };
  const estimated = useEstimate(request);
  if (!words.includes('undecided')) return null;
  if (missing === null)
    return (
      <p className="claims-line muted">
        {verdict.primary?.judged.test === 'refused'
          ? `Not tested: ${verdict.primary.judged.message}. More seeds do not change that.`
          : 'What would decide: no number of seeds up to 1,000 would, at the spread seen.'}
      </p>
    );
  return (
    <p className="claims-line claims-decide">
      <span>
        What would decide: {counted(missing + seeds.length, 'seed')} at the spread seen
        {isOwn ? `, ${missing} more` : ', run here'}.
      </span>
      <StartWork
        request={request}
        name={claimName(recipe)}
        estimated={estimated}
        className="btn small"
      >
        Queue {counted(total, isOwn ? 'missing seed' : 'seed')}
      </StartWork>
      <span className="muted num">{estimateText(estimated)}</span>
    </p>
  );
}
